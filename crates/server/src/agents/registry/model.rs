//! An agent as stored, as people see it and as admins do.

use serde::{Deserialize, Serialize};
use sqlx::types::Json;

use crate::agents::Error;
use crate::kernel::{AgentId, At, Secret, UserId};

/// What an agent may do at all; what it may do for a person is that person's mandate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Capability {
    Chat,
    Chart,
    Trade,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Provider {
    /// Fixed rules, no network.
    Scripted,
    /// Any server that speaks the OpenAI chat protocol.
    Openai,
}

impl Provider {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Scripted => "scripted",
            Self::Openai => "openai",
        }
    }
}

#[derive(Clone, sqlx::FromRow)]
pub struct Agent {
    pub id: AgentId,
    pub name: String,
    pub description: String,
    pub provider: String,
    pub model: String,
    pub base_url: Option<String>,
    /// Sealed.
    pub api_key: Option<String>,
    pub instructions: String,
    pub capabilities: Json<Vec<Capability>>,
    pub allow: Json<Vec<String>>,
    pub created_at: At,
    pub updated_at: At,
}

impl Agent {
    pub fn can(&self, capability: Capability) -> bool {
        self.capabilities.0.contains(&capability)
    }

    /// Whether this person may use it.
    pub(super) fn allows(&self, user: UserId, roles: &[String]) -> bool {
        self.allow.0.iter().any(|entry| match entry.strip_prefix("role:") {
            Some(role) => roles.iter().any(|has| has == role),
            None => entry == "*" || *entry == user.to_string(),
        })
    }
}

/// An agent as people see it: no instructions, no addresses.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = Agent)]
pub(super) struct View {
    pub agent_id: AgentId,
    pub name: String,
    pub description: String,
    pub provider: String,
    pub model: String,
    pub capabilities: Vec<Capability>,
}

impl From<Agent> for View {
    fn from(agent: Agent) -> Self {
        Self {
            agent_id: agent.id,
            name: agent.name,
            description: agent.description,
            provider: agent.provider,
            model: agent.model,
            capabilities: agent.capabilities.0,
        }
    }
}

/// An agent as admins see it; still without its key.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(as = AdminAgent)]
pub(super) struct AdminView {
    #[serde(flatten)]
    pub agent: View,
    pub base_url: Option<String>,
    pub has_api_key: bool,
    pub instructions: String,
    pub allow: Vec<String>,
    pub created_at: At,
    pub updated_at: At,
}

impl From<Agent> for AdminView {
    fn from(agent: Agent) -> Self {
        Self {
            base_url: agent.base_url.clone(),
            has_api_key: agent.api_key.is_some(),
            instructions: agent.instructions.clone(),
            allow: agent.allow.0.clone(),
            created_at: agent.created_at,
            updated_at: agent.updated_at,
            agent: agent.into(),
        }
    }
}

/// What an agent is made of; on a change, what is left out stays.
#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AgentDraft)]
pub(super) struct Draft {
    pub name: Option<String>,
    pub description: Option<String>,
    pub provider: Option<Provider>,
    /// The provider's name for the model.
    pub model: Option<String>,
    /// For `openai`: up to and with the version, as in `https://host/v1`.
    pub base_url: Option<String>,
    /// Kept sealed, never shown; empty to remove.
    #[schema(value_type = Option<String>)]
    pub api_key: Option<Secret<String>>,
    /// What the agent is told about its work.
    pub instructions: Option<String>,
    pub capabilities: Option<Vec<Capability>>,
    /// Who may use it: `*`, `role:<role>`, or ids of users.
    pub allow: Option<Vec<String>>,
}

impl Draft {
    /// Lays the draft over an agent; the key is the service's.
    pub(super) fn apply(&self, agent: &mut Agent) -> Result<(), Error> {
        let text = |field, value: &Option<String>, max: usize, into: &mut String| match value {
            Some(value) if value.chars().count() > max => {
                Err(Error::Invalid { field, message: format!("at most {max} characters") })
            }
            Some(value) => {
                value.trim().clone_into(into);
                Ok(())
            }
            None => Ok(()),
        };
        text("name", &self.name, 80, &mut agent.name)?;
        text("description", &self.description, 400, &mut agent.description)?;
        text("model", &self.model, 200, &mut agent.model)?;
        text("instructions", &self.instructions, 20_000, &mut agent.instructions)?;
        if let Some(provider) = self.provider {
            provider.name().clone_into(&mut agent.provider);
        }
        if let Some(url) = &self.base_url {
            agent.base_url = Some(url.trim().to_owned()).filter(|url| !url.is_empty());
        }
        if let Some(capabilities) = &self.capabilities {
            agent.capabilities.0.clone_from(capabilities);
        }
        if let Some(allow) = &self.allow {
            agent.allow.0.clone_from(allow);
        }
        check(agent)
    }
}

fn check(agent: &Agent) -> Result<(), Error> {
    let invalid = |field, message: &str| Err(Error::Invalid { field, message: message.into() });
    if agent.name.is_empty() {
        return invalid("name", "must not be empty");
    }
    if let Some(entry) = agent.allow.0.iter().find(|entry| !is_allow(entry)) {
        let entry: String = entry.chars().take(40).collect();
        return Err(Error::Invalid {
            field: "allow",
            message: format!("{entry:?} is not *, role:<role> or a user's id"),
        });
    }
    if agent.provider != "openai" {
        return Ok(());
    }
    if agent.model.is_empty() {
        return invalid("model", "the provider needs the name of a model");
    }
    let url = agent.base_url.as_deref().and_then(|url| url::Url::parse(url).ok());
    match url {
        Some(url) if !matches!(url.scheme(), "http" | "https") => {
            invalid("base_url", "must begin with http or https")
        }
        Some(url) if !url.username().is_empty() || url.password().is_some() => {
            invalid("base_url", "must not hold credentials: use api_key")
        }
        Some(url) if url.query().is_some() || url.fragment().is_some() => {
            invalid("base_url", "must end with its path")
        }
        Some(_) => Ok(()),
        None => invalid("base_url", "the provider needs an address such as https://host/v1"),
    }
}

fn is_allow(entry: &str) -> bool {
    entry == "*"
        || entry.strip_prefix("role:").is_some_and(|role| !role.is_empty() && role.len() <= 60)
        || entry.parse::<UserId>().is_ok()
}
