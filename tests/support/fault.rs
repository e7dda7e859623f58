//! How a store fails on demand.

use session_runtime::StoreError;

/// What a store does in place of what it is asked.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    Unreachable,
    Corrupt,
    Rejected,
    /// It never answers.
    Hangs,
}

impl Fault {
    /// What the cause says: for logs, never for a client.
    pub const CAUSE: &str = "no route to the database";

    /// The error, where there is an answer at all.
    pub async fn happen(self) -> StoreError {
        match self {
            Self::Unreachable => StoreError::unreachable(Self::CAUSE),
            Self::Corrupt => StoreError::corrupt(Self::CAUSE),
            Self::Rejected => StoreError::rejected(Self::CAUSE),
            Self::Hangs => std::future::pending().await,
        }
    }
}
