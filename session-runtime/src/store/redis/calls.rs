//! The calls of a store, each as one command; and around it, what the list of the session's owner has to be told.

use std::sync::atomic::Ordering;

use redis::{RedisResult, Value};

use super::error::{called_off, failed};
use super::header::{Header, Pointer};
use super::layout::{self, Held, Rolled};
use super::link::is_cross_slot;
use super::near::Near;
use super::owners::Claim;

use super::library::Request;
use super::rename::Rename;
use super::reply::Reply;
use super::{RedisStore, library, load};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::{Record, Stamp};
use crate::store::{Inserted, Loaded, POINTER_LIFE, PrincipalIndex, Removed, SessionStore, Touched, Update, Updated};

impl SessionStore for RedisStore {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        let now = self.clock.now();
        if let Some(near) = &self.near
            && let Some(record) = near.get(key, || self.hash(key), now)
            && roll.is_none_or(|roll| roll.due_for(&record).is_none())
        {
            return Ok(Some(Loaded::Record { record, rolled: false }));
        }
        let roll = roll.filter(|roll| self.ends.may_be_due(key, roll));
        let request = load::request(self.hash(key), roll, now);
        let asked = match &self.near {
            Some(near) => near.ask(&request, key, &self.link).await,
            None => self.link.run(&request).await.map(|answer| (answer, None)),
        };
        let (answer, fill) = asked.map_err(failed)?;
        let (held, rolled) = Held::read(&answer, now)?;
        if let Held::Session(record) = &held {
            self.ends.note(key, record.expires());
            if let (Some(near), Some(fill), Rolled::No) = (&self.near, fill, rolled) {
                near.put(&fill, key, record);
            }
            if let (Rolled::Far, Some(owner)) = (rolled, record.principal()) {
                self.relist(owner, key, record.expires()).await;
            }
        }
        Ok(held.loaded(rolled))
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        layout::check_names(record.entries().map(|(name, _)| name))?;
        let _changing = self.changing(key);
        let claim = Claim::announce(self, (None, record.principal()), key, record.expires()).await?;
        let header = Header::new().moment(self.clock.now()).moment(record.expires()).bytes(layout::stamps(record));
        let mut request = library::INSERT.over(self.hash(key), 64 + layout::room_for(record));
        request.arg(header.as_bytes());
        layout::write(&mut request, record);
        let Reply::Done = self.run(&request).await? else {
            return Ok(Inserted::Exists);
        };
        let Reply::Done = claim.settle(Reply::stored(record), None).await? else {
            return Err(called_off());
        };
        self.ends.note(key, record.expires());
        Ok(Inserted::Done)
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        layout::check_names(update.delta().iter().map(|(name, _)| name))?;
        let _changing = self.changing(key);
        let owner = update.principal_change().after(None);
        let claim = Claim::announce(self, (None, owner), key, end_after(update)).await?;
        let mut request = library::UPDATE.over(self.hash(key), room_for(update));
        write_commit(&mut request, update, &Header::of_commit(update, self.clock.now(), None));
        let updated = claim.settle(self.run(&request).await?, None).await?.updated()?;
        // The list of an owner whom it left is not told: the session may be on its way back. Who looks there next removes it.
        if let (Updated::Emptied, Some(owner)) = (&updated, update.base().principal()) {
            self.unlist(owner, &[*key]).await;
        }
        Ok(updated)
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        layout::check_names(update.delta().iter().map(|(name, _)| name))?;
        let _changing = self.changing(old);
        let before = update.base().principal();
        let owner = update.principal_change().after(before);
        let claim = Claim::announce(self, (before, owner), new, end_after(update)).await?;
        let reply = self.rename_hash(old, new, update, grace).await?;
        let updated = claim.settle(reply, Some(old)).await?.updated()?;
        let has_left = owner != before && matches!(updated, Updated::Done) || matches!(updated, Updated::Emptied);
        if let Some(before) = before.filter(|_| has_left) {
            self.unlist(before, &[*old]).await;
        }
        Ok(updated)
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        let _changing = self.changing(key);
        let header = Header::new().moment(self.clock.now()).moment(expires);
        let mut request = library::TOUCH.over(self.hash(key), 32);
        request.arg(header.as_bytes());
        match self.run(&request).await? {
            Reply::Done => Ok(Touched::Done),
            Reply::Owned { owner, ends } => {
                self.relist(&owner, key, ends).await;
                Ok(Touched::Done)
            }
            Reply::Moved(to) => Ok(Touched::Moved(to)),
            _ => Ok(Touched::Missing),
        }
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        let _changing = self.changing(key);
        match self.remove_hash(key).await? {
            Reply::Done => Ok(Removed::Done),
            Reply::Ended { owner } => {
                self.unlist(&owner, &[*key]).await;
                Ok(Removed::Done)
            }
            Reply::Moved(to) => Ok(Removed::Moved(to)),
            _ => Ok(Removed::Missing),
        }
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        Some(self)
    }
}

