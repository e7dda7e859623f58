//! How many sessions a principal may have.

/// What happens when a principal signs in who has as many sessions as he may have, for [`SessionLayer::limit`](crate::SessionLayer::limit).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Evict {
    /// The session that was signed in to the longest ago ends.
    Oldest,
    /// None: the sign-in fails, with [`is_limit_reached`](crate::SessionError::is_limit_reached).
    Deny,
}

/// A limit, and what is done about it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Limit {
    pub(crate) most: usize,
    pub(crate) evict: Evict,
}
