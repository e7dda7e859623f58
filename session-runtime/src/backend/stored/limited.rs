//! Sign-ins under a limit: whoever signs in looks at all of the principal's sessions, after his own is stored.
//!
//! Of two at once the later look sees both, so that no more than the limit are left when both are answered, over any store and without a lock.

use super::{Commit, Committed, carry_out, end};
use crate::backend::{Evict, Limit};
use crate::clock::Timestamp;
use crate::error::{Chain, SessionError};
use crate::event::EventKind;
use crate::id::StoreKey;
use crate::store::{OwnedSession, PrincipalIndex, SessionStore};

/// Carries out a commit that signs this principal in.
pub(super) async fn sign_in<S: SessionStore>(
    store: &S,
    index: &dyn PrincipalIndex,
    commit: &Commit<'_>,
    principal: &str,
    limit: Limit,
) -> Result<Committed, SessionError> {
    if limit.evict == Evict::Deny {
        // Before anything is done to the session that the client has: nearly always this is what tells.
        let known = commit.live.and_then(|live| live.key);
        let others = index.sessions(principal).await?.into_iter().filter(|session| Some(session.key) != known);
        if others.count() >= limit.most {
            return Err(SessionError::limit_reached(limit.most));
        }
    }
    let committed = carry_out(store, commit).await?;
    let Committed::Issued(_, Some(own), _) = &committed else {
        return Ok(committed);
    };
    match enforce(store, index, commit, principal, limit, own).await {
        Ok(()) => Ok(committed),
        Err(error) => {
            // The client gets no cookie of it.
            if let Err(error) = end(store, *own).await {
                tracing::warn!(error = %Chain(&error), "a session that nobody was told of could not be ended");
            }
            Err(error)
        }
    }
}

/// Ends what is beyond the limit; fails where that is the session that has just been signed in to.
async fn enforce<S: SessionStore>(
    store: &S,
    index: &dyn PrincipalIndex,
    commit: &Commit<'_>,
    principal: &str,
    limit: Limit,
    own: &StoreKey,
) -> Result<(), SessionError> {
    let mut sessions = index.sessions(principal).await?;
    if sessions.len() <= limit.most {
        return Ok(());
    }
    let beyond = sessions.len() - limit.most;
    let beyond: Vec<_> = match limit.evict {
        Evict::Oldest => {
            sessions.retain(|session| session.key != *own);
            sessions.sort_by_key(seniority);
            sessions.drain(..beyond.min(sessions.len())).collect()
        }
        Evict::Deny => {
            sessions.sort_by_key(seniority);
            sessions.split_off(limit.most)
        }
    };
    for session in &beyond {
        if session.key == *own {
            return Err(SessionError::limit_reached(limit.most));
        }
        if end(store, session.key).await? {
            commit.events.happened(EventKind::Revoked, Some(&session.key));
        }
    }
    Ok(())
}

/// Who signed in first comes first, and of two at the same moment everybody takes the same for the first.
fn seniority(session: &OwnedSession) -> (Timestamp, StoreKey) {
    (session.record.began(), session.key)
}
