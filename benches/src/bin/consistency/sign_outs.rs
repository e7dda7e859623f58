//! A sign-out, and a request that began before it and writes after it.

use std::net::SocketAddr;

use super::{
    Outcome,
    client::Connection,
    gate,
    subjects::{NAME, SIGN_OUT_PATH, SLOW_PATH, USER_PATH},
};
use session_benches::Result;

pub(super) const SIGN_OUTS: usize = 100;

/// The sessions whose cookie is still signed in after that.
pub(super) async fn race(servers: &[SocketAddr]) -> Result<Outcome> {
    let (Some(first), Some(last)) = (servers.first(), servers.last()) else {
        return Err("no server".into());
    };
    let mut slow = Connection::open(*first).await?;
    let mut gatekeeper = Connection::open(*first).await?;
    let mut visitor = Connection::open(*last).await?;
    let mut outcome = Outcome::default();
    for _ in 0..SIGN_OUTS {
        let cookie = visitor.sign_in().await?;
        if visitor.get(USER_PATH, Some(&cookie)).await?.text != NAME {
            return Err("a sign-in signs nobody in".into());
        }
        let slow = slow.start(SLOW_PATH, Some(&cookie)).await?;
        gatekeeper.get(gate::ARRIVED_PATH, None).await?;
        let signed_out = visitor.get(SIGN_OUT_PATH, Some(&cookie)).await?;
        gatekeeper.get(gate::OPEN_PATH, None).await?;
        let wrote = slow.await??;
        outcome.errors += usize::from(signed_out.is_error) + usize::from(wrote.is_error);
        let is_back = visitor.get(USER_PATH, Some(&cookie)).await?.text == NAME;
        outcome.figure += usize::from(is_back);
    }
    Ok(outcome)
}
