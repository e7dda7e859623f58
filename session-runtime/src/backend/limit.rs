//! How many sessions a principal may have.

/// What happens to a sign-in beyond the limit, for [`SessionLayer::limit`](crate::SessionLayer::limit).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Evict {
    /// The session with the oldest sign-in ends.
    Oldest,
    /// No session ends: the sign-in fails, with [`is_limit_reached`](crate::SessionError::is_limit_reached).
    Deny,
}

/// A limit, and what is done about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limit {
    pub(crate) most: usize,
    pub(crate) evict: Evict,
}
