//! The port by which the sessions of a principal are found.

use super::BoxFuture;
use crate::error::StoreError;
use crate::id::StoreKey;
use crate::record::Record;

/// Finds the sessions of a principal, in a store whose records and updates say whose a session is ([`Record::principal`],
/// [`Update::principal_change`](super::Update::principal_change)).
///
/// The store keeps the index itself. Its rules, which the conformance suite checks, too:
///
/// 1. **No live session is missing.** From the moment that a call which makes a session this principal's is answered, until the session ends or is
///    somebody else's, it is listed: under its key, and while it is being renamed under the old or the new one. So it is, too, if the
///    store or its client fails at any point of that call.
/// 2. **What is over is not listed**: a session that has ended, or is another's.
/// 3. **The index is no larger than its sessions**, but for what ended a while ago.
pub trait PrincipalIndex: Send + Sync {
    /// The live sessions of a principal, in any order.
    ///
    /// # Errors
    ///
    /// Where the store could not answer.
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>>;

    /// Makes every call fail that is about to give this principal a session, and has announced that to the index before it stores it.
    ///
    /// A store that lists a session in the same step in which it stores it has nothing to do.
    ///
    /// # Errors
    ///
    /// Where the store could not answer.
    fn call_off<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;
}

/// One of a principal's sessions.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OwnedSession {
    /// What the store knows it by.
    pub key: StoreKey,
    /// What is stored.
    pub record: Record,
}

impl OwnedSession {
    /// A session that is under this key.
    #[must_use]
    pub const fn new(key: StoreKey, record: Record) -> Self {
        Self { key, record }
    }
}
