//! The stores that connect to something first: ours, and the peer's over the same.

pub mod ours;
pub mod tower_sessions;
