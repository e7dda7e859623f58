//! Requests that each add one to the same counter, all at once.

use std::{iter, net::SocketAddr};

use super::{
    Outcome,
    client::{all_at_once, connections},
    subjects::{ADD_PATH, COUNTER_PATH},
};
use session_benches::Result;

pub(super) const ADDITIONS: usize = 50;

/// The counter when all of them were answered.
pub(super) async fn race(servers: &[SocketAddr]) -> Result<Outcome> {
    let mut connections = connections(servers, ADDITIONS).await?;
    let cookie = connections[0].sign_in().await?;
    let errors = all_at_once(&mut connections, iter::repeat_n(ADD_PATH.to_owned(), ADDITIONS), &cookie).await?;
    let counter = connections[0].get(COUNTER_PATH, Some(&cookie)).await?;
    Ok(Outcome { figure: counter.text.parse()?, errors })
}
