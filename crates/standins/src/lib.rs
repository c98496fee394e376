//! Stand-ins for the outside world, for tests and demonstrations: they speak the real protocols, keep what they
//! were told in memory, and can be told to misbehave. Never a dependency of the released binary.

pub mod ndollar;
pub mod openai;
