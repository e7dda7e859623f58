//! What an error of the crate `redis` means for a connection and a request.

use redis::{ErrorKind, RedisError, ServerErrorKind};

/// Whether the connection is gone.
pub(super) fn is_broken(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error()
}

/// Whether the connection leads to what is no longer the master.
pub(super) fn is_read_only(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::ReadOnly)
}

/// Whether the server does not have the library.
pub(super) fn is_unknown_function(error: &RedisError) -> bool {
    says(error, "Function not found")
}

/// Whether the user may not call functions, or the server has none.
pub(super) fn is_forbidden_or_unknown(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoPerm)
        || says(error, "unknown command")
        || says(error, "unknown subcommand")
}

pub(super) fn is_unknown_script(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::NoScript)
}

/// Whether hashes that one call was to work on are on two servers, or in two slots.
pub(in crate::store::redis) fn is_cross_slot(error: &RedisError) -> bool {
    error.kind() == ErrorKind::Server(ServerErrorKind::CrossSlot) || says(error, "Script attempted to access")
}

fn says(error: &RedisError, words: &str) -> bool {
    error.detail().is_some_and(|detail| detail.contains(words))
}
