//! Carrying out what the state decided: at the end of the request, or where a handler saves.

use super::SessionHandle;
use crate::backend::{Action, Commit, Committed};
use crate::error::{SessionError, StoreError};
use crate::event::{Call, Event, EventKind, timed};
use crate::id::StoreKey;
use crate::record::Stamp;
use crate::state::{Changes, CookieChange, Left, Outcome, Plan, State};
use crate::store::BoxFuture;
use crate::timeout::within;

/// What the end of a request comes to.
pub(crate) enum Closing {
    Done(Closed),
    /// The store has to be asked.
    Waiting(BoxFuture<'static, Closed>),
}

/// What the response says about the session.
pub(crate) struct Closed {
    pub(crate) cookie: CookieChange,
    /// Whether the answer may depend on the session.
    pub(crate) was_read: bool,
    pub(crate) error: Option<SessionError>,
    /// The session that it is about.
    pub(crate) session: Option<StoreKey>,
}

impl SessionHandle {
    /// The handler is done: commits what it changed, once. Later changes are late.
    pub(crate) fn close(&self, outcome: Outcome) -> Closing {
        let mut state = self.state();
        if !self.0.gate.is_busy()
            && state.action(outcome).is_keep()
            && (outcome == Outcome::Failure || !state.has_failed())
        {
            // What came to nothing, or was of a failed response, must not be written by a later save.
            state.forget_changes();
            return Closing::Done(Closed::of(&mut state, None));
        }
        drop(state);
        let handle = self.clone();
        Closing::Waiting(Box::pin(async move { handle.finish(outcome).await }))
    }

    /// The handler is gone without an answer: what it deposited is dropped, and later changes are late.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        state.forget_changes();
        state.send_head();
    }

    async fn finish(&self, outcome: Outcome) -> Closed {
        let _gate = self.0.gate.enter().await;
        let (mut plan, mut error) = {
            let mut state = self.state();
            state.begin_head();
            let failure = state.take_failure().filter(|_| outcome == Outcome::Success);
            let deposited = state.take_changes();
            let commits = outcome == Outcome::Success && failure.is_none();
            let changes = if commits { deposited } else { Changes::default() };
            match self.plan(&mut state, changes, commits) {
                Ok(plan) => (plan, failure),
                Err(_) => return Closed::of(&mut state, failure),
            }
        };
        loop {
            let committed = self.commit(&plan, Stamp::next()).await;
            let mut state = self.state();
            let epoch = plan.epoch;
            let mut is_done = epoch == state.epoch();
            let lost = match committed {
                Ok(committed) => self.settle(&mut state, plan, committed),
                Err(failed) => {
                    // What follows the sign-out cannot be stored: the sign-out still is.
                    is_done &= plan.action != Action::Replace || failed.is_unavailable();
                    error = error.or(Some(failed));
                    None
                }
            };
            if let Some(lost) = lost {
                drop(state);
                self.tell_lost(lost);
                state = self.state();
                is_done &= epoch == state.epoch();
            }
            if is_done {
                return Closed::of(&mut state, error);
            }
            // A sign-out, which may have come while the commit was on its way.
            match self.plan(&mut state, Changes::default(), false) {
                Ok(next) => plan = next,
                Err(_) => return Closed::of(&mut state, error),
            }
        }
    }

    /// Commits what was deposited, and these changes of a session that is still alive.
    pub(crate) async fn save(&self, epoch: u32, own: Changes, stamp: Stamp) -> Result<(), SessionError> {
        let _gate = self.0.gate.enter().await;
        let (mut taken, deposited) = {
            let mut state = self.state();
            let deposited = state.take_changes();
            (Taken { handle: self, epoch: state.epoch(), changes: Some(deposited.clone()) }, deposited)
        };
        let changes = if taken.epoch == epoch { deposited.followed_by(own)? } else { deposited };
        let (plan, late) = {
            let mut state = self.state();
            // Destroyed a moment ago: what was to be saved is absorbed.
            let changes = if taken.epoch == state.epoch() { changes } else { Changes::default() };
            (self.plan(&mut state, changes, false), state.is_late())
        };
        match plan {
            // Nothing to store yet: a lifetime waits for the first field.
            Err(changes) if !late => self.restore(taken.commit(), changes),
            Err(changes) if changes.lifetime.is_some() => return Err(SessionError::head_sent("a lifetime")),
            Err(_) => {}
            Ok(plan) if plan.action == Action::Touch => {}
            Ok(plan) => {
                if let Some(what) = plan.needs_cookie(self.policy().backend.is_client_side()).filter(|_| late) {
                    return Err(SessionError::head_sent(what));
                }
                taken.note_tried(stamp, self.state().version());
                let committed = self.commit(&plan, stamp).await.inspect_err(|error| {
                    let session = plan.target.as_ref().and_then(|live| live.key);
                    self.policy().events.tell(&Event::commit_failed(session, error));
                    if !error.is_unavailable() {
                        taken.forget_tried(stamp);
                    }
                })?;
                let lost = self.settle(&mut self.state(), plan, committed);
                taken.commit();
                if let Some(lost) = lost {
                    self.tell_lost(lost);
                }
            }
        }
        Ok(())
    }

