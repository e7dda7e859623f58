//! The seam between the registry and whatever keeps sessions.

use crate::error::{SessionError, StoreError};
use crate::id::StoreKey;
use crate::store::{BoxFuture, OwnedSession};

/// Finds and ends the sessions of a principal. Every [`SessionStore`](crate::SessionStore) with an index is one.
pub trait Sessions: Send + Sync {
    /// The live sessions of a principal, in any order.
    ///
    /// # Errors
    ///
    /// Where the store could not answer, as of all methods here.
    fn list<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>>;

    /// Makes sign-ins of a principal fail that the store was told of and has not stored yet.
    fn call_off<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Ends a session, under whatever key it is by now; whether it was still there.
    fn end(&self, key: StoreKey) -> BoxFuture<'_, Result<bool, SessionError>>;
}
