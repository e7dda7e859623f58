//! The sessions of a principal: in one command where all of them are on one server.

use std::future::poll_fn;
use std::sync::atomic::Ordering;
use std::task::Poll;

use redis::Value;

use super::error::{failed, kind_of, unknown};
use super::header::Header;
use super::layout::{Held, key_of};
use super::link::is_cross_slot;
use super::{RedisStore, library};
use crate::error::{Chain, StoreError};
use crate::id::StoreKey;
use crate::store::{BoxFuture, OwnedSession, PrincipalIndex};

/// How many pointers are followed: few sessions move more than once in the lifetime of one.
const MOST_MOVES: usize = 16;

impl PrincipalIndex for RedisStore {
    fn sessions<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<Vec<OwnedSession>, StoreError>> {
        Box::pin(async move {
            if !self.is_spread.load(Ordering::Relaxed) {
                match self.sessions_together(principal).await? {
                    Some(sessions) => return Ok(sessions),
                    None => self.is_spread.store(true, Ordering::Relaxed),
                }
            }
            self.sessions_apart(principal).await
        })
    }

    fn call_off<'a>(&'a self, principal: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            let request = self.about(&library::CALL_OFF, principal);
            self.run_durably(&request).await.map(|_| ())
        })
    }
}

impl RedisStore {
    /// Where all sessions are on one server; `None` where they turn out not to be.
    async fn sessions_together(&self, principal: &str) -> Result<Option<Vec<OwnedSession>>, StoreError> {
        let now = self.clock.now();
        let mut request = self.about(&library::SESSIONS, principal);
        request.arg(Header::new().moment(now).as_bytes()).arg(principal).arg(&self.prefix);
        let answer = match self.link.run(&request).await {
            Err(error) if is_cross_slot(&error) => return Ok(None),
            answer => answer.map_err(failed)?,
        };
        let mut sessions = Vec::new();
        for [key, held] in pairs(&answer)? {
            let Some(key) = key_in(key) else { continue };
            match Held::read(held, now) {
                Ok((Held::Session(record), _)) => sessions.push(OwnedSession::new(key, record)),
                Ok(_) => {}
                Err(error) => left_out(&error),
            }
        }
        Ok(Some(sessions))
    }

    /// Where sessions are on many servers: asks for the list, then for all sessions at once. One that is being renamed may be seen twice, as itself
    /// and as a copy, which shares commits with it: the one that is listed first counts.
    async fn sessions_apart(&self, principal: &str) -> Result<Vec<OwnedSession>, StoreError> {
        let mut request = self.about(&library::LISTED, principal);
        request.arg(Header::new().moment(self.clock.now()).as_bytes());
        let answer = self.link.run(&request).await.map_err(failed)?;
        let listed = pairs(&answer)?.iter().filter_map(|[key, is_settled]| Some((key_in(key)?, is_settled)));
        let (keys, are_settled): (Vec<StoreKey>, Vec<&Value>) = listed.unzip();
        let asked = keys.iter().map(|key| Box::pin(self.follow(*key)) as Asked<'_>);
        let found = all(asked.collect()).await;

        let (mut sessions, mut over) = (Vec::<OwnedSession>::new(), Vec::new());
        for ((key, is_settled), found) in keys.into_iter().zip(are_settled).zip(found) {
            match found {
                Ok(Some(owned)) if owned.record.principal() == Some(principal) => {
                    if !sessions.iter().any(|known| known.key == owned.key || known.record.shares_stamp(&owned.record))
                    {
                        sessions.push(owned);
                    }
                }
                Ok(_) if *is_settled == Value::Int(1) => over.push(key),
                Ok(_) => {}
                Err(error) if error.is_corrupt() => left_out(&error),
                Err(error) => return Err(error),
            }
        }
        if !over.is_empty() {
            self.unlist(principal, &over).await;
        }
        Ok(sessions)
    }

    /// The session that is, or was a moment ago, under a key.
    async fn follow(&self, mut key: StoreKey) -> Result<Option<OwnedSession>, StoreError> {
        for _ in 0..=MOST_MOVES {
            match self.read(&key).await? {
                Held::Session(record) => return Ok(Some(OwnedSession::new(key, record))),
                Held::Pointer { to, .. } => key = to,
                Held::Nothing | Held::Ended { .. } => return Ok(None),
            }
        }
        Ok(None)
    }
}

/// A session that is asked for.
type Asked<'a> = BoxFuture<'a, Result<Option<OwnedSession>, StoreError>>;

/// The answers of all of these, which are under way at once.
async fn all<T>(mut asked: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    let mut answers: Vec<Option<T>> = asked.iter().map(|_| None).collect();
    poll_fn(|context| {
        for (asked, answer) in asked.iter_mut().zip(&mut answers) {
            if answer.is_none()
                && let Poll::Ready(said) = asked.as_mut().poll(context)
            {
                *answer = Some(said);
            }
        }
        if answers.iter().all(Option::is_some) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    answers.into_iter().flatten().collect()
}

/// What a list holds in turn.
fn pairs(answer: &Value) -> Result<&[[Value; 2]], StoreError> {
    match answer {
        Value::Array(parts) => Ok(parts.as_chunks().0),
        other => Err(unknown(kind_of(other))),
    }
}

/// Whatever else may have been put into a list is no key.
fn key_in(text: &Value) -> Option<StoreKey> {
    match text {
        Value::BulkString(text) => key_of(text),
        _ => None,
    }
}

fn left_out(error: &StoreError) {
    tracing::warn!(error = %Chain(error), "a session of a list does not decode, it is left out");
}
