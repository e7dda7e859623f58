//! What a request knows of its session and has decided about it: values and pure functions, no await and no header.

use std::time::Duration;

use crate::backend::{Action, Committed, Live, Origin, Token};
use crate::clock::Timestamp;
use crate::error::SessionError;
use crate::expiry::Expiry;
use crate::record::{Delta, LIFETIME, Record, is_field};
use crate::store::ExpiryChange;

/// A request's session, from the first load to the head of the response.
#[derive(Debug, Default)]
pub(crate) struct State {
    session: Held,
    /// Deposited by typed sessions, not yet committed.
    changes: Changes,
    /// Stored already, but not yet applied to the copy of the record here: nobody may ever ask.
    unmerged: Delta,
    /// Destroyed by this request, not yet removed.
    ended: Option<Box<Live>>,
    /// Counts the destructions: what a typed session of an earlier epoch deposits is absorbed.
    epoch: u32,
    /// The end that a used session is to be extended to.
    due: Option<Timestamp>,
    cookie: CookieChange,
    head: Head,
    /// Whether the client brought a session.
    was_found: bool,
    /// A deposit that could not be made.
    failure: Option<SessionError>,
}

/// The session that the next commit is about.
#[derive(Debug, Default)]
enum Held {
    #[default]
    Unloaded,
    /// None yet: what is set creates one.
    Absent(Origin),
    /// It ended while this request ran: what is set is dropped.
    Gone,
    Live(Live),
}

/// Whether cookies can still be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Head {
    #[default]
    Open,
    Sent,
}

/// What the response says to the client about its cookie.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) enum CookieChange {
    #[default]
    Keep,
    /// Hold this token; until this moment, or as long as the browser is open.
    Set(Token, Option<Timestamp>),
    Remove,
}

/// How the handler ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Outcome {
    Success,
    /// Nothing that was deposited is written.
    Failure,
}

/// What typed sessions changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes {
    pub(crate) delta: Delta,
    pub(crate) regenerate_id: bool,
    pub(crate) lifetime: Option<Lifetime>,
}

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

    /// Whether they make a session where there was none.
    fn creates(&self) -> bool {
        self.delta.iter().any(|(name, value)| value.is_some() && is_field(name.as_bytes()))
    }

    /// Whether they leave nothing of what is stored, as far as this request knows.
    fn empties(&self, record: &Record) -> bool {
        let removes = self.delta.iter().any(|(_, value)| value.is_none());
        removes && !self.creates() && record.apply(&self.delta).is_empty()
    }

    pub(crate) fn merge(&mut self, later: Self) {
        if self.delta.is_empty() {
            self.delta = later.delta;
        } else {
            self.delta.merge(&later.delta);
        }
        self.regenerate_id |= later.regenerate_id;
        self.lifetime = later.lifetime.or(self.lifetime);
    }

    pub(crate) fn set_lifetime(&mut self, lifetime: Lifetime) {
        self.lifetime = Some(lifetime);
        match lifetime {
            Lifetime::Own(span) => self.delta.set(LIFETIME, span.as_millis().to_string().as_bytes()),
            Lifetime::Configured => self.delta.remove(LIFETIME),
        }
    }
}

/// What a typed session starts from.
pub(crate) struct View {
    pub(crate) record: Record,
    pub(crate) origin: Origin,
    pub(crate) epoch: u32,
}

impl State {
    /// A request without any layer: nothing is stored, and nothing needs loading.
    pub(crate) fn detached() -> Self {
        Self { session: Held::Absent(Origin::New), ..Self::default() }
    }

    pub(crate) fn is_unloaded(&self) -> bool {
        matches!(self.session, Held::Unloaded)
    }

    pub(crate) fn is_live(&self) -> bool {
        matches!(self.session, Held::Live(_))
    }

    pub(crate) fn is_head_sent(&self) -> bool {
        self.head == Head::Sent
    }

    pub(crate) fn live(&self) -> Option<&Live> {
        match &self.session {
            Held::Live(live) => Some(live),
            Held::Unloaded | Held::Absent(_) | Held::Gone => None,
        }
    }

