//! What a server or a connection says, as a store's error.

use std::error::Error;
use std::fmt;

use redis::{ErrorKind, RedisError, ServerErrorKind, Value};

use crate::error::{Advice, StoreError};

/// What Redis said. The crate's own error stays within: its types are none of this API's.
#[derive(Debug)]
struct Said(RedisError);

impl fmt::Display for Said {
    /// On one line, whatever a parser says.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_string();
        let mut separator = "";
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
            write!(f, "{separator}{line}")?;
            separator = ", ";
        }
        Ok(())
    }
}

impl Error for Said {}

/// What went wrong with a call.
pub(super) fn failed(error: RedisError) -> StoreError {
    use ServerErrorKind::{Ask, BusyLoading, ClusterDown, MasterDown, Moved, NoPerm, ReadOnly, TryAgain};
    match error.kind() {
        _ if error.is_timeout() => StoreError::timed_out(),
        ErrorKind::AuthenticationFailed => rejected(error, "Redis does not accept the user or the password of the URL"),
        ErrorKind::Io
        | ErrorKind::Parse
        | ErrorKind::ClusterConnectionNotFound
        | ErrorKind::MasterNameNotFoundBySentinel
        | ErrorKind::Server(BusyLoading | ClusterDown | MasterDown | TryAgain) => StoreError::unreachable(Said(error)),
        ErrorKind::Server(ReadOnly) => {
            rejected(error, "this Redis server is a read-only replica, sessions need its master")
        }
        ErrorKind::Server(NoPerm) => no_permission(error),
        ErrorKind::Server(Moved | Ask) => rejected(error, OF_A_CLUSTER),
        _ => by_code(error),
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
        _ => by_text(error),
    }
}

/// Those that are known by what a function, or Redis about one, says.
fn by_text(error: RedisError) -> StoreError {
    match error.detail().unwrap_or_default() {
        detail if detail.contains("not a session") => StoreError::corrupt(Said(error)),
        detail if detail.contains("executing the script can't") => no_permission(error),
        _ => StoreError::rejected(Said(error)),
    }
}

fn no_permission(error: RedisError) -> StoreError {
    let is_about_keys = error.detail().is_some_and(|detail| detail.contains("access one of the keys"));
    let advice = if is_about_keys {
        "the user of the URL may not use keys with this prefix, see `RedisStore::key_prefix`"
    } else {
        "the user of the URL may not run the commands that sessions need, see the docs of `RedisStore`"
    };
    rejected(error, advice)
}

/// Functions came with version 7, and `HELLO` with 6.
pub(super) const TOO_OLD: &str = "this server is too old: Redis 7 or Valkey is needed";

pub(super) const OF_A_CLUSTER: &str = "this Redis server is one of a cluster: use `RedisStore::connect_cluster`";

fn rejected(error: RedisError, advice: &'static str) -> StoreError {
    StoreError::rejected(Advice { advice, said: Said(error) })
}

/// What is no URL of a Redis server.
pub(super) fn no_url(error: RedisError) -> StoreError {
    rejected(error, "this is no URL of a Redis server: write `redis://user:password@host:6379/0`")
}

/// What went wrong when a server was asked for the first time.
pub(super) fn no_connection(error: RedisError) -> StoreError {
    let said = error.to_string();
    if said.contains("unknown command") {
        return rejected(error, TOO_OLD);
    }
    let advice = match failed(error.clone()) {
        clear if !clear.is_unreachable() && !clear.is_timed_out() => return clear,
        clear if error.is_connection_refusal() || said.contains("lookup address") => return clear,
        clear if error.kind() == ErrorKind::MasterNameNotFoundBySentinel => return clear,
        _ if said.contains("certificate") => UNTRUSTED,
        _ => NO_ANSWER,
    };
    StoreError::unreachable(Advice { advice, said: Said(error) })
}

/// Nothing at all came when a server was asked for the first time.
pub(super) fn silence() -> StoreError {
    StoreError::unreachable(NO_ANSWER)
}

const UNTRUSTED: &str =
    "the server's certificate is not one that this system trusts for its name: `SSL_CERT_FILE` names other roots";

const NO_ANSWER: &str =
    "no answer from a Redis server: is it one, and does it speak TLS (`rediss://`) or not (`redis://`)?";

/// What went wrong when nodes were asked for their cluster.
pub(super) fn no_cluster(error: RedisError) -> StoreError {
    if error.detail().is_some_and(|detail| detail.contains("cluster support disabled")) {
        return rejected(error, "this Redis server is in no cluster: use `RedisStore::connect`");
    }
    no_connection(error)
}

/// What something else than a session under a key comes to.
pub(super) fn not_a_session(why: &str) -> StoreError {
    StoreError::corrupt(format!("the hash in Redis is not a session: {why}"))
}

/// The kind of an answer, never what it holds.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Nil => "nothing",
        Value::Int(_) => "a number",
        Value::BulkString(_) | Value::SimpleString(_) | Value::Okay => "a string",
        Value::Array(_) => "an array",
        _ => "something else",
    }
}

/// An answer that no function of ours gives: something between here and Redis changes answers.
pub(super) fn unknown(what: &str) -> StoreError {
    StoreError::rejected(format!("Redis answered a call with {what}, which its functions never do"))
}

/// Something is under the new key of a rename.
pub(super) fn taken() -> StoreError {
    StoreError::rejected("the new key of a rename is taken")
}

/// A session was stored, but its owner was signed out everywhere while that was under way.
pub(super) fn called_off() -> StoreError {
    StoreError::rejected("the owner of a session was signed out everywhere while it was being stored")
}
