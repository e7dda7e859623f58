//! Every server-side store as a backend: ids, hops to a renamed session, and what to do where it has ended meanwhile.

use super::{Action, Backend, Commit, Committed, Found, Live, Origin, Token};
use crate::error::{SessionError, StoreError};
use crate::expiry::Roll;
use crate::id::{SessionId, StoreKey};
use crate::record::Record;
use crate::store::{BoxFuture, ExpiryChange, Inserted, Loaded, Removed, SessionStore, Touched, Update, Updated};

/// How often a commit is merged with what others committed before it gives up.
const MAX_CONFLICTS: u32 = 64;

/// How often an id is drawn anew because it was taken.
const MAX_COLLISIONS: u32 = 3;

impl<S: SessionStore> Backend for S {
    fn token(&self, value: &[u8]) -> Option<Token> {
        SessionId::parse(value).map(Token::Id)
    }

    fn load(&self, token: Token, roll: Option<Roll>) -> BoxFuture<'_, Result<Found, StoreError>> {
        Box::pin(load(self, token, roll))
    }

    fn commit<'a>(&'a self, commit: Commit<'a>) -> BoxFuture<'a, Result<Committed, SessionError>> {
        Box::pin(async move {
            match (commit.action, target(&commit)) {
                (Action::Insert, _) => insert(self, &commit).await,
                (Action::Touch, Some(target)) => touch(self, &commit, target).await,
                (Action::Update { .. }, Some(target)) => update(self, &commit, target).await,
                (Action::Rename { .. }, Some(target)) => rename(self, &commit, target).await,
                (Action::Remove, Some(target)) => remove(self, target).await,
                (Action::Replace, Some(target)) => replace(self, &commit, target).await,
                (_, None) | (Action::Keep, _) => Ok(Committed::Lost),
            }
        })
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
            Ok(Found::Live(Live { token, key, record, rolled, moved: moved.is_some() }))
        }
        Ok(Some(Loaded::Moved(_)) | None) => Ok(Found::Nothing(Origin::UnknownId)),
        Err(error) if error.is_corrupt() => {
            tracing::warn!(session = id.fingerprint(), error = %crate::error::Chain(&error), "a stored session does not decode, the request goes on with a new one");
            Ok(Found::Nothing(Origin::Undecodable))
        }
        Err(error) => Err(error),
    }
}

async fn insert<S: SessionStore>(store: &S, commit: &Commit<'_>) -> Result<Committed, SessionError> {
    let record = commit.fresh();
    for _ in 0..MAX_COLLISIONS {
        let id = SessionId::generate()?;
        let key = id.store_key();
        if store.insert(&key, &record).await? == Inserted::Done {
            return Ok(Committed::Issued(Token::Id(id), Some(key), record));
        }
    }
    Err(StoreError::rejected("every new id is taken: the random generator or the store is broken").into())
}

async fn touch<S: SessionStore>(store: &S, commit: &Commit<'_>, target: Target<'_>) -> Result<Committed, SessionError> {
    let ExpiryChange::Extend(expires) = commit.expiry else {
        return Ok(Committed::Lost);
    };
    let base = || target.live.record.clone();
    match store.touch(target.key, expires).await? {
        Touched::Done if target.live.moved => Ok(Committed::Followed(base())),
        Touched::Done => Ok(Committed::Kept(base())),
        Touched::Missing => Ok(Committed::Lost),
        Touched::Moved(new) => match store.touch(&new, expires).await? {
            Touched::Done => Ok(Committed::Followed(base())),
            Touched::Missing | Touched::Moved(_) => Ok(Committed::Lost),
        },
    }
}

/// What came of an update or a rename once it no longer conflicts.
enum Settled {
    /// On top of this record.
    Written {
        base: Record,
        moved: bool,
    },
    Emptied,
    Missing,
}

/// Repeats a commit, each time on what is there now, until it no longer conflicts; follows one hop to a renamed session.
async fn settle<S: SessionStore>(
    store: &S,
    commit: &Commit<'_>,
    target: Target<'_>,
    rename_to: Option<&StoreKey>,
) -> Result<Settled, SessionError> {
    let (Action::Update { remove_if_empty } | Action::Rename { remove_if_empty }) = commit.action else {
        return Ok(Settled::Missing);
    };
    let mut base = target.live.record.clone();
    let mut key = *target.key;
    let mut moved = target.live.moved;
    for _ in 0..MAX_CONFLICTS {
        let update =
            Update::new(&base, commit.delta, commit.stamp).remove_if_empty(remove_if_empty).expiry(commit.expiry);
        let updated = match rename_to {
            Some(new) => store.rename(&key, new, &update, None).await?,
            None => store.update(&key, &update).await?,
        };
        match updated {
            Updated::Done => {
                return Ok(Settled::Written { base, moved });
            }
            Updated::Emptied => return Ok(Settled::Emptied),
            Updated::Missing => return Ok(Settled::Missing),
            Updated::Moved(_) if moved => return Ok(Settled::Missing),
            Updated::Moved(new) => (key, moved) = (new, true),
            Updated::Conflict(current) => base = current,
        }
    }
    Err(SessionError::conflict())
}

async fn update<S: SessionStore>(
    store: &S,
    commit: &Commit<'_>,
    target: Target<'_>,
) -> Result<Committed, SessionError> {
    Ok(match settle(store, commit, target, None).await? {
        Settled::Written { base, moved: true } => Committed::Followed(base),
        Settled::Written { base, moved: false } => Committed::Kept(base),
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
        Settled::Written { base, .. } => {
            let record = base.apply(commit.delta);
            let expires = commit.expiry.applied_to(&record);
            Ok(Committed::Issued(Token::Id(id), Some(key), record.expiring(expires)))
        }
        Settled::Emptied => Ok(Committed::Ended),
        // A double-clicked sign-in signs in: with what this request set, never with what the dead session held.
        Settled::Missing if !commit.fresh().is_empty() => insert(store, commit).await,
        Settled::Missing => Ok(Committed::Lost),
    }
}

/// How many renames a sign-out follows.
const MAX_HOPS: u32 = 8;

/// A sign-out wins over every rename, however many there were since the client got its id.
async fn remove<S: SessionStore>(store: &S, target: Target<'_>) -> Result<Committed, SessionError> {
    let mut key = *target.key;
    for _ in 0..MAX_HOPS {
        match store.remove(&key).await? {
            Removed::Done => return Ok(Committed::Ended),
            Removed::Missing => return Ok(Committed::Lost),
            Removed::Moved(new) => key = new,
        }
    }
    // The session lives on, and the client must not be told that it is signed out.
    Err(SessionError::conflict())
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
