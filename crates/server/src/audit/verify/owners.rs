//! Each owner's numbers: dense from 1 to the counter.

use super::{Finding, Walk, event_id};
use crate::audit::store::{self, Numbers};
use crate::kernel::{Conn, db};

impl Walk<'_> {
    pub(super) async fn owners(&mut self, conn: &mut Conn) -> Result<(), db::Error> {
        for numbers in store::uneven_owners(conn).await? {
            let first = store::first_uneven(conn, &numbers).await?;
            let Numbers { owner, counter, rows, highest, .. } = numbers;
            let (event_id, link) = first.map_or((None, None), |row| (Some(event_id(row.id)), row.link));
            let kind = if rows < counter && highest <= counter { "dropped" } else { "inserted" };
            let detail = format!(
                "{owner}: {counter} rows were written, {rows} are there, the last is number {highest}"
            );
            self.findings.push(Finding { kind, event_id, link, detail });
        }
        Ok(())
    }
}
