//! The first connection, which tells what is wrong with a URL or a server, and the pool of those to come.

use std::time::Duration;

use sqlx::pool::PoolOptions;
use sqlx::{ConnectOptions as _, Connection, Pool};
use tokio::time::timeout;

use super::dialect::Dialect;
use super::error::{Failure, no_url};
use super::tries::Tries;
use crate::error::StoreError;

/// How long a connection may take: twice that is less than the timeout of a store, so that its error is the one that is told.
const WAIT: Duration = Duration::from_secs(2);

type Options<DB> = <<DB as sqlx::Database>::Connection as Connection>::Options;

/// What a URL says.
pub(super) fn options<DB: Dialect>(url: &str) -> Result<Options<DB>, StoreError> {
    let scheme = url.split(':').next().unwrap_or_default();
    if !DB::URL_SCHEMES.contains(&scheme) {
        return Err(no_url(DB::URL));
    }
    url.parse().map_err(|_: sqlx::Error| no_url(DB::URL))
}

/// A pool of such connections, if one can be made now. A pool would not tell why there is none.
pub(super) async fn pool<DB: Dialect>(options: Options<DB>, pool: PoolOptions<DB>) -> Result<Pool<DB>, StoreError> {
    let mut tries = Tries::patient();
    let connection = loop {
        // Who is first to open a file of SQLite's locks it for a moment.
        let answer = timeout(WAIT, options.connect()).await;
        let answer =
            answer.map_err(|_| StoreError::unreachable(format!("the database did not answer within {WAIT:?}")))?;
        match answer {
            Ok(connection) => break connection,
            Err(error) => tries.after(Failure::of::<DB>(&error)).await?,
        }
    };
    // What a server says to a goodbye does not matter.
    let _ = connection.close().await;
    // Each statement finds out by itself that its connection is gone, and takes another.
    Ok(pool.acquire_timeout(WAIT).test_before_acquire(false).connect_lazy_with(options))
}
