//! What a person lets an agent do, and the one gate in front of every act.
//!
//! INVARIANT: no agent's order passes without an active mandate, and none passes a limit: limits of a day are
//! reserved by conditional updates before anything leaves (`budget.rs`).
//! INVARIANT: what a mandate permits grows only by the person's own, freshly proven session (`service::change`).

mod act;
mod approvals;
mod budget;
mod checks;
mod gate;
mod hours;
mod instruments;
mod kill_switch;
mod model;
mod routes;
mod service;
mod store;
mod terms;
#[cfg(test)]
mod tests;

pub use act::{Act, Action, Facts, Mode, OrderType, Price, RULES, Reason, Verdict};
pub use approvals::{Approval, ApprovalId, Ended, OrderView, Outcome, order_hash};
pub use instruments::is_symbol;
pub use kill_switch::{KillSwitch, Scope};
pub use model::{AccountFacts, Config, Directory, Error, Limits, Mandate, MandateId, Status, Terms, Usage};
pub use service::Mandates;
