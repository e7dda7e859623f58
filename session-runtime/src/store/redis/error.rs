//! What a server or a connection says, as a store's error.

use std::error::Error;
use std::fmt;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::error::StoreError;

/// What Redis said, and what to do about it.
#[derive(Debug)]
struct Advice {
    advice: &'static str,
    source: RedisError,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.advice)
    }
}

impl Error for Advice {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.source)
    }
}

impl From<RedisError> for StoreError {
    fn from(error: RedisError) -> Self {
        use ServerErrorKind::{BusyLoading, ClusterDown, MasterDown, NoPerm, ReadOnly, TryAgain};
        match error.kind() {
            _ if error.is_timeout() => Self::timed_out(),
            ErrorKind::AuthenticationFailed => {
                rejected(error, "Redis does not accept the user or the password of the URL")
            }
            ErrorKind::InvalidClientConfig | ErrorKind::Client => {
                rejected(error, "this is not how a Redis server is reached, see the docs of `RedisStore`")
            }
            ErrorKind::Io
            | ErrorKind::ClusterConnectionNotFound
            | ErrorKind::MasterNameNotFoundBySentinel
            | ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | TryAgain) => Self::unreachable(error),
            ErrorKind::Server(ReadOnly) => {
                rejected(error, "this Redis server is a read-only replica, sessions need its master")
            }
            ErrorKind::Server(NoPerm) => {
                rejected(error, "the user of the URL may not run the commands that sessions need")
            }
            _ => by_code(error),
        }
    }
}

/// The errors that only their first word tells apart.
fn by_code(error: RedisError) -> StoreError {
    match error.code() {
        Some("OOM") => {
            rejected(error, "Redis is out of memory: raise `maxmemory`, or let it evict with `volatile-ttl`")
        }
        Some("MISCONF") => rejected(error, "Redis does not write because it cannot persist, see its log"),
        Some("NOAUTH" | "WRONGPASS") => rejected(error, "Redis asks for a password: `redis://:password@host`"),
        Some("NOREPLICAS") => rejected(error, "Redis has fewer replicas than its `min-replicas-to-write`"),
        Some("WRONGTYPE") => StoreError::corrupt(error),
        _ if error.detail().is_some_and(|detail| detail.contains("not a session")) => StoreError::corrupt(error),
        _ => StoreError::rejected(error),
    }
}

fn rejected(source: RedisError, advice: &'static str) -> StoreError {
    StoreError::rejected(Advice { advice, source })
}
