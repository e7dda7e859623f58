//! Without TLS.

use redis::ConnectionAddr;

use crate::error::StoreError;

pub(super) fn prepare(address: &ConnectionAddr) -> Result<(), StoreError> {
    match address {
        ConnectionAddr::TcpTls { .. } => Err(StoreError::rejected("a `rediss://` URL needs the feature `redis_tls`")),
        _ => Ok(()),
    }
}
