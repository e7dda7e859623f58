//! What a request has the Redis server do, by the server's own count.

use session_servers::Redis;

use super::visitor::Visitor;
use crate::{Result, case::Case};

/// Requests of which the figures are the mean.
const REQUESTS: u32 = 500;

/// What one request sends to Redis.
#[derive(Clone, Copy, Default)]
pub(super) struct Traffic {
    /// Without those that a function calls.
    pub(super) commands: f64,
    pub(super) bytes: f64,
}

/// Asks the same visitor's server time and again, one request after the other, while nobody else does.
pub(super) async fn traffic(redis: &Redis, visitor: &mut Visitor, case: Case) -> Result<Traffic> {
    let request = visitor.request(case.path());
    visitor.ask(case, &request).await?;
    let before = bytes(redis)?;
    let mut monitor = redis.monitor()?;
    for _ in 0..REQUESTS {
        visitor.ask(case, &request).await?;
    }
    let commands = monitor.seen()?.iter().filter(|line| !is_of_a_function(line)).count();
    let bytes = bytes(redis)? - before;
    let each = |count: f64| count / f64::from(REQUESTS);
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let traffic = Traffic { commands: each(commands as f64), bytes: each(bytes) };
    Ok(traffic)
}

/// A line of `MONITOR` says where a command came from before it says which.
pub(crate) fn is_of_a_function(line: &str) -> bool {
    line.split('"').next().is_some_and(|origin| origin.ends_with(" lua] "))
}

/// All that the server has ever received.
fn bytes(redis: &Redis) -> Result<f64> {
    let info = redis.command(&["INFO", "stats"])?.text();
    let line = info.lines().find_map(|line| line.strip_prefix("total_net_input_bytes:"));
    Ok(line.ok_or("the server does not count its bytes")?.trim().parse()?)
}
