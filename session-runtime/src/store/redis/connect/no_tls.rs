//! Without TLS.

use redis::ConnectionAddr;

use crate::error::StoreError;

/// Tells what is missing before the crate `redis` takes the URL for none.
pub(super) fn check(url: &str) -> Result<(), StoreError> {
    if url.starts_with("rediss://") || url.starts_with("valkeys://") {
        return Err(StoreError::rejected(
            "Redis over TLS (`rediss://`) needs the feature `redis_tls` of session-runtime",
        ));
    }
    Ok(())
}

pub(super) fn prepare(_: &ConnectionAddr) {}
