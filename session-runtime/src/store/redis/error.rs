//! What a server or a connection says, as a store's error.

use std::error::Error;
use std::fmt;

use redis::{ErrorKind, RedisError, ServerErrorKind};

use crate::error::StoreError;

/// What Redis said. Its source says the same in the same words.
#[derive(Debug)]
struct Said(RedisError);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Said {}

/// What to do about what Redis said.
#[derive(Debug)]
struct Advice {
    advice: &'static str,
    said: Said,
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.advice)
    }
}

impl Error for Advice {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.said)
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
            | ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | TryAgain) => Self::unreachable(Said(error)),
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
        Some("WRONGTYPE") => StoreError::corrupt(Said(error)),
        _ if error.detail().is_some_and(|detail| detail.contains("not a session")) => StoreError::corrupt(Said(error)),
        _ => StoreError::rejected(Said(error)),
    }
}

fn rejected(error: RedisError, advice: &'static str) -> StoreError {
    StoreError::rejected(Advice { advice, said: Said(error) })
}
