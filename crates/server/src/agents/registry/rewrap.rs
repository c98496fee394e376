//! Models' API keys after a rotation of the wrapping key.

use super::store;
use crate::agents::Error;
use crate::kernel::{Kernel, Rewrapped, key_of};

/// Re-wraps the API keys that are not under the current wrapping key.
pub async fn rewrap(kernel: &Kernel) -> Result<Rewrapped, Error> {
    let mut done = Rewrapped::default();
    for (id, text) in store::sealed(&mut kernel.db.read().await?).await? {
        match kernel.sealer.rewrap(&[&id.to_string(), "api_key"], &text).await {
            Ok(None) => {}
            Ok(Some(moved)) => {
                let mut tx = kernel.db.begin().await?;
                done.moved += store::move_key(&mut tx, id, &text, &moved).await?;
                tx.commit().await?;
            }
            Err(error) => done.failed.push((id.to_string(), error.to_string())),
        }
    }
    Ok(done)
}

/// How many API keys a wrapping key still holds.
pub async fn held_by(kernel: &Kernel, key_id: &str) -> Result<i64, Error> {
    let sealed = store::sealed(&mut kernel.db.read().await?).await?;
    Ok(sealed.iter().filter(|(_, text)| key_of(text) == key_id).count() as i64)
}
