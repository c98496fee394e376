//! The slice's routes, gathered from its parts.

use utoipa_axum::router::OpenApiRouter;

use super::{Agents, chat, conversations, registry};

impl Agents {
    /// The slice's routes, over this state.
    pub fn routes(self) -> OpenApiRouter {
        OpenApiRouter::new()
            .merge(registry::routes())
            .merge(conversations::routes())
            .merge(chat::routes())
            .with_state(self)
    }
}
