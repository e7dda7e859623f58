//! A load: what it asks Redis, and what the answer says.

use std::time::Duration;

use redis::{Cmd, RedisResult, Value};

use super::header::Header;
use super::layout::Held;
use super::link::Link;
use super::{reply, script};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::expiry::Roll;

/// `HGETALL`, or the script that extends a session while it loads it.
pub(super) struct Question {
    command: Cmd,
    may_roll: bool,
}

impl Question {
    pub(super) fn new(name: &str, roll: Option<Roll>, now: Timestamp) -> Self {
        let Some(roll) = roll else {
            let mut command = Cmd::with_capacity(2, name.len() + 8);
            command.arg("HGETALL").arg(name);
            return Self { command, may_roll: false };
        };
        let header = Header::new()
            .moment(roll.now + roll.idle)
            .number(millis(roll.threshold))
            // Zero is no limit.
            .number(roll.limit.map_or(0, |limit| millis(limit).max(1)))
            .moment(now);
        let mut command = script::LOAD.over([name], 64);
        command.arg(header.as_bytes());
        Self { command, may_roll: true }
    }

    pub(super) async fn ask(&self, link: &Link) -> RedisResult<Value> {
        if self.may_roll { link.run(&script::LOAD, &self.command).await } else { link.send(&self.command).await }
    }

    /// What is there, and whether it was extended.
    pub(super) fn read(&self, answer: Value, now: Timestamp) -> Result<(Held, bool), StoreError> {
        if self.may_roll { reply::rolled(answer, now) } else { Ok((Held::read(answer, now)?, false)) }
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
