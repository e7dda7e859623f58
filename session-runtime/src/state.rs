//! What a request knows of its session and has decided about it: values and pure functions, no await and no header.

mod changes;
mod deposit;
mod plan;

use crate::backend::{Action, Basis, Committed, Live, Origin, Token};
use crate::clock::Timestamp;
use crate::error::SessionError;
use crate::id::StoreKey;
use crate::record::{Binding, Delta, Record};

pub(crate) use changes::{Changes, Lifetime};
pub(crate) use deposit::{Late, Left};
pub(crate) use plan::Plan;

/// A request's session, from the first load to the head of the response.
#[derive(Debug, Default)]
pub(crate) struct State {
    session: Held,
    /// Deposited by typed sessions, not yet committed.
    changes: Changes,
    /// Destroyed by this request, not yet removed.
    ended: Option<Box<Live>>,
    /// Counts the destructions: what a typed session of an earlier epoch deposits is absorbed.
    epoch: u32,
    cookie: CookieChange,
    head: Head,
    /// Whether the client brought a session.
    was_found: bool,
    /// Whether the session's id has been in use for long enough.
    rotation_is_due: bool,
    /// A deposit that could not be made.
    failure: Option<SessionError>,
    /// What sealed values are bound to, of a session that has no binding yet.
    new_binding: Option<Binding>,
}

/// The session that the next commit is about.
#[derive(Debug, Default)]
#[expect(
    clippy::large_enum_variant,
    reason = "what is loaded is nearly always the large one, and a box costs as much as the load"
)]
enum Held {
    #[default]
    Unloaded,
    /// None yet: what is set creates one.
    Absent(Origin),
    /// It ended while this request ran or was on its way: what is set is dropped, unless it is set under a new id. Should it live on under
    /// another id, a sign-out still ends it.
    Gone(Box<Live>),
    Stored(Stored),
}

/// A session that is stored, as far as this request knows.
#[derive(Debug)]
struct Stored {
    live: Live,
    /// The end that it is to be extended to, having been used.
    due: Option<Timestamp>,
    /// Stored already, but not yet applied to the copy of the record here: nobody may ever ask.
    unmerged: Delta,
}

impl Stored {
    fn catch_up(&mut self) {
        if !self.unmerged.is_empty() {
            self.live.record = self.live.record.apply(&std::mem::take(&mut self.unmerged));
        }
    }
}

/// What a session's use calls for.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Due {
    /// The end that it is to be extended to.
    pub(crate) extension: Option<Timestamp>,
    /// Whether its id has been in use for long enough.
    pub(crate) rotation: bool,
}

