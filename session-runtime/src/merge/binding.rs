//! The bindings of a record, to which requests may each have added one.

use super::{Rule, Sides};
use crate::envelope::KeptContext;
use crate::error::SessionError;
use crate::record::{BINDING, Bindings, Staged};

/// A record that is older than the layer's keys gets a binding with its first sealed value; of two such requests at once each has sealed for
/// its own, and both are kept.
pub(crate) static BINDING_RULE: AllStay = AllStay;

pub(crate) struct AllStay;

impl Rule for AllStay {
    fn name(&self) -> &'static str {
        BINDING
    }

    fn merge(&self, sides: Sides<'_>, _: Option<&KeptContext>, out: &mut Vec<u8>) -> Result<Staged, SessionError> {
        let mut all = Bindings::decode(sides.theirs.unwrap_or_default());
        all.unite(&Bindings::decode(sides.ours.unwrap_or_default()));
        if all.len() > Bindings::MOST {
            return Err(SessionError::conflict(None));
        }
        out.extend_from_slice(&all.encode());
        Ok(Staged::Changed)
    }
}
