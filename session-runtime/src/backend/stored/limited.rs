//! Sign-ins under a limit: each looks at all of the principal's sessions, after its own is stored.
//!
//! Of two at once the later look sees both, and all put the sessions into the same order. So exactly as many as the limit are left when all are
//! answered: over any store, and without a lock.

use super::{Commit, Committed, again, carry_out, end};
use crate::backend::{Evict, Limit};
use crate::clock::Timestamp;
use crate::error::{Chain, SessionError};
use crate::event::EventKind;
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{OwnedSession, PrincipalIndex, SessionStore};

/// A sign-in.
pub(super) struct SignIn<'a, S> {
    pub(super) store: &'a S,
    pub(super) index: &'a dyn PrincipalIndex,
    pub(super) commit: &'a Commit<'a>,
    pub(super) principal: &'a str,
    pub(super) limit: Limit,
}

impl<S: SessionStore> SignIn<'_, S> {
    pub(super) async fn carry_out(&self) -> Result<Committed, SessionError> {
        let again = self.commit.live.filter(|live| live.record.principal() == Some(self.principal));
        if self.limit.evict == Evict::Deny && again.is_none() && self.live().await?.len() >= self.limit.most {
            // Before anything is done to the session that the client has: nearly always the refusal comes from here.
            return Err(SessionError::limit_reached(self.limit.most));
        }
        let committed = carry_out(self.store, self.commit).await?;
        let Committed::Issued(_, Some(own), record) = &committed else {
            return Ok(committed);
        };
        if again.is_some_and(|live| is_same(&live.record, record)) {
            // To sign in once more to the same session adds none.
            return Ok(committed);
        }
        match self.enforce(own).await {
            Ok(true) => Ok(committed),
            // Others signed in at the same moment, and after this one.
            Ok(false) => Ok(Committed::Lost),
            Err(error) => {
                // The client gets no cookie for it.
                self.end(*own).await.unwrap_or_else(|error| {
                    tracing::warn!(error = %Chain(&error), "a session that nobody was told of could not be ended");
                });
                Err(error)
            }
        }
    }

    /// Ends what is beyond the limit; whether the session that has just been signed in to is left.
    async fn enforce(&self, own: &StoreKey) -> Result<bool, SessionError> {
        let mut sessions = self.live().await?;
        let is_there = sessions.iter().any(|session| session.key == *own);
        let beyond = sessions.len().saturating_sub(self.limit.most);
        sessions.sort_by_key(seniority);
        let beyond = match self.limit.evict {
            Evict::Oldest => &sessions[..beyond],
            Evict::Deny => &sessions[sessions.len() - beyond..],
        };
        for session in beyond {
            self.end(session.key).await?;
        }
        self.left(is_there && beyond.iter().all(|session| session.key != *own))
    }

    /// What is answered, by whether the session is left.
    fn left(&self, is_left: bool) -> Result<bool, SessionError> {
        match self.limit.evict {
            Evict::Deny if !is_left => Err(SessionError::limit_reached(self.limit.most)),
            _ => Ok(is_left),
        }
    }

    /// The principal's sessions, by what is configured today.
    async fn live(&self) -> Result<Vec<OwnedSession>, SessionError> {
        let mut sessions = again(|| self.index.sessions(self.principal)).await?;
        sessions.retain(|session| !self.commit.configured.has_ended(&session.record, self.commit.now));
        Ok(sessions)
    }

    async fn end(&self, key: StoreKey) -> Result<(), SessionError> {
        if end(self.store, key).await? {
            self.commit.events.happened(EventKind::Revoked, Some(&key));
        }
        Ok(())
    }
}

/// Whether a record is another's, changed: a session that begins anew was created now.
fn is_same(before: &Record, after: &Record) -> bool {
    before.created() == after.created()
}

/// Who signed in first comes first, and of two at the same moment in two processes everybody takes the same for the first.
fn seniority(session: &OwnedSession) -> (Timestamp, u64, StoreKey) {
    (session.record.began(), session.record.sign_in(), session.key)
}
