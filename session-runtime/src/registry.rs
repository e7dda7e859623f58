//! A principal's sessions: who is signed in where, and to sign them out.

use std::fmt::{self, Display};
use std::sync::Arc;

use crate::clock::Timestamp;
use crate::core::SessionCore;
use crate::error::SessionError;
use crate::event::EventKind;
use crate::handle::Policy;
use crate::id::StoreKey;
#[cfg(doc)]
use crate::layer::SessionLayer;
use crate::principal;
use crate::record::Record;
use crate::seal::to_text;
use crate::store::OwnedSession;
use crate::timeout::within;

/// Finds, counts and ends the sessions of a principal: for "where you are signed in", "sign out everywhere" and accounts that are closed.
///
/// A principal is named as in the schema: by the value of the field that is `#[session(principal)]`, or by anything of the same text. Layers over
/// one store see the same principals. Where customer 7 and administrator 7 are two people, give each layer a store with a prefix or a table of
/// its own.
///
/// ```
/// # use session_runtime::{Except, Session, SessionError, SessionRegistry, session};
/// #[derive(Session)]
/// struct Account {
///     #[session(principal)]
///     user: Option<u64>,
/// }
///
/// /// Signs the user out everywhere but here.
/// #[session(autoload)]
/// async fn new_password(account: &Session<Account>, registry: SessionRegistry) -> Result<String, SessionError> {
///     let Some(user) = account.user() else { return Ok("nobody is signed in".to_owned()) };
///     // … store the new password first, then:
///     let ended = registry.revoke_all(user, Except::This(account)).await?;
///     Ok(format!("{ended} sessions ended"))
/// }
/// # axum::Router::<()>::new().route("/", axum::routing::post(new_password));
/// ```
///
/// In axum it is an extractor: that of the innermost session layer which the request has passed. [`SessionLayer::registry`] makes one without a
/// request.
///
/// What is promised, over every store that comes with this crate:
///
/// 1. **None is missing.** A session is listed before its owner gets the cookie, and stays listed until it ends, whatever id it gets meanwhile,
///    and whenever the store, the server or the network fails.
/// 2. **What is ended is dead**: no request that comes later finds it, and none that is under way brings it back or changes it.
/// 3. **[`revoke_all`](Self::revoke_all) ends all** that the principal was signed in to when it was called. A sign-in that is under way at that
///    moment fails, is ended, or counts as one that came after the call.
#[derive(Clone)]
pub struct SessionRegistry {
    policy: Policy,
}

/// What [`SessionRegistry::revoke_all`] leaves.
#[derive(Clone, Copy, Debug)]
pub enum Except<'a> {
    /// No session.
    None,
    /// The session of this request.
    This(&'a SessionCore),
}

/// One of a principal's sessions, as it can be shown to him.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionEntry {
    handle: Arc<str>,
    created: Timestamp,
    authenticated_at: Timestamp,
    last_seen: Timestamp,
    expires: Timestamp,
    description: Option<Box<str>>,
}

/// How many sessions are ended before the list is read again: as many as end while a store remembers where a renamed session went.
const BATCH: usize = 64;

/// How often the list is read again because a session could not be ended: one that gets new ids all the time, say.
const MOST_TRIES: u32 = 4;

impl SessionRegistry {
    pub(crate) fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// The sessions of a principal, the last used first.
    ///
    /// # Errors
    ///
    /// [`is_unavailable`](SessionError::is_unavailable) if the store could not be reached or did not answer in time.
    pub async fn sessions_of(&self, principal: impl Display) -> Result<Vec<SessionEntry>, SessionError> {
        let sessions = self.live(name_of(principal)).await?;
        let mut entries: Vec<_> = sessions.iter().map(|session| self.entry(session)).collect();
        entries.sort_by(|a, b| b.last_seen.cmp(&a.last_seen).then_with(|| a.handle.cmp(&b.handle)));
        Ok(entries)
    }

    /// How many sessions a principal has.
    ///
    /// # Errors
    ///
    /// As [`sessions_of`](Self::sessions_of).
    pub async fn count(&self, principal: impl Display) -> Result<usize, SessionError> {
        Ok(self.live(name_of(principal)).await?.len())
    }

    /// Ends the session with this [handle](SessionEntry::handle), if it is this principal's: a handle from a form ends nobody else's. Tells whether
    /// there was one.
    ///
    /// For the session of this very request, [`destroy`](crate::TypedSession::destroy) does the same, and removes the cookie; ended here, it loses what
    /// the request changes, as any other would.
    ///
    /// # Errors
    ///
    /// As [`sessions_of`](Self::sessions_of), and [`is_conflict`](SessionError::is_conflict) if the session gets new ids all the time; it may have
    /// ended or not.
    pub async fn revoke(&self, principal: impl Display, handle: &str) -> Result<bool, SessionError> {
        let sessions = self.list(name_of(principal)).await?;
        match sessions.iter().find(|session| *handle_of(session) == *handle) {
            Some(session) => self.end(session.key).await,
            None => Ok(false),
        }
    }

