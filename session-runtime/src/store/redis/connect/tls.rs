//! TLS by rustls, with the roots of the system.

use redis::ConnectionAddr;
use rustls::crypto::{CryptoProvider, ring};

use crate::error::StoreError;

/// Every URL may ask for it.
#[expect(clippy::unnecessary_wraps, reason = "the counterpart for builds without TLS refuses")]
pub(super) fn check(_: &str) -> Result<(), StoreError> {
    Ok(())
}

/// Sees to it that rustls knows by what to encrypt: what the application has chosen, or else ring. Without a choice it would panic where other
/// crates bring a second provider.
pub(super) fn prepare(address: &ConnectionAddr) {
    if matches!(address, ConnectionAddr::TcpTls { .. }) && CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is as good.
        let _ = ring::default_provider().install_default();
    }
}
