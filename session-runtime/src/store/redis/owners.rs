//! How the lists of principals are kept: a session is announced to the list of its owner before it is stored, and confirmed after.
//!
//! A list is on a server of its own, so that it hears of a session before or after, never at once. Before, lest a session be missing whose store
//! dies in between; what was announced and is not there is no session, and is removed when somebody looks.

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

/// As often as a list has grown by so many, what is over is removed: it need not wait for somebody who looks.
const LOOKED_THROUGH_EVERY: i64 = 64;

/// A call that is about to make the session of a key this owner's, or leaves it nobody's as far as the call knows.
pub(super) struct Claim<'a> {
    store: &'a RedisStore,
    owner: Option<&'a str>,
    key: &'a StoreKey,
}

impl<'a> Claim<'a> {
    /// Announces the session, which is to end at this moment, and is `before`'s so far. If that is the same owner, it is listed under the key that it
    /// has, and whoever ends it there ends it here: it cannot be called off.
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

    /// Confirms the session, if there is one now; it is no longer under `before`. What the call comes to.
    pub(super) async fn settle(self, reply: Reply, before: Option<&StoreKey>) -> Result<Reply, StoreError> {
        match reply {
            Reply::Owned { owner, ends } if self.owner == Some(&*owner) => {
                Box::pin(self.confirm(&owner, ends, before)).await
            }
            // Its end was moved far.
            Reply::Owned { owner, ends } if before.is_none() => {
                self.store.relist(&owner, self.key, ends).await;
                Ok(Reply::Done)
            }
            // It was somebody else's than the call knew.
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
            // Whoever saw it renamed or ended it already, or nobody has heard of this call for so long that it was given up.
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

    /// Tells an owner's list that the end of a session was moved far. The list is one span ahead: where it does not hear of this, it does of the next.
    pub(super) fn relist(&self, owner: &str, key: &StoreKey, ends: Timestamp) -> BoxFuture<'_, ()> {
        self.tell(self.relisting(owner, key, ends))
    }

    fn relisting(&self, owner: &str, key: &StoreKey, ends: Timestamp) -> Request {
        let mut request = self.about(&library::RELIST, owner);
        request.arg(Header::new().moment(ends).as_bytes()).arg(layout::text_of(key));
        request
    }

    /// Removes keys from a list under which there is no session of this owner any more; what stays is removed when somebody looks.
    pub(super) fn unlist(&self, owner: &str, keys: &[StoreKey]) -> BoxFuture<'_, ()> {
        let mut request = self.about(&library::UNLIST, owner);
        for key in keys {
            request.arg(layout::text_of(key));
        }
        self.tell(request)
    }

    /// Makes a request that nobody has to wait for to succeed. It is rare, and boxed, lest every call carry it.
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
