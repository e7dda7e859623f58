//! What the tests of `RedisStore` share: ways to reach Redis, and applications over servers of their own, a proxy to
//! one, and waiting for what servers do.

pub(crate) mod functions;
mod guest;
mod proxy;
mod rights;
mod watched;
pub(crate) mod ways;

pub(crate) use guest::{Guest, told};
pub(crate) use proxy::{Fault, Proxy};
pub(crate) use rights::{allow, as_user};
pub(crate) use session_tests::{in_time, until};
pub(crate) use watched::{PREFIX, Watched, name_of};
