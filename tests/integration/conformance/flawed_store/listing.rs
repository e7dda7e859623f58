//! What a flaw makes of the list of an owner's sessions.

use std::collections::HashSet;
use std::time::Duration;

use session_runtime::record::Record;
use session_runtime::store::{OwnedSession, PrincipalChange, Update};
use session_runtime::{StoreKey, Timestamp};

use super::Flaw;

/// How long the entries of a list live that end by themselves.
const MONTHS: Duration = Duration::from_hours(90 * 24);

/// What a list of the sessions that are there would be without, and with.
#[derive(Default)]
pub(super) struct Listing {
    hidden: HashSet<StoreKey>,
    past: Vec<OwnedSession>,
}

impl Listing {
    /// The sessions of this owner, of those that are there.
    pub(super) fn of(
        &self,
        flaw: Option<Flaw>,
        owner: &str,
        now: Timestamp,
        there: impl Iterator<Item = OwnedSession>,
    ) -> Vec<OwnedSession> {
        let is_owner = |name: &str| match flaw {
            Some(Flaw::ListsByPrefix) => name.starts_with(owner),
            Some(Flaw::ListsWhateverTheCase) => name.eq_ignore_ascii_case(owner),
            _ => name == owner,
        };
        let is_known = |record: &Record| flaw != Some(Flaw::ForgetsAfterMonths) || record.created() + MONTHS > now;
        let shown = there.filter(|session| !self.hidden.contains(&session.key) && is_known(&session.record));
        shown
            .chain(self.past.iter().cloned())
            .filter(|session| session.record.principal().is_some_and(is_owner))
            .map(|session| match flaw {
                Some(Flaw::ListsAnOldVersion) => OwnedSession::new(session.key, session.record.at_version(1)),
                _ => session,
            })
            .collect()
    }

    /// A session has ended.
    pub(super) fn ended(&mut self, flaw: Option<Flaw>, key: &StoreKey, record: Record) {
        if flaw == Some(Flaw::ListsWhatHasEnded) {
            self.past.push(OwnedSession::new(*key, record));
        }
    }

    /// A session has another key.
    pub(super) fn renamed(&mut self, flaw: Option<Flaw>, old: &StoreKey, new: &StoreKey, before: &Record) {
        match flaw {
            Some(Flaw::ForgetsARename | Flaw::ListsARenameInTwoSteps) => self.hide(new),
            Some(Flaw::ListsBothKeys) => self.past.push(OwnedSession::new(*old, before.clone())),
            _ => {}
        }
    }

    /// A session under this key has changed, its owner perhaps.
    pub(super) fn updated(&mut self, flaw: Option<Flaw>, key: &StoreKey, update: &Update<'_>, before: &Record) {
        match flaw {
            _ if *update.principal_change() == PrincipalChange::Keep => {}
            Some(Flaw::ForgetsANewOwner) => self.hide(key),
            Some(Flaw::RemembersAnOldOwner) => self.past.push(OwnedSession::new(*key, before.clone())),
            _ => {}
        }
    }

    /// A session is not in the list.
    pub(super) fn hide(&mut self, key: &StoreKey) {
        self.hidden.insert(*key);
    }

    /// It is in the list again.
    pub(super) fn show(&mut self, key: &StoreKey) {
        self.hidden.remove(key);
    }
}
