//! A connection of a pool, while statements are executed on it.

use sqlx::pool::PoolConnection;
use sqlx::{Connection as _, Error, Pool};

use super::dialect::Dialect;

/// A connection that goes back to its pool when a statement came to its end on it, and only then.
///
/// Where a request gives up while its statement is on the way, nobody knows what the connection will answer next: a transaction may be open, or
/// the answer to come may be another session's. Such a connection is closed, unless it is a thread of this process, which ends what it began.
pub(super) struct Loan<DB: Dialect>(Option<PoolConnection<DB>>);

impl<DB: Dialect> Loan<DB> {
    pub(super) async fn from(pool: &Pool<DB>) -> Result<Self, Error> {
        Ok(Self(Some(pool.acquire().await?)))
    }

    /// The connection, which is there until it is given back.
    pub(super) fn connection(&mut self) -> Result<&mut DB::Connection, Error> {
        self.0.as_deref_mut().ok_or(Error::PoolClosed)
    }

    /// Whether the other end answers.
    pub(super) async fn is_alive(&mut self) -> bool {
        match self.connection() {
            Ok(connection) => connection.ping().await.is_ok(),
            Err(_) => false,
        }
    }

    /// Gives the connection back after this answer, if that is one of the database's.
    pub(super) fn end<T>(mut self, answer: Result<T, Error>) -> Result<T, Error> {
        if matches!(answer, Ok(_) | Err(Error::Database(_))) {
            self.0 = None;
        }
        answer
    }
}

impl<DB: Dialect> Drop for Loan<DB> {
    fn drop(&mut self) {
        if let Some(connection) = self.0.take()
            && DB::IS_REMOTE
        {
            drop(connection.detach());
        }
    }
}