    /// Ends all sessions of a principal, or all but this one. Tells how many.
    ///
    /// Change the password first: somebody who signs in with the old one while this runs may stay signed in.
    ///
    /// # Errors
    ///
    /// As [`revoke`](Self::revoke); some may have ended, and the next call ends the others.
    pub async fn revoke_all(&self, principal: impl Display, except: Except<'_>) -> Result<usize, SessionError> {
        let Some(name) = name_of(principal) else { return Ok(0) };
        if let Some(sessions) = self.policy.backend.sessions() {
            within(self.policy.store_timeout, sessions.call_off(&name)).await?;
        }
        let mut ended = 0;
        let mut tries = 0;
        loop {
            let mut sessions = self.list(Some(name.clone())).await?;
            sessions.retain(|session| !except.covers(session));
            let were_all = sessions.len() <= BATCH;
            sessions.truncate(BATCH);
            let mut failed = None;
            for session in sessions {
                match self.end(session.key).await {
                    Ok(was_there) => ended += usize::from(was_there),
                    // The others are ended all the same.
                    Err(error) => failed = Some(error),
                }
            }
            match failed {
                Some(error) if tries == MOST_TRIES => return Err(error),
                Some(_) => tries += 1,
                None if were_all => return Ok(ended),
                None => {}
            }
        }
    }

    /// As [`list`](Self::list), without those that the layer's `Expiry` of today has ended.
    async fn live(&self, name: Option<Arc<str>>) -> Result<Vec<OwnedSession>, SessionError> {
        let mut sessions = self.list(name).await?;
        let now = self.policy.clock.now();
        sessions.retain(|session| !self.policy.expiry.has_ended(&session.record, now));
        Ok(sessions)
    }

    async fn list(&self, name: Option<Arc<str>>) -> Result<Vec<OwnedSession>, SessionError> {
        let (Some(sessions), Some(name)) = (self.policy.backend.sessions(), name) else {
            return Ok(Vec::new());
        };
        Ok(within(self.policy.store_timeout, sessions.list(&name)).await?)
    }

    async fn end(&self, key: StoreKey) -> Result<bool, SessionError> {
        let Some(sessions) = self.policy.backend.sessions() else {
            return Ok(false);
        };
        let ended = within(self.policy.store_timeout, sessions.end(key)).await?;
        if ended {
            self.policy.events.happened(EventKind::Revoked, Some(&key));
        }
        Ok(ended)
    }

    fn entry(&self, session: &OwnedSession) -> SessionEntry {
        let record = &session.record;
        let authenticated_at = record.began();
        let last_extended = self.policy.expiry.last_extended(record);
        SessionEntry {
            handle: handle_of(session),
            created: record.created(),
            authenticated_at,
            last_seen: last_extended.map_or(authenticated_at, |seen| seen.max(authenticated_at)),
            expires: record.expires(),
            description: record.description().map(Into::into),
        }
    }
}

impl SessionEntry {
    /// The name by which [`SessionRegistry::revoke`] knows the session, for a form: 16 letters, digits, `-` and `_`. It stays the same until the
    /// next sign-in, and is worth nothing as an id.
    pub fn handle(&self) -> &str {
        &self.handle
    }

    /// Whether it is the session of this request.
    pub fn is(&self, session: &SessionCore) -> bool {
        handle_of_this(session).is_some_and(|handle| handle == self.handle)
    }

    /// When the session was created, which may have been before the principal signed in to it.
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// When the principal last signed in to it.
    pub fn authenticated_at(&self) -> Timestamp {
        self.authenticated_at
    }

    /// When it was last extended by use: its last use is later by at most a tenth of the idle time, or by what
    /// [`Expiry::touch_after`](crate::Expiry::touch_after) says. Without an idle time, or with a lifetime of its own, when the principal signed in.
    pub fn last_seen(&self) -> Timestamp {
        self.last_seen
    }

    /// When it ends, if nothing extends it.
    pub fn expires(&self) -> Timestamp {
        self.expires
    }

    /// What [`describe`](SessionCore::describe) said of it: a stranger's text, if it is what a browser said of itself.
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }
}

impl Except<'_> {
    fn covers(self, session: &OwnedSession) -> bool {
        match self {
            Self::None => false,
            Self::This(this) => handle_of_this(this).is_some_and(|handle| handle == handle_of(session)),
        }
    }
}

/// The name of a principal; no session is under what cannot be one. Made before anything is awaited: the principal need not be `Send`.
fn name_of(principal: impl Display) -> Option<Arc<str>> {
    principal::name(&principal).ok()
}

fn handle_of(session: &OwnedSession) -> Arc<str> {
    handle_of_record(&session.record, &session.key)
}

fn handle_of_this(session: &SessionCore) -> Option<Arc<str>> {
    let (key, record) = session.stored()?;
    Some(handle_of_record(&record, &key))
}

/// The record's own, or part of the key where the session came into the store by other ways than a sign-in.
fn handle_of_record(record: &Record, key: &StoreKey) -> Arc<str> {
    match record.handle() {
        Some(handle) => handle.into(),
        None => String::from_utf8_lossy(&to_text(&key.as_bytes()[..12])).into(),
    }
}

impl fmt::Debug for SessionRegistry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRegistry").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_can_ask_it() {
        fn is_send<T: Send>(_: impl FnOnce(SessionRegistry) -> T) {}
        is_send(|registry| async move { registry.sessions_of(7).await });
        is_send(|registry| async move { registry.count("ada").await });
        is_send(|registry| async move { registry.revoke(&7_u64, "handle").await });
        is_send(|registry| async move { registry.revoke_all(7, Except::None).await });
    }
}
