//! Use cases of conversations.

use super::model::{Conversation, Message, MessageView};
use super::{export, store};
use crate::agents::model::ConversationId;
use crate::agents::{Agents, Error};
use crate::audit::Event;
use crate::kernel::{Acting, At, Page, Paged, Problem, UserId};

/// How many messages one read of an export takes.
const BATCH: i64 = 500;
/// How many expired conversations one sweep deletes.
const SWEEP: i64 = 200;

impl Agents {
    pub(super) async fn list_conversations(
        &self,
        user: UserId,
        page: &Page,
    ) -> Result<Paged<Conversation>, Problem> {
        let before = page.after::<(i64, ConversationId)>()?.map(|(at, id)| (At(at), id));
        let before = before.unwrap_or((At(i64::MAX), ConversationId(uuid::Uuid::max())));
        let mut conn = self.0.kernel.db.read().await?;
        let rows = store::list(&mut conn, user, before, page.limit() + 1).await?;
        Ok(Paged::from_rows(rows, page, |row| (row.updated_at.0, row.id)))
    }

    pub(super) async fn conversation(&self, user: UserId, id: ConversationId) -> Result<Conversation, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        store::find(&mut conn, user, id).await?.ok_or(Error::NotFound("conversation"))
    }

    /// Oldest first.
    pub(super) async fn list_messages(
        &self,
        user: UserId,
        id: ConversationId,
        page: &Page,
    ) -> Result<Paged<MessageView>, Problem> {
        let mut conn = self.0.kernel.db.read().await?;
        store::find(&mut conn, user, id).await?.ok_or(Error::NotFound("conversation"))?;
        let after = page.after::<i64>()?.unwrap_or(0);
        let rows = store::messages(&mut conn, user, id, after, page.limit() + 1).await?;
        Ok(Paged::from_rows(rows, page, |row| row.seq).map(MessageView::from))
    }

    pub(super) async fn rename(
        &self,
        user: UserId,
        id: ConversationId,
        title: &str,
    ) -> Result<Conversation, Error> {
        let title = title.trim();
        if title.is_empty() || title.chars().count() > 200 || title.chars().any(char::is_control) {
            return Err(Error::Invalid { field: "title", message: "1 to 200 characters on one line".into() });
        }
        let mut tx = self.0.kernel.db.begin().await?;
        if store::rename(&mut tx, user, id, title).await? == 0 {
            return tx.refuse(Error::NotFound("conversation")).await;
        }
        tx.commit().await?;
        self.conversation(user, id).await
    }

    /// For good. An answer in the making ends with it.
    pub(super) async fn delete_conversation(&self, caller: &Acting, id: ConversationId) -> Result<(), Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        if store::delete(&mut tx, caller.user, id).await? == 0 {
            return tx.refuse(Error::NotFound("conversation")).await;
        }
        self.0.audit.append(&mut tx, Event::new("conversation.deleted").by(caller).resource(id)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// The whole conversation with all its messages.
    pub(super) async fn export(
        &self,
        user: UserId,
        id: ConversationId,
    ) -> Result<(Conversation, Vec<Message>), Error> {
        let conversation = self.conversation(user, id).await?;
        let mut conn = self.0.kernel.db.read().await?;
        let mut all: Vec<Message> = Vec::new();
        loop {
            let after = all.last().map_or(0, |last| last.seq);
            let batch = store::messages(&mut conn, user, id, after, BATCH).await?;
            let more = batch.len() as i64 == BATCH;
            all.extend(batch);
            if !more {
                return Ok((conversation, all));
            }
        }
    }

    pub(super) async fn export_markdown(&self, user: UserId, id: ConversationId) -> Result<String, Error> {
        let (conversation, messages) = self.export(user, id).await?;
        Ok(export::markdown(&conversation, &messages))
    }

    /// Deletes temporary conversations whose time is over.
    pub(in crate::agents) async fn sweep(&self) -> Result<(), Error> {
        let now = self.0.kernel.clock.now();
        let over = store::expired(&mut self.0.kernel.db.read().await?, now, SWEEP).await?;
        for (user, id) in over {
            let mut tx = self.0.kernel.db.begin().await?;
            store::delete(&mut tx, user, id).await?;
            tx.commit().await?;
        }
        Ok(())
    }
}
