//! The slice's routes, gathered from its parts.

use utoipa_axum::router::OpenApiRouter;

use super::{chat, conversations, registry};
use crate::app::App;

pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new().merge(registry::routes()).merge(conversations::routes()).merge(chat::routes())
}
