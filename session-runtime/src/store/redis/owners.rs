//! How the lists of principals are kept: a session is announced to the list of its owner before it is stored, and confirmed after.
//!
//! The list may be on another server than the session, so it cannot hear of it in the same step. It hears before, lest a session be missing whose
//! process dies in between. What was announced and never stored is removed when somebody looks.

use redis::Value;

use super::error::{called_off, failed, kind_of, unknown};
use super::header::Header;
use super::layout::{self, KEY_LENGTH};
use super::library::{Function, Request};
use super::reply::Reply;
use super::{RedisStore, library};
use crate::clock::Timestamp;
use crate::error::{Chain, StoreError};
use crate::id::StoreKey;
use crate::store::{BoxFuture, PrincipalIndex as _, Removed, SessionStore as _};

/// Whenever a list has a multiple of so many entries, what is over is removed, even if nobody looks.
const LOOKED_THROUGH_EVERY: i64 = 64;

/// A call that is about to make the session of a key this owner's, or leaves it nobody's as far as the call knows.
pub(super) struct Claim<'a> {
    store: &'a RedisStore,
    owner: Option<&'a str>,
    key: &'a StoreKey,
}

impl<'a> Claim<'a> {
    /// Announces the session, which is to end at `ends`, and is `before`'s so far. If that is the same owner, it is listed under its old key, and
    /// whoever ends it there ends it here, too: it need not be called off.
    pub(super) async fn announce(
        store: &'a RedisStore,
        (before, owner): (Option<&str>, Option<&'a str>),
        key: &'a StoreKey,
        ends: Timestamp,
    ) -> Result<Self, StoreError> {
        if let Some(owner) = owner {
            Box::pin(store.announce(owner, key, ends, before == Some(owner))).await?;
        }
        Ok(Self { store, owner, key })
    }

    /// Confirms the session, if the call stored one; `before` is the key that it no longer has. What the call comes to.
    pub(super) async fn settle(self, reply: Reply, before: Option<&StoreKey>) -> Result<Reply, StoreError> {
        match reply {
            Reply::Owned { owner, ends } if self.owner == Some(&*owner) => {
                Box::pin(self.confirm(&owner, ends, before)).await
            }
            // Its end came into another span.
            Reply::Owned { owner, ends } if before.is_none() => {
                self.store.relist(&owner, self.key, ends).await;
                Ok(Reply::Done)
            }
            // It belongs to somebody else than the call knew.
            Reply::Owned { owner, ends } => {
                let request = self.store.relisting(&owner, self.key, ends);
                Box::pin(self.store.run(&request)).await.map(|_| Reply::Done)
            }
            reply => Ok(reply),
        }
    }

    /// A session that was called off ends, wherever it went since.
    async fn confirm(&self, owner: &str, ends: Timestamp, before: Option<&StoreKey>) -> Result<Reply, StoreError> {
        let mut request = self.store.about(&library::CONFIRM, owner);
        let before = before.map(layout::text_of).unwrap_or_default();
        request.arg(Header::new().moment(ends).as_bytes()).arg(layout::text_of(self.key)).arg(before);
        let mut key = *self.key;
        match self.store.run(&request).await? {
            Reply::Done => Ok(Reply::Done),
            Reply::Refused => {
                while let Removed::Moved(to) = self.store.remove(&key).await? {
                    key = to;
                }
                Err(called_off())
            }
            // It is not listed: somebody renamed or ended it already, or this call took so long that its announcement was removed.
            _ => match self.store.remove(&key).await? {
                Removed::Moved(_) => Ok(Reply::Done),
                Removed::Missing => Ok(Reply::Missing),
                Removed::Done => Err(called_off()),
            },
        }
    }
}

impl RedisStore {
    async fn announce(&self, owner: &str, key: &StoreKey, ends: Timestamp, moves: bool) -> Result<(), StoreError> {
        let mut request = self.about(&library::ANNOUNCE, owner);
        let header = Header::new().moment(self.clock.now()).moment(ends).byte(moves.into());
        request.arg(header.as_bytes()).arg(layout::text_of(key));
        match self.answer_durably(&request).await?.map_err(failed)? {
            Value::Int(count) if count % LOOKED_THROUGH_EVERY == 0 => {
                if let Err(error) = self.sessions(owner).await {
                    tracing::debug!(error = %Chain(&error), "a list of sessions could not be looked through");
                }
                Ok(())
            }
            Value::Int(_) => Ok(()),
            other => Err(unknown(kind_of(&other))),
        }
    }

    /// Tells an owner's list that the end of a session came into another span. The list is one span ahead: if it misses this, it hears of the next.
    pub(super) fn relist(&self, owner: &str, key: &StoreKey, ends: Timestamp) -> BoxFuture<'_, ()> {
        self.tell(self.relisting(owner, key, ends))
    }

    fn relisting(&self, owner: &str, key: &StoreKey, ends: Timestamp) -> Request {
        let mut request = self.about(&library::RELIST, owner);
        request.arg(Header::new().moment(ends).as_bytes()).arg(layout::text_of(key));
        request
    }

    /// Removes keys from the list of an owner whose sessions are no longer there. If that fails, they are removed when somebody looks.
    pub(super) fn unlist(&self, owner: &str, keys: &[StoreKey]) -> BoxFuture<'_, ()> {
        let mut request = self.about(&library::UNLIST, owner);
        for key in keys {
            request.arg(layout::text_of(key));
        }
        self.tell(request)
    }

    /// Makes a request whose failure does no harm. It is rare, and boxed, lest every call carry it.
    fn tell(&self, request: Request) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            if let Err(error) = self.run(&request).await {
                tracing::debug!(error = %Chain(&error), "a list of sessions could not be told of a change");
            }
        })
    }

    /// A request about the list of a principal.
    pub(super) fn about(&self, function: &'static Function, principal: &str) -> Request {
        function.over(format!("{}@{principal}", self.prefix), 32 + 2 * KEY_LENGTH)
    }
}