    /// Takes in what was loaded.
    pub(crate) fn found(&mut self, live: Live, due: Option<Timestamp>) {
        self.due = due;
        self.was_found |= self.is_unloaded();
        self.session = Held::Live(live);
    }

    /// Takes in that there is no session: never was, or no longer, where one was found before.
    pub(crate) fn found_nothing(&mut self, origin: Origin) {
        self.due = None;
        if self.is_live() {
            self.lose();
        } else {
            self.session = Held::Absent(origin);
        }
    }

    /// The session ended while this request ran, and what was made of it ends with it.
    fn lose(&mut self) {
        tracing::info!("the session ended while this request ran, its changes are dropped");
        self.changes = Changes::default();
        self.session = Held::Gone;
    }

    /// What a typed session that is opened now sees: what is stored and what was deposited before it. `None` before anything was loaded.
    pub(crate) fn view(&mut self, fresh: impl FnOnce() -> Record) -> Option<View> {
        self.catch_up();
        let (base, origin) = match &self.session {
            Held::Unloaded => return None,
            Held::Absent(origin) => (fresh(), *origin),
            Held::Gone => (fresh(), Origin::UnknownId),
            Held::Live(live) => (live.record.clone(), Origin::Loaded),
        };
        let record = if self.changes.delta.is_empty() { base } else { base.apply(&self.changes.delta) };
        Some(View { record, origin, epoch: self.epoch })
    }

    /// Takes what a typed session changed, unless the session was destroyed since it was opened.
    pub(crate) fn deposit(&mut self, epoch: u32, changes: Changes) {
        if epoch == self.epoch {
            self.catch_up();
            self.changes.merge(changes);
        }
    }

    /// Applies what this request has stored to its copy of the record.
    pub(crate) fn catch_up(&mut self) {
        if let Held::Live(live) = &mut self.session
            && !self.unmerged.is_empty()
        {
            live.record = live.record.apply(&std::mem::take(&mut self.unmerged));
        }
    }

    /// Notes that a typed session could not be deposited.
    pub(crate) fn fail(&mut self, epoch: u32, error: SessionError) {
        if epoch == self.epoch {
            self.failure.get_or_insert(error);
        }
    }

    /// Ends the session, whatever else was or will be deposited by those that saw it; the new epoch.
    pub(crate) fn destroy(&mut self, epoch: u32) -> u32 {
        if epoch == self.epoch {
            self.unmerged = Delta::default();
            if let Held::Live(live) = std::mem::replace(&mut self.session, Held::Absent(Origin::New)) {
                self.ended = Some(Box::new(live));
            }
            self.changes = Changes::default();
            self.failure = None;
            self.due = None;
            self.epoch += 1;
        }
        self.epoch
    }

    /// What is to be done at the end of the request.
    pub(crate) fn action(&self, outcome: Outcome) -> Action {
        match outcome {
            Outcome::Success => self.action_for(&self.changes),
            Outcome::Failure => self.action_for(&Changes::default()),
        }
    }

    /// What is to be done for these changes.
    pub(crate) fn action_for(&self, changes: &Changes) -> Action {
        match (&self.ended, &self.session) {
            (Some(_), _) if changes.creates() => Action::Replace,
            (Some(_), _) => Action::Remove,
            (None, Held::Absent(_)) if changes.creates() => Action::Insert,
            (None, Held::Unloaded | Held::Absent(_) | Held::Gone) => Action::Keep,
            (None, Held::Live(_)) if changes.is_empty() && self.due.is_some() => Action::Touch,
            (None, Held::Live(_)) if changes.is_empty() => Action::Keep,
            (None, Held::Live(live)) => {
                let remove_if_empty = changes.empties(&live.record);
                if changes.regenerate_id {
                    Action::Rename { remove_if_empty }
                } else {
                    Action::Update { remove_if_empty }
                }
            }
        }
    }

