//! Use cases of the registry, and the model that an agent runs on.

use std::sync::Arc;
use std::time::Duration;

use mandate_llm::{Model, openai, scripted};
use serde_json::json;
use sqlx::types::Json;

use super::model::{Agent, Capability, Draft};
use super::store;
use crate::agents::{Agents, DEMO_AGENT, Error};
use crate::audit::Event;
use crate::kernel::{Acting, AgentId, At, Secret, UserId, db};

impl Agents {
    /// The demo agent, made at the first start; one that was deleted does not come back.
    pub(in crate::agents) async fn ensure_demo(&self) -> Result<(), db::Error> {
        let at = self.0.kernel.clock.now();
        let demo = Agent {
            id: DEMO_AGENT,
            name: "Demo trader".into(),
            description:
                "A scripted agent that charts, answers and trades within your mandate. No model behind it."
                    .into(),
            provider: "scripted".into(),
            model: "scripted".into(),
            base_url: None,
            api_key: None,
            instructions: String::new(),
            capabilities: Json(vec![Capability::Chat, Capability::Chart, Capability::Trade]),
            allow: Json(vec!["*".into()]),
            created_at: at,
            updated_at: at,
        };
        let mut tx = self.0.kernel.db.begin().await?;
        if store::insert(&mut tx, &demo).await? {
            self.0.audit.append(&mut tx, Event::new("agent.created").resource(DEMO_AGENT)).await?;
        }
        tx.commit().await
    }

    /// An agent that this caller may use; any other is not found.
    pub(in crate::agents) async fn usable(&self, caller: &Acting, id: AgentId) -> Result<Agent, Error> {
        let agent = store::find(&mut self.0.kernel.db.read().await?, id).await?;
        agent.filter(|agent| agent.allows(caller.user, &caller.roles)).ok_or(Error::NotFound("agent"))
    }

    /// Whether there is such an agent and this person may use it; for mandates that name one.
    pub async fn is_usable_by(&self, user: UserId, id: AgentId) -> Result<bool, Error> {
        let mut conn = self.0.kernel.db.read().await?;
        let Some(agent) = store::find(&mut conn, id).await? else { return Ok(false) };
        let person = self.0.accounts.find(&mut conn, user).await?;
        Ok(person.is_some_and(|person| agent.allows(user, &person.roles.0)))
    }

    /// All that this caller may use; there are few.
    pub(super) async fn list_usable(&self, caller: &Acting) -> Result<Vec<Agent>, Error> {
        let all = store::list(&mut self.0.kernel.db.read().await?, None, 1_000).await?;
        Ok(all.into_iter().filter(|agent| agent.allows(caller.user, &caller.roles)).collect())
    }

    pub(super) async fn list_all(
        &self,
        after: Option<(At, AgentId)>,
        limit: i64,
    ) -> Result<Vec<Agent>, Error> {
        Ok(store::list(&mut self.0.kernel.db.read().await?, after, limit).await?)
    }

    pub(super) async fn get(&self, id: AgentId) -> Result<Agent, Error> {
        store::find(&mut self.0.kernel.db.read().await?, id).await?.ok_or(Error::NotFound("agent"))
    }

    pub(super) async fn create(&self, caller: &Acting, draft: Draft) -> Result<Agent, Error> {
        let at = self.0.kernel.clock.now();
        let mut agent = Agent {
            id: AgentId::new(self.0.kernel.rng, at),
            name: String::new(),
            description: String::new(),
            provider: "scripted".into(),
            model: String::new(),
            base_url: None,
            api_key: None,
            instructions: String::new(),
            capabilities: Json(vec![Capability::Chat]),
            allow: Json(vec!["*".into()]),
            created_at: at,
            updated_at: at,
        };
        draft.apply(&mut agent)?;
        self.seal_key(&mut agent, draft.api_key).await?;
        let mut tx = self.0.kernel.db.begin().await?;
        store::insert(&mut tx, &agent).await?;
        let row = Event::new("agent.created").by(caller).resource(agent.id).details(summary(&agent));
        self.0.audit.append(&mut tx, row).await?;
        tx.commit().await?;
        Ok(agent)
    }

    pub(super) async fn change(&self, caller: &Acting, id: AgentId, draft: Draft) -> Result<Agent, Error> {
        let mut agent = self.get(id).await?;
        let read_at = agent.updated_at;
        let moved = draft.base_url.is_some() && draft.base_url != agent.base_url;
        draft.apply(&mut agent)?;
        if moved && draft.api_key.is_none() && agent.api_key.is_some() {
            // else a changed address would be sent the key of the old one
            let message = "a new base_url needs its api_key with it".into();
            return Err(Error::Invalid { field: "api_key", message });
        }
        self.seal_key(&mut agent, draft.api_key).await?;
        agent.updated_at = At(self.0.kernel.clock.now().0.max(read_at.0 + 1));
        let mut tx = self.0.kernel.db.begin().await?;
        if store::update(&mut tx, &agent, read_at).await? == 0 {
            return tx.refuse(Error::NotFound("agent")).await;
        }
        let row = Event::new("agent.changed").by(caller).resource(id).details(summary(&agent));
        self.0.audit.append(&mut tx, row).await?;
        tx.commit().await?;
        Ok(agent)
    }

    pub(super) async fn delete(&self, caller: &Acting, id: AgentId) -> Result<(), Error> {
        let mut tx = self.0.kernel.db.begin().await?;
        if store::delete(&mut tx, id, self.0.kernel.clock.now()).await? == 0 {
            return tx.refuse(Error::NotFound("agent")).await;
        }
        self.0.audit.append(&mut tx, Event::new("agent.deleted").by(caller).resource(id)).await?;
        tx.commit().await?;
        Ok(())
    }

    async fn seal_key(&self, agent: &mut Agent, key: Option<Secret<String>>) -> Result<(), Error> {
        let Some(key) = key else { return Ok(()) };
        let id = agent.id.to_string();
        agent.api_key = match key.expose().trim() {
            "" => None,
            key => Some(self.0.kernel.sealer.seal(&[&id, "api_key"], key.as_bytes()).await?),
        };
        Ok(())
    }

    /// What the agent runs on, ready to be asked.
    pub(in crate::agents) async fn model_of(&self, agent: &Agent) -> Result<Arc<dyn Model>, Error> {
        let Some(base_url) = agent.base_url.as_ref().filter(|_| agent.provider == "openai") else {
            let pace = Duration::from_millis(self.0.config.scripted_pace_ms);
            return Ok(Arc::new(scripted::Scripted { pace }));
        };
        let key = match &agent.api_key {
            Some(sealed) => {
                let opened = self.0.kernel.sealer.open(&[&agent.id.to_string(), "api_key"], sealed).await?;
                opened.into_text().ok()
            }
            None => None,
        };
        let config = openai::Config::new(base_url, &agent.model, key);
        Ok(Arc::new(openai::OpenAi::new(self.0.kernel.http.clone(), config)))
    }
}

/// What the audit log keeps of an agent: no instructions, no key.
fn summary(agent: &Agent) -> serde_json::Value {
    json!({
        "name": agent.name, "provider": agent.provider, "model": agent.model, "base_url": agent.base_url,
        "capabilities": agent.capabilities.0, "allow": agent.allow.0, "has_api_key": agent.api_key.is_some(),
    })
}
