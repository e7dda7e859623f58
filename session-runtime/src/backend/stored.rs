//! Every server-side store as a backend: ids, hops to a renamed session, and what to do where it has ended meanwhile.

mod limited;
mod settle;

use std::borrow::Cow;

use super::{Action, Backend, Basis, Commit, Committed, Found, Live, Origin, Presented, Sessions, Token};
use crate::clock::Timestamp;
use crate::error::{Chain, SessionError, StoreError};
use crate::expiry::Roll;
use crate::id::{SessionId, StoreKey};
use crate::record::Record;
use crate::store::{
    BoxFuture, ExpiryChange, Inserted, Loaded, OwnedSession, PrincipalChange, Removed, SessionStore, Touched,
};
use limited::SignIn;
use settle::{Place, Settled, settle};

/// How often an id is drawn anew because it was taken.
const MAX_COLLISIONS: u32 = 3;

impl<S: SessionStore> Backend for S {
    fn token(&self, value: &[u8], _: &str) -> Result<Presented, Origin> {
        let id = SessionId::parse(value).ok_or(Origin::UnknownId)?;
        Ok(Presented::new(Token::Id(id)))
    }

    fn value<'t>(&self, token: &'t Token, _: &str) -> Cow<'t, [u8]> {
        token.as_bytes().into()
    }

    fn is_client_side(&self) -> bool {
        false
    }

    fn load<'a>(&'a self, token: Token, _: &'a str, roll: Option<Roll>) -> BoxFuture<'a, Result<Found, StoreError>> {
        Box::pin(load(self, token, roll))
    }

    fn commit<'a>(&'a self, commit: Commit<'a>) -> BoxFuture<'a, Result<Committed, SessionError>> {
        Box::pin(async move {
            match (commit.principal, commit.limit, self.index()) {
                (PrincipalChange::Set(Some(principal)), Some(limit), Some(index)) => {
                    Box::pin(SignIn { store: self, index, commit: &commit, principal, limit }.carry_out()).await
                }
                _ => carry_out(self, &commit).await,
            }
        })
    }

    fn sessions(&self) -> Option<&dyn Sessions> {
        self.index().map(|_| self as _)
    }
}

async fn carry_out<S: SessionStore>(store: &S, commit: &Commit<'_>) -> Result<Committed, SessionError> {
    match (commit.action, target(commit)) {
        (Action::Insert, _) => insert(store, commit).await,
        (Action::Touch, Some(target)) => touch(store, commit, target).await,
        (Action::Update { .. }, Some(target)) => update(store, commit, target).await,
        // What is rare is boxed, lest every commit carry it.
        (Action::Rename { .. } | Action::Rotate { .. }, Some(target)) => Box::pin(rename(store, commit, target)).await,
        (Action::Remove, Some(target)) => remove(store, target).await,
        (Action::Replace, Some(target)) => Box::pin(replace(store, commit, target)).await,
        (_, None) | (Action::Keep, _) => Ok(Committed::Lost),
    }
}

impl<S: SessionStore> Sessions for S {
    fn list<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>> {
        self.index().map_or_else(|| Box::pin(async { Ok(Vec::new()) }) as _, |index| index.sessions(principal))
    }

    fn call_off<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        self.index().map_or_else(|| Box::pin(async { Ok(()) }) as _, |index| index.call_off(principal))
    }

    fn end(&self, key: StoreKey) -> BoxFuture<'_, Result<bool, SessionError>> {
        Box::pin(end(self, key))
    }
}

/// The stored session that a commit is done to.
#[derive(Clone, Copy)]
struct Target<'a> {
    key: &'a StoreKey,
    live: &'a Live,
}

fn target<'a>(commit: &Commit<'a>) -> Option<Target<'a>> {
    let live = commit.live?;
    let key = live.key.as_ref()?;
    Some(Target { key, live })
}

async fn load<S: SessionStore>(store: &S, token: Token, roll: Option<Roll>) -> Result<Found, StoreError> {
    let Token::Id(id) = token else {
        return Ok(Found::Nothing(Origin::UnknownId));
    };
    let key = id.store_key();
    let mut moved = None;
    let mut loaded = store.load(&key, roll).await;
    if let Ok(Some(Loaded::Moved(new))) = loaded {
        moved = Some(new);
        loaded = store.load(&new, roll).await;
    }
    match loaded {
        Ok(Some(Loaded::Record { record, rolled })) => {
            let key = Some(moved.unwrap_or(key));
            Ok(Found::Live(Live { rolled, moved: moved.is_some(), ..Live::new(token, key, record) }))
        }
        Ok(Some(Loaded::Renamed)) => {
            let unseen = Record::new(Timestamp::default(), Timestamp::default());
            Ok(Found::Renewed(Box::new(Live::new(token, Some(key), unseen))))
        }
        Ok(Some(Loaded::Moved(_)) | None) => Ok(Found::Nothing(Origin::UnknownId)),
        Err(error) if error.is_corrupt() => {
            tracing::warn!(session = id.fingerprint(), error = %Chain(&error), "a stored session does not decode, the request goes on with a new one");
            Ok(Found::Nothing(Origin::Undecodable))
        }
        Err(error) => Err(error),
    }
}

