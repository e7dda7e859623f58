//! Keys that no other run of the tests has.

use std::sync::LazyLock;

use session_runtime::SessionId;

/// A prefix of this run's own, for servers that others use too.
pub fn prefix(name: &str) -> String {
    static RUN: LazyLock<SessionId> = LazyLock::new(|| SessionId::generate().expect("random bytes"));
    format!("tests:{}:{name}:", RUN.fingerprint())
}
