//! What a store's author tests with.

mod fault;

pub use fault::{Call, Fault, FaultStore};
