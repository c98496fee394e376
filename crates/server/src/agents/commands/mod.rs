//! An agent's commands: chart commands are the client's to obey, trading commands become decisions.
//!
//! INVARIANT: a command that is not understood to its last parameter is refused, never carried out in part
//! (`order::PlaceOrder` knows all its fields).

mod carry_out;
mod order;
mod sentence;

#[cfg(test)]
mod tests;
