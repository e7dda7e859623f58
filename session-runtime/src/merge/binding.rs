//! The binding of a record, which is given once.

use super::{Rule, Sides};
use crate::error::SessionError;
use crate::record::{BINDING, Staged};

/// Two requests each gave a record its first binding: the second one's sealed values are bound to what will not be there.
///
/// Only records that are older than the layer's keys have none from the start.
pub(crate) static BINDING_RULE: FirstWins = FirstWins;

pub(crate) struct FirstWins;

impl Rule for FirstWins {
    fn name(&self) -> &'static str {
        BINDING
    }

    fn merge(&self, sides: Sides<'_>, out: &mut Vec<u8>) -> Result<Staged, SessionError> {
        match sides.ours {
            // Two typed sessions of one request.
            Some(ours) if sides.theirs == Some(ours) => out.extend_from_slice(ours),
            _ => return Err(SessionError::conflict(None)),
        }
        Ok(Staged::Changed)
    }
}
