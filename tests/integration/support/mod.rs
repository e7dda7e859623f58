//! What the tests share: a browser's side, a store that counts, and what was logged.

mod client;
mod counting;
mod logs;

pub(crate) use client::{Answer, Client};
pub(crate) use counting::{Calls, CountingStore};
pub(crate) use logs::Logs;