/// Whether cookies can still be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Head {
    #[default]
    Open,
    /// The last commit is under way: changes are late, a sign-out is not.
    Leaving,
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
        matches!(self.session, Held::Stored(_))
    }

    /// Whether it is too late for a cookie: the last commit is under way, or the head was sent.
    pub(crate) fn is_late(&self) -> bool {
        self.head != Head::Open
    }

    pub(crate) fn live(&self) -> Option<&Live> {
        match &self.session {
            Held::Stored(stored) => Some(&stored.live),
            Held::Unloaded | Held::Absent(_) | Held::Gone(_) => None,
        }
    }

    /// The session as it is stored, as far as this request knows.
    pub(crate) fn stored(&mut self) -> Option<(StoreKey, Record)> {
        self.catch_up();
        let live = self.live()?;
        Some((live.key?, live.record.clone()))
    }

    /// The version of what is stored, as far as this request knows.
    pub(crate) fn version(&self) -> u64 {
        self.live().map_or(0, |live| live.record.version())
    }

    pub(crate) fn epoch(&self) -> u32 {
        self.epoch
    }

    /// What sealed values of a session without a binding are bound to: the same for all of this request.
    ///
    /// # Errors
    ///
    /// Where the operating system gives no random bytes.
    pub(crate) fn new_binding(&mut self) -> Result<Binding, SessionError> {
        let binding = self.new_binding.map_or_else(Binding::generate, Ok)?;
        self.new_binding = Some(binding);
        Ok(binding)
    }

    /// Takes in what was loaded in this epoch.
    pub(crate) fn found(&mut self, epoch: u32, live: Live, due: Due) {
        if epoch == self.epoch {
            self.was_found |= self.is_unloaded();
            self.rotation_is_due = due.rotation;
            self.session = Held::Stored(Stored { live, due: due.extension, unmerged: Delta::default() });
        }
    }

    /// Takes in that there is no session; whether there was one before, which is lost.
    pub(crate) fn found_nothing(&mut self, epoch: u32, origin: Origin) -> bool {
        if epoch != self.epoch {
            return false;
        }
        if self.lose() {
            return true;
        }
        self.session = Held::Absent(origin);
        false
    }

    /// Takes in that the client's id was renewed while this request was on its way: it gets no session, and makes none that would take the
    /// place of the one that the client is about to get.
    pub(crate) fn found_renewed(&mut self, epoch: u32, live: Box<Live>) {
        if epoch == self.epoch {
            self.was_found |= self.is_unloaded();
            self.gone(live);
        }
    }

    /// A stored session ended while this request ran; whether there was one.
    fn lose(&mut self) -> bool {
        if !self.is_live() {
            return false;
        }
        if let Held::Stored(stored) = std::mem::take(&mut self.session) {
            self.gone(Box::new(stored.live));
        }
        true
    }

    /// The session is none any more, and what was made of it ends with it: no cookie may tell of it.
    fn gone(&mut self, live: Box<Live>) {
        self.take_changes();
        self.cookie = CookieChange::Keep;
        self.session = Held::Gone(live);
    }

    /// What a typed session that is opened now sees: what is stored and what was deposited before it. `None` before anything was loaded.
    pub(crate) fn view(&mut self, fresh: impl FnOnce() -> Record) -> Option<View> {
        self.catch_up();
        let (base, origin) = match &self.session {
            Held::Unloaded => return None,
            Held::Absent(origin) => (fresh(), *origin),
            Held::Gone(_) => (fresh(), Origin::UnknownId),
            Held::Stored(stored) => (stored.live.record.clone(), Origin::Loaded),
        };
        let mut record = if self.changes.delta.is_empty() { base } else { base.apply(&self.changes.delta) };
        if !self.changes.bindings.is_empty() {
            record = record.bound_to(&self.changes.bindings);
        }
        Some(View { record, origin, epoch: self.epoch })
    }

    /// Applies what this request has stored to its copy of the record.
    fn catch_up(&mut self) {
        if let Held::Stored(stored) = &mut self.session {
            stored.catch_up();
        }
    }

    /// Ends the session, whatever else was or will be deposited by those that saw it.
    pub(crate) fn destroy(&mut self, epoch: u32) {
        if epoch == self.epoch {
            self.epoch += 1;
            self.take_changes();
            self.failure = None;
            self.new_binding = None;
            match std::mem::replace(&mut self.session, Held::Absent(Origin::New)) {
                Held::Stored(stored) => self.ended = Some(Box::new(stored.live)),
                Held::Gone(live) => self.ended = Some(live),
                Held::Unloaded | Held::Absent(_) => {}
            }
        }
    }

    /// What is to be done at the end of the request.
    pub(crate) fn action(&self, outcome: Outcome) -> Action {
        match outcome {
            Outcome::Success => self.action_for(&self.changes, true),
            Outcome::Failure => self.action_for(&Changes::default(), false),
        }
    }

    /// What is to be done for these changes; an id that was in use for long enough is renewed where it may be.
    fn action_for(&self, changes: &Changes, may_rotate: bool) -> Action {
        match (&self.ended, &self.session) {
            (Some(_), _) if changes.creates() => Action::Replace,
            (Some(_), _) => Action::Remove,
            (None, Held::Absent(_)) if changes.creates() => Action::Insert,
            // A sign-in does not fail because the session before it ended: it begins one of its own.
            (None, Held::Gone(_)) if changes.regenerate_id && changes.creates() => Action::Insert,
            (None, Held::Unloaded | Held::Absent(_) | Held::Gone(_)) => Action::Keep,
            (None, Held::Stored(stored)) => {
                let rotates = may_rotate && self.rotation_is_due;
                let remove_if_empty = || changes.empties(&stored.live.record);
                match changes {
                    _ if changes.regenerate_id => Action::Rename { remove_if_empty: remove_if_empty() },
                    _ if rotates => Action::Rotate { remove_if_empty: remove_if_empty() },
                    _ if !changes.is_empty() => Action::Update { remove_if_empty: remove_if_empty() },
                    _ if stored.due.is_some() => Action::Touch,
                    _ => Action::Keep,
                }
            }
        }
    }

    /// Takes in what came of a plan; whether the session turned out to be lost.
    pub(crate) fn settle(&mut self, plan: Plan, committed: Committed, persistent: bool) -> bool {
        if plan.epoch != self.epoch {
            return self.settle_destroyed(plan.action, committed);
        }
        if matches!(plan.action, Action::Remove | Action::Replace) {
            self.ended = None;
        }
        match committed {
            Committed::Kept(basis) => self.keep(basis, None, plan, persistent),
            Committed::Followed(key, basis) => self.keep(basis, Some(key), plan, persistent),
            Committed::Issued(token, key, record) => {
                self.cookie = CookieChange::Set(token.clone(), lasts_until(&record, persistent));
                let live = Live::new(token, key, record);
                self.rotation_is_due = false;
                self.session = Held::Stored(Stored { live, due: None, unmerged: Delta::default() });
            }
            Committed::Ended => {
                self.end_cookie();
                if self.is_live() {
                    self.session = Held::Absent(Origin::New);
                }
            }
            Committed::Lost => {
                self.cookie = CookieChange::Keep;
                return self.lose();
            }
        }
        false
    }

    /// As `settle`, where the session was destroyed meanwhile: whatever the commit has made of it is still to be removed.
    fn settle_destroyed(&mut self, action: Action, committed: Committed) -> bool {
        match committed {
            Committed::Issued(token, key, record) => {
                self.ended = Some(Box::new(Live::new(token, key, record)));
            }
            Committed::Ended => {
                self.ended = None;
                self.end_cookie();
            }
            Committed::Lost if matches!(action, Action::Remove | Action::Replace) => self.ended = None,
            Committed::Kept(_) | Committed::Followed(..) | Committed::Lost => {}
        }
        false
    }

    /// The client knows of a session that it brought, and of no other.
    fn end_cookie(&mut self) {
        self.cookie = if self.was_found { CookieChange::Remove } else { CookieChange::Keep };
    }

    /// The session stays under the client's token; its cookie is sent again only if it tells another moment than before.
    fn keep(&mut self, basis: Basis, moved_to: Option<StoreKey>, plan: Plan, persistent: bool) {
        let Held::Stored(stored) = &mut self.session else {
            return;
        };
        let told = stored.live.record.expires();
        if let Some(current) = basis.current {
            stored.live.record = current;
        }
        let expires = plan.expiry.applied_to(&stored.live.record);
        let is_told = persistent && expires != told || plan.changes.lifetime.is_some() || stored.live.stale;
        stored.live.record.set_expires(expires);
        if moved_to.is_some() {
            stored.live.key = moved_to;
            stored.live.moved = true;
            self.rotation_is_due = false;
            // Another response brings the id that is in use now.
            self.cookie = CookieChange::Keep;
        }
        stored.unmerged = basis.merged.map_or(plan.changes.delta, |merged| *merged);
        stored.due = None;
        if is_told && !stored.live.moved {
            stored.catch_up();
            let Live { token, record, .. } = &stored.live;
            self.cookie = CookieChange::Set(token.clone(), lasts_until(record, persistent));
        }
    }

    /// The last commit is planned: what is deposited from now on is late.
    pub(crate) fn begin_head(&mut self) {
        self.head = Head::Leaving;
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