    /// What the action does to the end of the session.
    pub(crate) fn expiry_change(&self, changes: &Changes, expiry: &Expiry, now: Timestamp) -> ExpiryChange {
        match (changes.lifetime, self.live()) {
            (Some(Lifetime::Own(span)), _) => ExpiryChange::Set(now + span),
            (Some(Lifetime::Configured), Some(live)) => ExpiryChange::Set(expiry.resumed(&live.record, now)),
            (_, Some(live)) => {
                let due = expiry.roll(now).and_then(|roll| roll.due_for(&live.record)).or(self.due);
                due.map_or(ExpiryChange::Keep, ExpiryChange::Extend)
            }
            (_, None) => ExpiryChange::Keep,
        }
    }

    /// The session that the action is done to.
    pub(crate) fn target(&self) -> Option<Live> {
        self.ended.as_deref().or_else(|| self.live()).cloned()
    }

    /// The changes, to be committed; until then they are nobody's.
    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    /// Changes that could not be committed go back under those that came meanwhile.
    pub(crate) fn restore_changes(&mut self, mut changes: Changes) {
        changes.merge(std::mem::take(&mut self.changes));
        self.changes = changes;
    }

    /// Whether a deposit could not be made.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// Whether a session was destroyed and is still to be removed.
    pub(crate) fn is_removal_due(&self) -> bool {
        self.ended.is_some()
    }

    /// Whether a typed session of this epoch still speaks for the session.
    pub(crate) fn is_epoch(&self, epoch: u32) -> bool {
        epoch == self.epoch
    }

    /// Why a deposit could not be made, once.
    pub(crate) fn take_failure(&mut self) -> Option<SessionError> {
        self.failure.take()
    }

    /// Takes in what came of a commit of these changes.
    pub(crate) fn settle(&mut self, committed: Committed, changes: Changes, expiry: ExpiryChange, persistent: bool) {
        self.ended = None;
        self.due = None;
        self.unmerged = Delta::default();
        match committed {
            Committed::Kept(base) => self.keep(base, false, changes, expiry, persistent),
            Committed::Followed(base) => self.keep(base, true, changes, expiry, persistent),
            Committed::Issued(token, key, record) => {
                self.cookie = CookieChange::Set(token.clone(), lasts_until(&record, persistent));
                self.session = Held::Live(Live { token, key, record, rolled: false, moved: false });
            }
            Committed::Ended => {
                // The client knows of a session that it brought, and of no other.
                self.cookie = if self.was_found { CookieChange::Remove } else { CookieChange::Keep };
                if self.is_live() {
                    self.session = Held::Absent(Origin::New);
                }
            }
            Committed::Lost if self.is_live() => self.lose(),
            Committed::Lost => {}
        }
    }

    /// The session stays under the client's token; its cookie is sent again only if it tells another moment than before.
    fn keep(&mut self, base: Record, moved: bool, changes: Changes, expiry: ExpiryChange, persistent: bool) {
        let Held::Live(live) = &mut self.session else {
            return;
        };
        let expires = expiry.applied_to(&base);
        let other_moment = expires != live.record.expires();
        live.record = base.expiring(expires);
        live.moved |= moved;
        self.unmerged = changes.delta;
        let is_told = persistent || changes.lifetime.is_some();
        if !moved && is_told && (other_moment || changes.lifetime.is_some()) {
            self.catch_up();
            self.tell_again(persistent);
        }
    }

    fn tell_again(&mut self, persistent: bool) {
        if let Held::Live(live) = &self.session
            && !live.moved
        {
            self.cookie = CookieChange::Set(live.token.clone(), lasts_until(&live.record, persistent));
        }
    }

    /// The head of the response goes out: what the client is told about its cookie.
    pub(crate) fn send_head(&mut self) -> CookieChange {
        self.head = Head::Sent;
        std::mem::take(&mut self.cookie)
    }
}

/// How long the browser keeps the cookie of this session; `None` for as long as it is open.
fn lasts_until(record: &Record, persistent: bool) -> Option<Timestamp> {
    (persistent || record.own_lifetime().is_some()).then(|| record.expires())
}

#[cfg(test)]
mod tests;
