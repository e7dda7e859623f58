//! What is in the table: a million sessions, made of one that a visitor has.

use super::load::VISITORS;
use crate::{
    Result,
    bulk::{Copies, Table, Words},
};

/// Sessions, without those of the visitors.
pub(super) const SESSIONS: u64 = 1_000_000;
/// Those that have ended: every third.
pub(super) const ENDED: u64 = SESSIONS / 3;

/// What has ended did so as it began.
const COPIES: Copies = Copies { principal: "principal", expires: "CASE WHEN i % 3 = 0 THEN created ELSE expires END" };

const ALL: &str = "SELECT COUNT(*) FROM sessions";
const ALL_ENDED: &str = "SELECT COUNT(*) FROM sessions WHERE expires = created";

/// The table.
pub(super) struct Contents(Table);

impl Contents {
    /// Adds the sessions to those of the visitors.
    pub(super) async fn fill(url: &str, words: &'static Words) -> Result<Contents> {
        let table = Table::open(url, words, 1).await?;
        table.copy(1..=SESSIONS, &COPIES).await?;
        Ok(Contents(table))
    }

    /// Fails unless a sweep removed those that had ended, and nothing else.
    pub(super) async fn check(self, removed: u64) -> Result<()> {
        let left = (self.0.count(ALL).await?, self.0.count(ALL_ENDED).await?);
        if (removed, left) != (ENDED, (SESSIONS - ENDED + u64::from(VISITORS), 0)) {
            return Err(format!("a sweep says that it removed {removed}; (all, ended) are now {left:?}").into());
        }
        Ok(())
    }
}
