//! Carrying out what the state decided: at the end of the request, or where a handler saves.

use super::SessionHandle;
use crate::backend::{Action, Commit, Live};
use crate::clock::Timestamp;
use crate::error::SessionError;
use crate::record::Stamp;
use crate::state::{Changes, CookieChange, Outcome, State};
use crate::store::{BoxFuture, ExpiryChange};
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
            state.take_changes();
            state.take_failure();
            return Closing::Done(Closed::of(&mut state, None));
        }
        drop(state);
        let handle = self.clone();
        Closing::Waiting(Box::pin(async move { handle.finish(outcome).await }))
    }

    /// The handler is gone without an answer: what it deposited is dropped, and later changes are late.
    pub(crate) fn abandon(&self) {
        let mut state = self.state();
        state.take_changes();
        state.send_head();
    }

    async fn finish(&self, outcome: Outcome) -> Closed {
        let _gate = self.0.gate.enter().await;
        let (plan, failure) = {
            let mut state = self.state();
            let failure = state.take_failure().filter(|_| outcome == Outcome::Success);
            let outcome = if failure.is_some() { Outcome::Failure } else { outcome };
            let deposited = state.take_changes();
            let changes = if outcome == Outcome::Success { deposited } else { Changes::default() };
            (self.plan(&mut state, changes), failure)
        };
        let committed = self.carry_out(plan).await;
        Closed::of(&mut self.state(), failure.or(committed.err()))
    }

    /// Commits what was deposited, and these changes of a session that is still alive.
    pub(crate) async fn save(&self, epoch: u32, own: Changes) -> Result<(), SessionError> {
        let _gate = self.0.gate.enter().await;
        let (deposited, plan) = {
            let mut state = self.state();
            let deposited = state.take_changes();
            let mut changes = deposited.clone();
            if state.is_epoch(epoch) {
                changes.merge(own);
            }
            (deposited, self.plan(&mut state, changes))
        };
        let taken = Taken { handle: self, changes: Some(deposited) };
        if plan.action == Action::Touch {
            return Ok(());
        }
        if let Some(what) = plan.needs_cookie()
            && self.state().is_head_sent()
        {
            return Err(SessionError::head_sent(what));
        }
        self.carry_out(plan).await?;
        taken.commit();
        Ok(())
    }

    fn plan(&self, state: &mut State, changes: Changes) -> Plan {
        let policy = self.policy();
        state.catch_up();
        let action = state.action_for(&changes);
        if action.is_keep() {
            return Plan::nothing(changes);
        }
        let now = policy.clock.now();
        let expiry = state.expiry_change(&changes, &policy.expiry, now);
        let expires = match expiry {
            ExpiryChange::Set(expires) => expires,
            ExpiryChange::Keep | ExpiryChange::Extend(_) => policy.expiry.initial(now),
        };
        Plan { action, target: state.target(), changes, expiry, now, expires }
    }

    async fn carry_out(&self, plan: Plan) -> Result<(), SessionError> {
        if plan.action.is_keep() {
            return Ok(());
        }
        let policy = self.policy();
        let commit = Commit {
            action: plan.action,
            live: plan.target.as_ref(),
            delta: &plan.changes.delta,
            expiry: plan.expiry,
            stamp: Stamp::next(),
            now: plan.now,
            expires: plan.expires,
        };
        let committed = within(policy.store_timeout, policy.backend.commit(commit)).await?;
        self.state().settle(committed, plan.changes, plan.expiry, policy.expiry.is_persistent());
        Ok(())
    }
}

/// Others' changes on their way to the store: back with the request, if they do not arrive.
struct Taken<'a> {
    handle: &'a SessionHandle,
    changes: Option<Changes>,
}

impl Taken<'_> {
    fn commit(mut self) {
        self.changes = None;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        if let Some(changes) = self.changes.take() {
            self.handle.state().restore_changes(changes);
        }
    }
}

/// A commit, before it has a stamp.
struct Plan {
    action: Action,
    target: Option<Live>,
    changes: Changes,
    expiry: ExpiryChange,
    now: Timestamp,
    expires: Timestamp,
}

impl Plan {
    fn nothing(changes: Changes) -> Self {
        let epoch = Timestamp::default();
        Self { action: Action::Keep, target: None, changes, expiry: ExpiryChange::Keep, now: epoch, expires: epoch }
    }

    /// What of this plan cannot be done without a cookie.
    fn needs_cookie(&self) -> Option<&'static str> {
        match self.action {
            Action::Insert | Action::Replace => Some("a new session"),
            Action::Rename { .. } => Some("a new id"),
            Action::Update { .. } if self.changes.lifetime.is_some() => Some("a lifetime"),
            Action::Keep | Action::Touch | Action::Update { .. } | Action::Remove => None,
        }
    }
}

impl Closed {
    fn of(state: &mut State, error: Option<SessionError>) -> Self {
        Self { was_read: !state.is_unloaded(), cookie: state.send_head(), error }
    }
}
