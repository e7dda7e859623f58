//! A connection of a pool, while statements are executed on it.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Error, Pool};
use tokio::runtime::Handle;

use super::dialect::Dialect;
use super::error::Failure;

/// A connection that goes back to its pool when a statement came to its end on it, and only then.
///
/// Where a request gives up while its statement is on the way, nobody knows what the connection will answer next: a transaction may be open, or
/// the answer to come may be another session's. Such a connection is closed, unless it is a thread of this process, which ends what it
/// began, and which a pool takes back in a runtime only.
pub(super) struct Loan<DB: Dialect>(Option<PoolConnection<DB>>);

impl<DB: Dialect> Loan<DB> {
    pub(super) async fn from(pool: &Pool<DB>) -> Result<Self, Failure> {
        Ok(Self(Some(pool.acquire().await.map_err(|error| Failure::of::<DB>(&error))?)))
    }

    /// The connection, which is there until it is given back.
    pub(super) fn connection(&mut self) -> Result<&mut DB::Connection, Failure> {
        self.0.as_deref_mut().ok_or_else(|| Failure::of::<DB>(&Error::PoolClosed))
    }

    /// Whether the other end answers.
    pub(super) async fn is_alive(&mut self) -> bool {
        match self.connection() {
            Ok(connection) => connection.ping().await.is_ok(),
            Err(_) => false,
        }
    }

    /// Gives the connection back after this answer, unless that tells against it.
    pub(super) fn end<T>(mut self, answer: Result<T, Error>) -> Result<T, Failure> {
        let answer = answer.map_err(|error| Failure::of::<DB>(&error));
        if answer.as_ref().err().is_none_or(Failure::is_of_database) {
            self.0 = None;
        }
        answer
    }
}

impl<DB: Dialect> Drop for Loan<DB> {
    fn drop(&mut self) {
        let outside = Handle::try_current().is_err();
        if let Some(connection) = self.0.take()
            && (DB::IS_REMOTE || outside)
        {
            drop(connection.detach());
        }
    }
}
