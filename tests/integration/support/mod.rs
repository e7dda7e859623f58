//! What the tests share: a browser's side, an application, stores that count and that fail, and what was logged.

mod client;
mod clock;
mod counting;
mod dice;
mod fault;
mod gate;
mod hex;
mod kept;
mod logs;
mod scripted;
mod set_cookie;
mod site;
mod visitor;

pub(crate) use client::{Answer, Client};
pub(crate) use clock::clock_at;
pub(crate) use counting::CountingStore;
pub(crate) use dice::Dice;
pub(crate) use fault::Fault;
pub(crate) use gate::Gate;
pub(crate) use hex::{from_hex, hex};
pub(crate) use kept::{Keeping, Kept, over_every_keyed_store, over_every_store};
pub(crate) use logs::Logs;
pub(crate) use scripted::Scripted;
pub(crate) use site::{Notes, Site, Visits, delta, routes};
pub(crate) use visitor::{Visitor, load};
