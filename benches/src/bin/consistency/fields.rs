//! Requests that each change a field of their own, all at once.

use std::net::SocketAddr;

use super::{
    Outcome,
    client::{all_at_once, connections},
    subjects::FIELDS_PATH,
};
use session_benches::Result;

const ROUNDS: usize = 200;
pub(super) const FIELDS: usize = 8;

/// Of how many writes the outcome is.
pub(super) const WRITES: usize = ROUNDS * FIELDS;

/// The writes that are there when their round is over.
pub(super) async fn race(servers: &[SocketAddr]) -> Result<Outcome> {
    let mut connections = connections(servers, FIELDS).await?;
    let cookie = connections[0].sign_in().await?;
    let mut outcome = Outcome::default();
    for round in 1..=ROUNDS {
        let paths = (0..FIELDS).map(|field| format!("/set/{field}/{round}"));
        outcome.errors += all_at_once(&mut connections, paths, &cookie).await?;
        let fields = connections[0].get(FIELDS_PATH, Some(&cookie)).await?;
        let written = round.to_string();
        outcome.figure += fields.text.split(' ').filter(|field| *field == written).count();
    }
    Ok(outcome)
}
