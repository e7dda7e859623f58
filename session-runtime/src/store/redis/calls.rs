//! The calls of a store, each as one command.

use std::sync::atomic::Ordering;

use redis::{Cmd, RedisResult, Value};

use super::connect::Servers;
use super::header::{Header, Pointer};
use super::layout::{self, Held};
use super::link::{Link, is_cross_slot};
use super::near::Near;
use super::question::Question;
use super::rename::{Rename, taken};
use super::reply::Reply;
use super::script::Script;
use super::{RedisStore, script};
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::{Record, Stamp};
use crate::store::{Inserted, Loaded, POINTER_LIFE, Removed, SessionStore, Touched, Update, Updated};

impl SessionStore for RedisStore {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        let now = self.clock.now();
        let near = self.near();
        if let Some((near, _)) = near
            && let Some(record) = near.get(key, || self.key(key), now)
            && roll.is_none_or(|roll| roll.due_for(&record).is_none())
        {
            return Ok(Some(Loaded::Record { record, rolled: false }));
        }
        let name = self.key(key);
        let question = Question::new(&name, roll.filter(|roll| self.ends.may_be_due(key, roll)), now);
        let (answer, fill) = match near {
            Some((near, servers)) => near.ask(&question, key, &name, servers, &self.link).await?,
            None => (question.ask(&self.link).await?, None),
        };
        let (held, rolled) = question.read(answer, now)?;
        if let Held::Session(record) = &held {
            self.ends.note(key, record.expires());
            if let Some((near, _)) = near.filter(|_| !rolled)
                && let Some(fill) = fill
            {
                near.put(&fill, key, record);
            }
        }
        Ok(held.loaded(rolled))
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        layout::check_names(record.entries().map(|(name, _)| name))?;
        let _changing = self.changing(key);
        let header = Header::new().moment(self.clock.now()).moment(record.expires()).bytes(layout::stamps(record));
        let mut command = script::INSERT.over([&self.key(key)], 64 + layout::room_for(record));
        command.arg(header.as_bytes());
        layout::write(&mut command, record);
        match self.run(&script::INSERT, &command).await? {
            Reply::Done => {
                self.ends.note(key, record.expires());
                Ok(Inserted::Done)
            }
            _ => Ok(Inserted::Exists),
        }
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        layout::check_names(update.delta().iter().map(|(name, _)| name))?;
        let _changing = self.changing(key);
        let mut command = script::UPDATE.over([&self.key(key)], room_for(update));
        write_commit(&mut command, update, &Header::of_commit(update, self.clock.now(), None));
        self.run(&script::UPDATE, &command).await?.into()
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
        let now = self.clock.now();
        let pointer = Pointer { until: grace.unwrap_or(now + POINTER_LIFE), is_shown: grace.is_some() };
        if !self.is_spread.load(Ordering::Relaxed) {
            let (from, to) = (self.key(old), self.key(new));
            let mut command = script::RENAME.over([&from, &to], room_for(update));
            write_commit(&mut command, update, &Header::of_commit(update, now, Some(pointer)));
            match self.answer_durably(&script::RENAME, &command, &to).await? {
                Err(error) if is_cross_slot(&error) => self.is_spread.store(true, Ordering::Relaxed),
                answer => return Reply::read(answer?, now)?.into(),
            }
        }
        Rename { store: self, old, new, update, pointer, now }.over_two_slots().await
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        let _changing = self.changing(key);
        let header = Header::new().moment(self.clock.now()).moment(expires);
        let mut command = script::TOUCH.over([&self.key(key)], 64);
        command.arg(header.as_bytes());
        match self.run(&script::TOUCH, &command).await? {
            Reply::Done => Ok(Touched::Done),
            Reply::Moved(to) => Ok(Touched::Moved(to)),
            _ => Ok(Touched::Missing),
        }
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        let _changing = self.changing(key);
        match self.remove_key(key).await? {
            Reply::Done => Ok(Removed::Done),
            Reply::Moved(to) => Ok(Removed::Moved(to)),
            _ => Ok(Removed::Missing),
        }
    }
}

impl RedisStore {
    /// The name of a session's hash.
    pub(super) fn key(&self, key: &StoreKey) -> String {
        let mut text = String::with_capacity(self.prefix.len() + 43);
        text.push_str(&self.prefix);
        layout::append_key(&mut text, key);
        text
    }

    /// Reads what is under a key.
    pub(super) async fn read(&self, key: &StoreKey) -> Result<Held, StoreError> {
        let answer = Question::new(&self.key(key), None, self.clock.now()).ask(&self.link).await?;
        Held::read(answer, self.clock.now())
    }

    async fn run(&self, script: &Script, command: &Cmd) -> Result<Reply, StoreError> {
        let answer = self.link.run(script, command).await?;
        Reply::read(answer, self.clock.now())
    }

    /// As [`run`](Self::run), and waits for replicas where the store is to.
    pub(super) async fn run_durably(&self, script: &Script, command: &Cmd, key: &str) -> Result<Reply, StoreError> {
        Reply::read(self.answer_durably(script, command, key).await??, self.clock.now())
    }

    async fn answer_durably(
        &self,
        script: &Script,
        command: &Cmd,
        key: &str,
    ) -> Result<RedisResult<Value>, StoreError> {
        if self.replicas == 0 {
            return Ok(self.link.run(script, command).await);
        }
        match self.durable().await?.run_and_wait(script, command, key, self.replicas).await {
            Ok((_, reached)) if reached < self.replicas => {
                let wanted = self.replicas;
                Err(StoreError::unreachable(format!("{reached} of {wanted} replicas of Redis confirmed a change")))
            }
            Ok((answer, _)) => Ok(Ok(answer)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn durable(&self) -> Result<&Link, StoreError> {
        let connect = async || match &self.servers {
            Some(servers) => servers.link().await,
            None => Ok(self.link.clone()),
        };
        self.durable.get_or_try_init(connect).await
    }

    pub(super) async fn remove_key(&self, key: &StoreKey) -> Result<Reply, StoreError> {
        let key = self.key(key);
        let header = Header::new().moment(self.clock.now()).stamp(Stamp::next());
        let mut command = script::REMOVE.over([&key], 64);
        command.arg(header.as_bytes());
        self.run_durably(&script::REMOVE, &command, &key).await
    }

    /// What near cache there is, and where it connects to.
    fn near(&self) -> Option<(&Near, &Servers)> {
        self.near.as_ref().zip(self.servers.as_ref())
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

/// Adds a commit to a command: its header, names and values to set, names to remove.
fn write_commit(command: &mut Cmd, update: &Update<'_>, header: &Header) {
    command.arg(header.as_bytes());
    for (name, value) in update.delta() {
        if let Some(value) = value {
            command.arg(name).arg(value);
        }
    }
    for (name, value) in update.delta() {
        if value.is_none() {
            command.arg(name);
        }
    }
}

fn room_for(update: &Update<'_>) -> usize {
    96 + update.delta().iter().map(|(name, value)| name.len() + value.map_or(0, <[u8]>::len)).sum::<usize>()
}

impl From<Reply> for Result<Updated, StoreError> {
    fn from(reply: Reply) -> Self {
        match reply {
            Reply::Missing => Ok(Updated::Missing),
            Reply::Done => Ok(Updated::Done),
            Reply::Emptied => Ok(Updated::Emptied),
            Reply::Taken => Err(taken()),
            Reply::Moved(to) => Ok(Updated::Moved(to)),
            Reply::Conflict(record) => Ok(Updated::Conflict(record)),
        }
    }
}
