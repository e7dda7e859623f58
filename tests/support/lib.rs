//! What the tests share: a browser's side, applications, crowds, stores that count and that fail, a network that
//! does, logs, and whether requests took effect one by one.

#![expect(
    missing_docs,
    missing_debug_implementations,
    clippy::missing_panics_doc,
    clippy::len_without_is_empty,
    clippy::new_without_default,
    reason = "only the tests of this package use it"
)]

mod accounts;
mod client;
mod clock;
mod counting;
mod crowd;
mod dice;
mod dropped;
mod fault;
mod files;
mod gate;
mod guest;
mod hex;
mod history;
mod kept;
mod logs;
mod prefix;
pub mod proxy;
mod scripted;
mod set_cookie;
mod shelf;
mod site;
mod visitor;
mod wait;

pub use accounts::{Account, Accounts, Heard, Told};
pub use client::{Answer, Client};
pub use clock::clock_at;
pub use counting::CountingStore;
pub use crowd::{Hit, Tally, crowd};
pub use dice::Dice;
pub use dropped::{dropped_after, fickle_clients};
pub use fault::Fault;
pub use files::{new_file, shared_file};
pub use gate::Gate;
pub use guest::{Guest, PREFIX, Timed, told};
pub use hex::{from_hex, hex};
pub use history::{Action, Number, Operation, first_broken, holding, is_linearizable};
pub use kept::{Keeping, Kept};
pub use logs::Logs;
pub use prefix::prefix;
pub use scripted::Scripted;
pub use shelf::Shelf;
pub use site::{Notes, Site, Visits, delta, routes};
pub use visitor::{Visitor, load};
pub use wait::{in_time, until};
