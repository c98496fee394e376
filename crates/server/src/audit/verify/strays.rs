//! Rows without a proper place: below 1, or none. They come first, so that the report names them before the hole
//! which they leave.

use super::{BATCH, Walk, event_id};
use crate::audit::store;
use crate::kernel::{At, Conn, db, minutes};

impl Walk<'_> {
    /// No row ever has a place below 1.
    pub(super) async fn misplaced(&mut self, conn: &mut Conn) -> Result<(), db::Error> {
        let mut after = i64::MIN;
        loop {
            let rows = store::linked_between(conn, after, 1, BATCH).await?;
            for row in &rows {
                let link = row.link.unwrap_or_default();
                self.strays.insert(row.id);
                self.find("misplaced", Some(row), format!("link {link}: places count from 1"));
                self.content(row);
                after = link;
            }
            (self.progress)(self.rows);
            if rows.len() < BATCH as usize {
                return Ok(());
            }
        }
    }

    /// How many rows have no place. A running server gives one within a second.
    pub(super) async fn unlinked(&mut self, conn: &mut Conn) -> Result<u64, db::Error> {
        let late = At(self.audit.0.kernel.clock.now().0 - micros());
        let mut after = (At(i64::MIN), uuid::Uuid::nil());
        let mut count = 0;
        loop {
            let rows = store::unlinked(conn, after, BATCH).await?;
            for row in &rows {
                count += 1;
                self.strays.insert(row.id);
                if row.at < late {
                    let detail = format!(
                        "{} is older than a minute and has no place in the log: its link was taken away, or the \
                         server has not run since (start it, then verify again)",
                        event_id(row.id)
                    );
                    self.find("unlinked", Some(row), detail);
                }
                self.content(row);
                after = (row.at, row.id);
            }
            (self.progress)(self.rows);
            if rows.len() < BATCH as usize {
                return Ok(count);
            }
        }
    }
}

fn micros() -> i64 {
    i64::try_from(minutes(1).as_micros()).unwrap_or(i64::MAX)
}
