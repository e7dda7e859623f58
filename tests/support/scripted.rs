//! A memory store that writes down what is asked of it, and fails or hangs where a test says so.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use session_runtime::record::{Record, Stamp};
use session_runtime::store::{Inserted, Loaded, PrincipalIndex, Removed, Touched, Update, Updated};
use session_runtime::{Clock, MemoryStore, Roll, SessionId, SessionStore, StoreError, StoreKey, Timestamp};

use super::fault::Fault;
use super::gate::Gate;
use super::site::delta;

/// A memory store under a test's control; clones are the same store.
#[derive(Clone, Default)]
pub struct Scripted {
    memory: MemoryStore,
    asked: Arc<Mutex<Vec<String>>>,
    faults: Arc<Mutex<BTreeMap<&'static str, Fault>>>,
    gates: Arc<Mutex<BTreeMap<&'static str, Gate>>>,
}

impl Scripted {
    /// A store that tells the time by this clock.
    pub fn with_clock(clock: &Clock) -> Self {
        Self { memory: MemoryStore::new().clock(clock.clone()), ..Self::default() }
    }

    /// From now on `method` (`load`, `insert`, …) has this fault.
    pub fn breaks(&self, method: &'static str, fault: Fault) {
        self.faults.lock().expect("not poisoned").insert(method, fault);
    }

    /// From now on `method` waits at this gate before it does its work.
    pub fn waits(&self, method: &'static str, gate: &Gate) {
        self.gates.lock().expect("not poisoned").insert(method, gate.clone());
    }

    /// From now on everything works.
    pub fn recovers(&self) {
        self.faults.lock().expect("not poisoned").clear();
    }

    /// What was asked since the last time, such as `load; update hits=2 name=-`: `-` is a removal.
    pub fn asked(&self) -> String {
        std::mem::take(&mut *self.asked.lock().expect("not poisoned")).join("; ")
    }

    /// How many sessions there are.
    pub fn len(&self) -> usize {
        self.memory.clear_expired();
        self.memory.len()
    }

    /// The fields of a session, such as `hits=2 name="Ada"`, or `(none)` if it is not there.
    pub async fn fields(&self, id: &str) -> String {
        match self.record(id).await {
            Some(record) => line(record.entries().map(|(name, value)| (name, Some(value)))),
            None => "(none)".to_owned(),
        }
    }

    /// The record of a session.
    pub async fn record(&self, id: &str) -> Option<Record> {
        match self.memory.load(&key(id), None).await {
            Ok(Some(Loaded::Record { record, .. })) => Some(record),
            _ => None,
        }
    }

    /// Stores a session with these fields; its id.
    pub async fn plant(&self, fields: &[(&'static str, &[u8])]) -> String {
        let created = Clock::system().now();
        let expires = created + std::time::Duration::from_hours(24);
        self.plant_record(&Record::new(created, expires).apply(&delta(fields))).await
    }

    /// Stores this record; its id.
    pub async fn plant_record(&self, record: &Record) -> String {
        let id = SessionId::generate().expect("random bytes");
        let inserted = self.memory.insert(&id.store_key(), record).await;
        assert!(matches!(inserted, Ok(Inserted::Done)));
        id.as_str().to_owned()
    }

    /// Changes a session as another process would.
    pub async fn change(&self, id: &str, fields: &[(&'static str, &[u8])]) {
        let record = self.record(id).await.expect("a session");
        let delta = delta(fields);
        let update = Update::new(&record, &delta, Stamp::next());
        let updated = self.memory.update(&key(id), &update).await;
        assert!(matches!(updated, Ok(Updated::Done)));
    }

    /// Ends a session as another process would.
    pub async fn end(&self, id: &str) {
        let removed = self.memory.remove(&key(id)).await;
        assert!(matches!(removed, Ok(Removed::Done)));
    }

    async fn ask(&self, method: &'static str, with: &str) -> Result<&MemoryStore, StoreError> {
        let line = format!("{method} {with}");
        self.asked.lock().expect("not poisoned").push(line.trim_end().to_owned());
        let gate = self.gates.lock().expect("not poisoned").get(method).cloned();
        if let Some(gate) = gate {
            gate.pass().await;
        }
        let fault = self.faults.lock().expect("not poisoned").get(method).copied();
        match fault {
            None => Ok(&self.memory),
            Some(fault) => Err(fault.happen().await),
        }
    }
}

fn key(id: &str) -> StoreKey {
    SessionId::parse(id.as_bytes()).expect("an id").store_key()
}

/// Everything but the stamps and when the id was renewed, in the order of the names.
fn line<'a>(entries: impl Iterator<Item = (&'a str, Option<&'a [u8]>)>) -> String {
    let entries = entries.filter(|(name, _)| !matches!(*name, "@s" | "@r"));
    let entries: Vec<_> = entries
        .map(|(name, value)| match value {
            Some(value) => format!("{name}={}", String::from_utf8_lossy(value)),
            None => format!("{name}=-"),
        })
        .collect();
    entries.join(" ")
}

impl SessionStore for Scripted {
    async fn load(&self, key: &StoreKey, roll: Option<Roll>) -> Result<Option<Loaded>, StoreError> {
        self.ask("load", "").await?.load(key, roll).await
    }

    async fn insert(&self, key: &StoreKey, record: &Record) -> Result<Inserted, StoreError> {
        let with = line(record.entries().map(|(name, value)| (name, Some(value))));
        self.ask("insert", &with).await?.insert(key, record).await
    }

    async fn update(&self, key: &StoreKey, update: &Update<'_>) -> Result<Updated, StoreError> {
        let with = line(update.delta().iter());
        self.ask("update", &with).await?.update(key, update).await
    }

    async fn rename(
        &self,
        old: &StoreKey,
        new: &StoreKey,
        update: &Update<'_>,
        grace: Option<Timestamp>,
    ) -> Result<Updated, StoreError> {
        let with = line(update.delta().iter());
        let memory = self.ask("rename", &with).await?;
        memory.rename(old, new, update, grace).await
    }

    async fn touch(&self, key: &StoreKey, expires: Timestamp) -> Result<Touched, StoreError> {
        self.ask("touch", "").await?.touch(key, expires).await
    }

    async fn remove(&self, key: &StoreKey) -> Result<Removed, StoreError> {
        self.ask("remove", "").await?.remove(key).await
    }

    fn index(&self) -> Option<&dyn PrincipalIndex> {
        self.memory.index()
    }
}
