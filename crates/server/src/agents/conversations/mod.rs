//! What people and agents said to each other.
//!
//! INVARIANT: every statement names the owner; another person's conversation is not found (`store`).
//! INVARIANT: a temporary conversation is in no list and is deleted for good when its time is over (`service::sweep`).

mod export;
mod model;
mod routes;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub(super) use model::{Conversation, Failure, Message, MessageView, Status, title_of};
pub(super) use routes::routes;
pub(super) use store::{
    end_message, extend, find as find_conversation, insert as insert_conversation, insert_message, messages,
};
