//! What is to be done for a request, before it is done.

use super::{Changes, Held, Lifetime, State};
use crate::backend::{Action, Live};
use crate::clock::Timestamp;
use crate::expiry::{Expiry, Whose};
use crate::store::{ExpiryChange, PrincipalChange};

/// A commit, before it has a stamp.
#[derive(Debug)]
pub(crate) struct Plan {
    pub(crate) action: Action,
    /// The session that it is done to.
    pub(crate) target: Option<Live>,
    pub(crate) changes: Changes,
    pub(crate) expiry: ExpiryChange,
    pub(crate) now: Timestamp,
    /// When a session that this creates ends.
    pub(crate) expires: Timestamp,
    /// Until when the old id answers, where a rotation ends it.
    pub(crate) grace: Timestamp,
    /// The epoch that it was made in: a destruction that comes while it is carried out is not of its making.
    pub(crate) epoch: u32,
}

impl Plan {
    /// What of this plan cannot be done without a cookie, which may hold the session itself.
    pub(crate) fn needs_cookie(&self, is_client_side: bool) -> Option<&'static str> {
        match self.action {
            _ if is_client_side => Some("a session that is kept in its cookie"),
            Action::Insert | Action::Replace => Some("a new session"),
            Action::Rename { .. } | Action::Rotate { .. } => Some("a new id"),
            Action::Update { .. } if self.changes.lifetime.is_some() => Some("a lifetime"),
            _ => None,
        }
    }
}

impl State {
    /// What is to be done for these changes; they come back where that is nothing.
    pub(crate) fn plan(
        &mut self,
        mut changes: Changes,
        configured: &Expiry,
        now: impl FnOnce() -> Timestamp,
        may_rotate: bool,
    ) -> Result<Plan, Changes> {
        self.catch_up();
        let action = self.action_for(&changes, may_rotate);
        if action.is_keep() {
            return Err(changes);
        }
        if let Held::Stored(stored) = &self.session {
            changes.complete_bindings(&stored.live.record);
        }
        let now = now();
        let expiry = self.expiry_change(&changes, configured, now);
        let (action, expires) = match expiry {
            ExpiryChange::Set(end) if end <= now && self.live().is_some() => (Action::Remove, end),
            ExpiryChange::Set(end) => (action, end),
            ExpiryChange::Keep | ExpiryChange::Extend(_) => (action, configured.initial(now, changes.whose())),
        };
        let grace = now + configured.grace();
        Ok(Plan { action, target: self.target(), changes, expiry, now, expires, grace, epoch: self.epoch })
    }

    /// What the action does to the end of the session.
    pub(super) fn expiry_change(&self, changes: &Changes, configured: &Expiry, now: Timestamp) -> ExpiryChange {
        match (changes.lifetime, &self.session) {
            (Some(Lifetime::Own(span)), _) => ExpiryChange::Set(now + span),
            (Some(Lifetime::Configured), Held::Stored(stored)) => ExpiryChange::Set(match changes.principal() {
                PrincipalChange::Keep => configured.resumed(&stored.live.record, now),
                PrincipalChange::Set(_) => configured.initial(now, changes.whose()),
            }),
            (None, Held::Stored(stored)) => {
                let record = &stored.live.record;
                let due = || configured.extension(record, now).or(stored.due);
                match changes.principal() {
                    // Somebody signed in: the session's times count from now on.
                    PrincipalChange::Set(Some(_)) => ExpiryChange::Extend(configured.initial(now, Whose::Owned)),
                    PrincipalChange::Set(None) if record.own_lifetime().is_none() => {
                        configured.disowned(record, now).map_or(ExpiryChange::Keep, ExpiryChange::Set)
                    }
                    _ => due().map_or(ExpiryChange::Keep, ExpiryChange::Extend),
                }
            }
            _ => ExpiryChange::Keep,
        }
    }

    fn target(&self) -> Option<Live> {
        self.ended.as_deref().or_else(|| self.live()).cloned()
    }
}
