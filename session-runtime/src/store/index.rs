//! The port by which the sessions of a principal are found.

use super::BoxFuture;
use crate::error::StoreError;
use crate::id::StoreKey;
use crate::record::Record;

/// Finds the sessions of a principal.
///
/// A record says whose a session is ([`Record::principal`]), and an update what becomes of that
/// ([`Update::principal_change`](super::Update::principal_change)); the store keeps the index by it. Its rules, which the conformance suite checks,
/// too:
///
/// 1. **No live session is missing.** As soon as the call is answered that made a session this principal's, the session is listed, until it ends or
///    becomes somebody else's: under its key, and during a rename under the old or the new one. It is listed as well if the store or its
///    client failed at any point of that call and the session was stored.
/// 2. **What is over is not listed**: a session that has ended, or is another's.
/// 3. **The index is no larger than its sessions**, but for what ended a while ago.
pub trait PrincipalIndex: Send + Sync {
    /// The live sessions of a principal, in any order.
    ///
    /// # Errors
    ///
    /// Where the store could not answer.
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>>;

    /// Makes calls fail that have announced a session of this principal to the index, and have not stored it yet.
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
