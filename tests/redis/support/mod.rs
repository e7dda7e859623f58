//! What the tests of `RedisStore` share: ways to reach Redis, and applications over servers of their own.

pub(crate) mod functions;
mod rights;
mod watched;
pub(crate) mod ways;

pub(crate) use rights::{allow, as_user};
pub(crate) use session_tests::proxy::{Fault, Proxy};
pub(crate) use session_tests::{PREFIX, in_time, told, until};
pub(crate) use watched::{Watched, name_of};

/// One browser of an application over a `RedisStore`.
pub(crate) type Guest = session_tests::Guest<session_runtime::RedisStore>;
