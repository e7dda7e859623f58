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

    /// Makes sign-ins of a principal fail that are on their way to the store.
    fn call_off<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Ends a session, wherever it was renamed to; whether it was still there.
    fn end(&self, key: StoreKey) -> BoxFuture<'_, Result<bool, SessionError>>;
}
