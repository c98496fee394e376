//! Moving secrets to the current wrapping key after a rotation.
//!
//! INVARIANT: a row is moved by a conditional update on the text that was read, so that a secret which is replaced
//! meanwhile is left alone; what was moved is not visited again, so a run that was cut off is simply begun anew.

use super::connections::store;
use super::{Error, Vault};
use crate::kernel::Rewrapped;

/// Rows read, written and committed at once.
const BATCH: i64 = 200;

impl Vault {
    /// Re-wraps what is not under the current key; `progress` is told the number of rows moved so far.
    pub async fn rewrap(&self, mut progress: impl FnMut(u64)) -> Result<Rewrapped, Error> {
        let sealer = &self.kernel.sealer;
        let current = sealer.current_key();
        let mut done = Rewrapped::default();
        let mut after = None;
        loop {
            let due = store::due(&mut self.kernel.db.read().await?, &current, after, BATCH).await?;
            let Some(last) = due.last() else { return Ok(done) };
            after = Some((last.user_id, last.id));
            let mut moved = Vec::with_capacity(due.len());
            for row in due {
                match sealer.rewrap(&row.parts().bound(), &row.sealed).await {
                    Ok(Some(text)) => moved.push((row, text)),
                    Ok(None) => {}
                    Err(error) => done.failed.push((row.id.to_string(), error.to_string())),
                }
            }
            let mut tx = self.kernel.db.begin().await?;
            for (row, text) in &moved {
                done.moved += store::move_text(&mut tx, row, text).await?;
            }
            tx.commit().await?;
            progress(done.moved);
        }
    }

    /// How many secrets a wrapping key still holds.
    pub async fn held_by(&self, key_id: &str) -> Result<i64, Error> {
        Ok(store::count_by_key(&mut self.kernel.db.read().await?, key_id).await?)
    }
}
