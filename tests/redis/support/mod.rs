//! What the tests of `RedisStore` share: ways to reach Redis, and an application over a server of its own.

mod prefix;
mod watched;
pub(crate) mod ways;

pub(crate) use prefix::prefix;
pub(crate) use watched::{PREFIX, Watched, key_of, name_of};