    /// Puts changes back that were not committed.
    fn restore(&self, epoch: u32, changes: Changes) {
        let left = self.state().restore_changes(epoch, changes);
        self.settle_overlaps(left);
    }

    fn plan(&self, state: &mut State, changes: Changes, may_rotate: bool) -> Result<Plan, Changes> {
        let policy = self.policy();
        state.plan(changes, &policy.expiry, || policy.clock.now(), may_rotate)
    }

    async fn commit(&self, plan: &Plan, stamp: Stamp) -> Result<Committed, SessionError> {
        let policy = self.policy();
        let mut bindings = plan.changes.bindings.clone();
        let may_begin = matches!(plan.action, Action::Insert | Action::Replace | Action::Rename { .. });
        // Where the cookie holds the session, no two requests can each give it its first.
        if may_begin && bindings.is_empty() && policy.sealer.is_some() && !policy.backend.is_client_side() {
            bindings = self.state().new_binding()?.into();
        }
        let commit = Commit {
            bindings,
            action: plan.action,
            live: plan.target.as_ref(),
            delta: &plan.changes.delta,
            merges: &plan.changes.merges,
            expiry: plan.expiry,
            principal: plan.changes.principal(),
            stamp,
            now: plan.now,
            expires: plan.expires,
            grace: plan.grace,
            cookie: self.0.host.cookie(),
            limit: policy.limit,
            configured: &policy.expiry,
            events: &policy.events,
            patience: policy.store_timeout,
        };
        let committed = timed(Call::Commit, within(policy.store_timeout, policy.backend.commit(commit))).await?;
        self.tell_committed(plan, &committed);
        Ok(committed)
    }

    /// Tells what a commit made of the session.
    fn tell_committed(&self, plan: &Plan, committed: &Committed) {
        let events = &self.policy().events;
        let before = || plan.target.as_ref().and_then(|live| live.key.as_ref());
        match (committed, plan.action) {
            (Committed::Issued(_, key, _), Action::Insert) => events.happened(EventKind::Created, key.as_ref()),
            (Committed::Issued(_, key, _), Action::Replace) => {
                events.happened(EventKind::Destroyed, before());
                events.happened(EventKind::Created, key.as_ref());
            }
            (Committed::Issued(_, key, record), Action::Rename { .. } | Action::Rotate { .. }) => {
                let is_new = plan.target.as_ref().is_some_and(|live| live.record.created() != record.created());
                if is_new {
                    events.happened(EventKind::Lost, before());
                }
                events.happened(if is_new { EventKind::Created } else { EventKind::Renewed }, key.as_ref());
            }
            (Committed::Ended, _) => events.happened(EventKind::Destroyed, before()),
            _ => {}
        }
    }

    /// Takes in what came of a plan; the session that somebody else has ended, if that is what it was.
    fn settle(&self, state: &mut State, plan: Plan, committed: Committed) -> Option<Lost> {
        let session = plan.target.as_ref().and_then(|live| live.key);
        let lost = state.settle(plan, committed, self.policy().expiry.is_persistent());
        lost.then_some(Lost { session })
    }

    fn tell_lost(&self, Lost { session }: Lost) {
        self.policy().events.happened(EventKind::Lost, session.as_ref());
    }
}

/// A session that somebody else ended: it is told once no lock is held.
struct Lost {
    session: Option<StoreKey>,
}

/// Others' changes on their way to the store: back with the request, if they do not arrive.
struct Taken<'a> {
    handle: &'a SessionHandle,
    epoch: u32,
    changes: Option<Changes>,
}

impl Taken<'_> {
    /// They are being committed.
    fn note_tried(&mut self, stamp: Stamp, version: u64) {
        if let Some(changes) = &mut self.changes {
            changes.note_tried(stamp, version);
        }
    }

    /// They were not committed, and are known not to be.
    fn forget_tried(&mut self, stamp: Stamp) {
        if let Some(changes) = &mut self.changes {
            changes.forget_tried(stamp);
        }
    }

    /// They have arrived, or are taken care of; the epoch that they are of.
    fn commit(mut self) -> u32 {
        self.changes = None;
        self.epoch
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(changes) = self.changes.take() {
            // A user's merge does not run during a panic: it could be what panicked.
            let left = self.handle.state().restore_changes(self.epoch, changes);
            match left {
                Left::Overlapping(_) if std::thread::panicking() => {
                    let error = StoreError::rejected("a panic kept changes of this request from being merged");
                    self.handle.leave(self.epoch, Err(error.into()));
                }
                left => drop(self.handle.settle_overlaps(left)),
            }
        }
    }
}

impl Closed {
    fn of(state: &mut State, error: Option<SessionError>) -> Self {
        let session = state.live().and_then(|live| live.key);
        Self { was_read: !state.is_unloaded(), cookie: state.send_head(), error, session }
    }
}