impl RedisStore {
    /// The name of a session's hash.
    pub(super) fn hash(&self, key: &StoreKey) -> String {
        let mut name = String::with_capacity(self.prefix.len() + layout::KEY_LENGTH);
        name.push_str(&self.prefix);
        layout::append_key(&mut name, key);
        name
    }

    /// Renames a hash, in one command unless the names are on two servers.
    async fn rename_hash(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Reply, StoreError> {
        let now = self.clock.now();
        let pointer = Pointer { until: grace.unwrap_or(now + POINTER_LIFE), is_shown: grace.is_some() };
        if !self.is_spread.load(Ordering::Relaxed) {
            let mut request = library::RENAME.over_both(self.hash(old), &self.hash(new), room_for(update));
            write_commit(&mut request, update, &Header::of_commit(update, now, Some(pointer)));
            match self.answer_durably(&request).await? {
                Err(error) if is_cross_slot(&error) => self.is_spread.store(true, Ordering::Relaxed),
                answer => return Reply::read(answer.map_err(failed)?, now),
            }
        }
        Rename { store: self, old, new, update, pointer, now }.over_two_slots().await
    }

    /// Reads what is under a key.
    pub(super) async fn read(&self, key: &StoreKey) -> Result<Held, StoreError> {
        let now = self.clock.now();
        let answer = self.link.run(&load::request(self.hash(key), None, now)).await.map_err(failed)?;
        Ok(Held::read(&answer, now)?.0)
    }

    pub(super) async fn run(&self, request: &Request) -> Result<Reply, StoreError> {
        let answer = self.link.run(request).await.map_err(failed)?;
        Reply::read(answer, self.clock.now())
    }

    /// As [`run`](Self::run), and waits for replicas where the store is to.
    pub(super) async fn run_durably(&self, request: &Request) -> Result<Reply, StoreError> {
        let answer = self.answer_durably(request).await?.map_err(failed)?;
        Reply::read(answer, self.clock.now())
    }

    pub(super) async fn answer_durably(&self, request: &Request) -> Result<RedisResult<Value>, StoreError> {
        if self.replicas == 0 {
            return Ok(self.link.run(request).await);
        }
        match self.durable.run_and_wait(request, self.replicas).await {
            Ok((_, reached)) if reached < self.replicas => {
                let wanted = self.replicas;
                Err(StoreError::unreachable(format!("{reached} of {wanted} replicas of Redis confirmed a change")))
            }
            Ok((answer, _)) => Ok(Ok(answer)),
            Err(error) => Ok(Err(error)),
        }
    }

    pub(super) async fn remove_hash(&self, key: &StoreKey) -> Result<Reply, StoreError> {
        let header = Header::new().moment(self.clock.now()).stamp(Stamp::next());
        let mut request = library::REMOVE.over(self.hash(key), 32);
        request.arg(header.as_bytes());
        self.run_durably(&request).await
    }

    /// Drops what the near cache holds of a session when the call that changes it is over.
    fn changing<'a>(&'a self, key: &'a StoreKey) -> Changing<'a> {
        Changing { near: self.near.as_ref(), key }
    }
}

/// A change on its way: however it ends, what was read before it is no longer good.
struct Changing<'a> {
    near: Option<&'a Near>,
    key: &'a StoreKey,
}

impl Drop for Changing<'_> {
    fn drop(&mut self) {
        if let Some(near) = self.near {
            near.forget(self.key);
        }
    }
}

/// Adds a commit to a request: its header, names and values to set, names to remove.
fn write_commit(request: &mut Request, update: &Update<'_>, header: &Header) {
    request.arg(header.as_bytes());
    for (name, value) in update.delta() {
        if let Some(value) = value {
            request.arg(name).arg(value);
        }
    }
    for (name, value) in update.delta() {
        if value.is_none() {
            request.arg(name);
        }
    }
}

/// When the session ends after this update, if nobody else changed it.
fn end_after(update: &Update<'_>) -> Timestamp {
    update.expiry_change().applied_to(update.base())
}

fn room_for(update: &Update<'_>) -> usize {
    96 + update.delta().iter().map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len)).sum::<usize>()
}