async fn insert<S: SessionStore>(store: &S, commit: &Commit<'_>) -> Result<Committed, SessionError> {
    let record = commit.fresh()?;
    // A new id asks for no session of its own, and what is merged with nothing may be nothing.
    if (commit.action != Action::Insert || !commit.merges.is_empty()) && record.is_empty() {
        return Ok(Committed::Lost);
    }
    for _ in 0..MAX_COLLISIONS {
        let id = SessionId::generate()?;
        let key = id.store_key();
        if again(|| store.insert(&key, &record)).await? == Inserted::Done {
            return Ok(Committed::Issued(Token::Id(id), Some(key), record));
        }
    }
    Err(StoreError::rejected("every new id is taken: the random generator or the store is broken").into())
}

async fn touch<S: SessionStore>(store: &S, commit: &Commit<'_>, target: Target<'_>) -> Result<Committed, SessionError> {
    let ExpiryChange::Extend(expires) = commit.expiry else {
        return Ok(Committed::Lost);
    };
    match again(|| store.touch(target.key, expires)).await? {
        Touched::Done if target.live.moved => Ok(Committed::Followed(*target.key, Basis::default())),
        Touched::Done => Ok(Committed::Kept(Basis::default())),
        Touched::Missing => Ok(Committed::Lost),
        Touched::Moved(new) => match again(|| store.touch(&new, expires)).await? {
            Touched::Done => Ok(Committed::Followed(new, Basis::default())),
            Touched::Missing | Touched::Moved(_) => Ok(Committed::Lost),
        },
    }
}

async fn update<S: SessionStore>(
    store: &S,
    commit: &Commit<'_>,
    target: Target<'_>,
) -> Result<Committed, SessionError> {
    Ok(match settle(store, commit, target, None).await? {
        Settled::Written { basis, place } => kept(basis, place),
        Settled::Emptied => Committed::Ended,
        Settled::Missing => Committed::Lost,
    })
}

async fn rename<S: SessionStore>(
    store: &S,
    commit: &Commit<'_>,
    target: Target<'_>,
) -> Result<Committed, SessionError> {
    let id = SessionId::generate()?;
    let key = id.store_key();
    match settle(store, commit, target, Some(&key)).await? {
        Settled::Written { basis, place: Place::Renamed(key) } => {
            let base = basis.current.as_ref().unwrap_or(&target.live.record);
            let record = commit.principal.applied_to(base.apply(basis.merged.as_deref().unwrap_or(commit.delta)));
            let expires = commit.expiry.applied_to(&record);
            Ok(Committed::Issued(Token::Id(id), Some(key), record.expiring(expires)))
        }
        // Another rotation came first.
        Settled::Written { basis, place } => Ok(kept(basis, place)),
        Settled::Emptied => Ok(Committed::Ended),
        // A sign-out wins over every rename.
        Settled::Missing if *commit.principal == PrincipalChange::Set(None) && end(store, *target.key).await? => {
            match renew(store, commit).await? {
                Committed::Lost => Ok(Committed::Ended),
                renewed => Ok(renewed),
            }
        }
        Settled::Missing => renew(store, commit).await,
    }
}

/// The session stays under the id that the client has, or is about to get from another response.
fn kept(basis: Basis, place: Place) -> Committed {
    match place {
        Place::Same => Committed::Kept(basis),
        Place::Moved(key) | Place::Renamed(key) => Committed::Followed(key, basis),
    }
}

/// The session ended before its id could change. A double-clicked sign-in signs in: with what this request set, never with what the dead
/// session held.
async fn renew<S: SessionStore>(store: &S, commit: &Commit<'_>) -> Result<Committed, SessionError> {
    match commit.action {
        Action::Rename { .. } => insert(store, commit).await,
        _ => Ok(Committed::Lost),
    }
}

/// How many renames a sign-out follows.
const MAX_HOPS: u32 = 8;

async fn remove<S: SessionStore>(store: &S, target: Target<'_>) -> Result<Committed, SessionError> {
    Ok(if end(store, *target.key).await? { Committed::Ended } else { Committed::Lost })
}

/// Ends a session; whether it was there. It wins over every rename, up to so many since the caller learnt the key.
async fn end<S: SessionStore>(store: &S, mut key: StoreKey) -> Result<bool, SessionError> {
    for _ in 0..=MAX_HOPS {
        match again(|| store.remove(&key)).await? {
            Removed::Done => return Ok(true),
            Removed::Missing => return Ok(false),
            Removed::Moved(new) => key = new,
        }
    }
    // The session lives on, and the client must not be told that it is signed out.
    Err(SessionError::conflict(None))
}

/// The old session first: a commit that is cut off between the two has signed out, which is the safer half.
async fn replace<S: SessionStore>(
    store: &S,
    commit: &Commit<'_>,
    target: Target<'_>,
) -> Result<Committed, SessionError> {
    remove(store, target).await?;
    insert(store, commit).await
}

/// Asks once more where an answer was lost: what was done already is not done again, by its stamp or by its nature.
async fn again<T, F>(call: impl Fn() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    match call().await {
        Err(error) if is_lost(&error) => {
            tracing::debug!(error = %Chain(&error), "the store gave no answer, it is asked again");
            call().await
        }
        answer => answer,
    }
}

/// Whether what was asked may have been done.
fn is_lost(error: &StoreError) -> bool {
    error.is_unreachable() || error.is_timed_out()
}
