//! What typed sessions changed and left with the request.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::clock::Timestamp;
use crate::error::SessionError;
use crate::expiry::Whose;
use crate::id::SessionId;
use crate::merge::{BINDING_RULE, Merges};
use crate::record::{
    AUTHENTICATED, BINDING, Binding, Bindings, DESCRIPTION, DISOWNED, Delta, HANDLE, HANDLE_LENGTH, LIFETIME, Record,
    Stamp, is_field,
};
use crate::store::PrincipalChange;

/// What typed sessions changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) delta: Delta,
    /// The fields among them that are merged with what others made of them.
    pub(crate) merges: Merges,
    pub(crate) regenerate_id: bool,
    pub(crate) lifetime: Option<Lifetime>,
    /// What happens to whose session it is. In a box, lest every request carry it.
    pub(crate) principal: Option<Box<PrincipalChange>>,
    /// What the sealed values among them are bound to.
    pub(crate) bindings: Bindings,
    /// Counts what happened to these while they were left with the request.
    pub(super) revision: u32,
}

/// How often somebody has signed in, in this process.
static SIGN_INS: AtomicU64 = AtomicU64::new(0);

/// A session's own lifetime.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Lifetime {
    /// From now on, whatever is configured.
    Own(Duration),
    /// As configured.
    Configured,
}

impl Changes {
    pub(crate) fn is_empty(&self) -> bool {
        self.delta.is_empty() && !self.regenerate_id && self.lifetime.is_none()
    }

    /// Whose a session is that they begin.
    pub(super) fn whose(&self) -> Whose {
        match self.principal() {
            PrincipalChange::Set(Some(_)) => Whose::Owned,
            PrincipalChange::Set(None) | PrincipalChange::Keep => Whose::Anonymous,
        }
    }

    /// What they do to whose session it is.
    pub(crate) fn principal(&self) -> &PrincipalChange {
        self.principal.as_deref().unwrap_or(&PrincipalChange::Keep)
    }

    /// Whether they make a session where there was none.
    pub(super) fn creates(&self) -> bool {
        self.delta.iter().any(|(name, value)| value.is_some() && is_field(name.as_bytes()))
    }

    /// Whether they leave nothing of what is stored, as far as this request knows.
    #[inline]
    pub(super) fn empties(&self, record: &Record) -> bool {
        let removes = self.delta.iter().any(|(_, value)| value.is_none());
        removes && !self.creates() && record.apply(&self.delta).is_empty()
    }

    /// Whether a user's merge is needed to add these later changes.
    pub(super) fn overlaps(&self, later: &Self) -> bool {
        later.merges.overlap(&self.delta)
    }

    /// These changes and later ones of the same request.
    ///
    /// # Errors
    ///
    /// If a field that both changed cannot be encoded once it is merged.
    pub(crate) fn followed_by(mut self, mut later: Self) -> Result<Self, SessionError> {
        self.merges = self.merges.followed_by(&self.delta, later.merges, &mut later.delta, &self.bindings)?;
        if self.delta.is_empty() {
            self.delta = later.delta;
        } else {
            self.delta.merge(&later.delta);
        }
        self.regenerate_id |= later.regenerate_id;
        self.lifetime = later.lifetime.or(self.lifetime);
        self.principal = later.principal.or(self.principal);
        self.bindings.unite(&later.bindings);
        Ok(self)
    }

    /// Notes that these are committed with this stamp to a record of this version or a later one, should the answer be lost.
    pub(crate) fn note_tried(&mut self, stamp: Stamp, version: u64) {
        self.merges.note_tried(stamp, version, &self.delta);
    }

    /// Notes that the commit with this stamp did not happen.
    pub(crate) fn forget_tried(&mut self, stamp: Stamp) {
        self.merges.forget_tried(stamp);
    }

    /// Adds what was tried before of other fields.
    pub(crate) fn carry(&mut self, before: &Self) {
        let mut delta = before.delta.clone();
        delta.merge(&self.delta);
        self.delta = delta;
        self.merges.carry(&before.merges);
    }

    /// Notes what the sealed values among them are bound to.
    pub(crate) fn bind(&mut self, binding: Binding) {
        self.bindings = binding.into();
    }

    /// Gives a record that they are written to what sealed values among them are bound to, unless it has that.
    pub(super) fn complete_bindings(&mut self, record: &Record) {
        if self.bindings.is_empty() {
            return;
        }
        let known = record.bindings();
        let mut all = known.clone();
        all.unite(&self.bindings);
        if all != known {
            self.delta.set(BINDING, &all.encode());
            self.merges.push_first(&BINDING_RULE, record);
        }
    }

    /// Makes the session this principal's, who authenticated just now, or nobody's, under a new id: whoever knew the old one does not know it.
    ///
    /// # Errors
    ///
    /// Where the operating system gives no random bytes.
    pub(crate) fn claim(&mut self, principal: Option<Arc<str>>, now: Timestamp) -> Result<(), SessionError> {
        self.regenerate_id = true;
        let now = now.as_millis().to_string();
        if principal.is_some() {
            self.delta.set(AUTHENTICATED, now.as_bytes());
            let number = SIGN_INS.fetch_add(1, Ordering::Relaxed).to_string();
            self.delta.set(HANDLE, &[&SessionId::generate()?.as_bytes()[..HANDLE_LENGTH], number.as_bytes()].concat());
            self.delta.remove(DISOWNED);
        } else {
            self.delta.remove(AUTHENTICATED);
            self.delta.remove(HANDLE);
            self.delta.set(DISOWNED, now.as_bytes());
        }
        self.principal = Some(Box::new(PrincipalChange::Set(principal)));
        Ok(())
    }

    pub(crate) fn describe(&mut self, description: &str) {
        self.delta.set(DESCRIPTION, description.as_bytes());
    }

    pub(crate) fn set_lifetime(&mut self, lifetime: Lifetime) {
        self.lifetime = Some(lifetime);
        match lifetime {
            Lifetime::Own(span) => self.delta.set(LIFETIME, span.as_millis().to_string().as_bytes()),
            Lifetime::Configured => self.delta.remove(LIFETIME),
        }
    }
}
