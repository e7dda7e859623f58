//! What a check works with: a store, the time, and calls that are made as the runtime makes them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Barrier;

use super::change::Change;
use super::erased::AnyStore;
use super::seen::{Outcome, Seen, answers};
use crate::clock::{Clock, Timestamp};
use crate::error::StoreError;
use crate::expiry::Roll;
use crate::id::StoreKey;
use crate::record::Record;
use crate::store::{BoxFuture, Inserted, Loaded, Removed, SessionStore as _, Touched, Updated};

/// How often a commit is repeated on a store that keeps answering `Conflict`.
const MAX_CONFLICTS: u32 = 10_000;

/// How much later than a store's own clock this process's may see the same moment.
const SLACK: Duration = Duration::from_millis(500);

/// A store under test, and the time that it tells.
#[derive(Clone)]
pub(super) struct Bench {
    pub(super) store: AnyStore,
    /// A store that must not see the sessions of the first.
    pub(super) beside: Option<AnyStore>,
    pub(super) clock: Clock,
    /// Whether the suite sets the time.
    pub(super) timed: bool,
}

impl Bench {
    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A moment that no check lives to see.
    pub(super) fn late(&self) -> Timestamp {
        self.now() + Duration::from_hours(1)
    }

    /// A moment that a check can wait for.
    pub(super) fn soon(&self) -> Timestamp {
        self.now() + Duration::from_secs(if self.timed { 60 } else { 3 })
    }

    /// Waits for the millisecond before this moment; where the suite does not set the time, it is early enough already.
    pub(super) fn just_before(&self, moment: Timestamp) {
        let left = moment.saturating_since(self.now());
        self.clock.advance(left.saturating_sub(Duration::from_millis(1)));
    }

    /// Waits for this moment.
    pub(super) async fn reach(&self, moment: Timestamp) {
        let left = moment.saturating_since(self.now());
        if self.timed {
            self.clock.advance(left);
        } else {
            tokio::time::sleep(left + SLACK).await;
        }
    }

    /// A key that nobody has.
    #[expect(clippy::unused_self, reason = "reads as the other calls of a check")]
    pub(super) fn key(&self) -> Outcome<StoreKey> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)?;
        Ok(StoreKey::from_bytes(bytes))
    }

    /// A session of these fields that no check lives to see the end of, not stored yet.
    pub(super) fn record(&self, fields: &[(&str, &[u8])]) -> Record {
        let change = fields.iter().fold(Change::nothing(), |change, (name, value)| change.and_set(*name, value));
        // Created a while ago, so that a store which notes its own time of the insert is found out.
        let created = Timestamp::from_millis(self.now().as_millis().saturating_sub(60_000));
        change.made_to(&Record::new(created, self.late())).at_version(1)
    }

    /// Stores a session under a new key.
    pub(super) async fn insert(&self, record: &Record) -> Outcome<StoreKey> {
        let key = self.key()?;
        answers!("an insert under a new key", self.store.insert(&key, record).await?, Inserted::Done);
        Ok(key)
    }

    /// Stores a session under a new key, and loads it: what other rules promise is measured by what is there.
    pub(super) async fn stored(&self, record: &Record) -> Outcome<(StoreKey, Record)> {
        let key = self.insert(record).await?;
        let there = self.there("what was inserted", &key).await?;
        Ok((key, there))
    }

    /// A stored session of one field, `x`.
    pub(super) async fn session(&self) -> Outcome<(StoreKey, Record)> {
        self.stored(&self.record(&[("x", b"1")])).await
    }

    /// The session that must be under this key.
    pub(super) async fn there(&self, what: &str, key: &StoreKey) -> Outcome<Record> {
        let loaded = self.store.load(key, None).await?;
        Ok(answers!(what, loaded, Some(Loaded::Record { record, rolled: false }) => record))
    }

    /// Goes on where nothing is under this key.
    pub(super) async fn absent(&self, what: &str, key: &StoreKey) -> Outcome {
        answers!(what, self.store.load(key, None).await?, None);
        Ok(())
    }

    /// As the runtime makes an update: on the record that is there instead, as often as the store says that there is another.
    pub(super) async fn update(&self, key: &StoreKey, base: &Record, change: &Change) -> Outcome<Updated> {
        let mut base = base.clone();
        for _ in 0..MAX_CONFLICTS {
            match self.store.update(key, &change.on(&base)).await? {
                Updated::Conflict(current) => base = current,
                updated => return Ok(updated),
            }
        }
        Err(Seen::new("an update was answered `Conflict` without end"))
    }

    /// As the runtime makes a rename.
    pub(super) async fn rename(
        &self,
        keys: (&StoreKey, &StoreKey),
        base: &Record,
        change: &Change,
        grace: Option<Timestamp>,
    ) -> Outcome<Updated> {
        Ok(self.try_rename(keys, base, change, grace).await??)
    }

    /// As [`rename`](Self::rename), where the store may refuse.
    pub(super) async fn try_rename(
        &self,
        (old, new): (&StoreKey, &StoreKey),
        base: &Record,
        change: &Change,
        grace: Option<Timestamp>,
    ) -> Outcome<Result<Updated, StoreError>> {
        let mut base = base.clone();
        for _ in 0..MAX_CONFLICTS {
            match self.store.rename(old, new, &change.on(&base), grace).await {
                Ok(Updated::Conflict(current)) => base = current,
                answer => return Ok(answer),
            }
        }
        Err(Seen::new("a rename was answered `Conflict` without end"))
    }

    /// An update that must be done.
    pub(super) async fn updated(&self, key: &StoreKey, base: &Record, change: &Change) -> Outcome {
        answers!("an update of a session", self.update(key, base, change).await?, Updated::Done);
        Ok(())
    }

    /// A rename that must be done, to a new key, which it answers.
    pub(super) async fn renamed(
        &self,
        old: &StoreKey,
        base: &Record,
        change: &Change,
        grace: Option<Timestamp>,
    ) -> Outcome<StoreKey> {
        let new = self.key()?;
        answers!("a rename of a session", self.rename((old, &new), base, change, grace).await?, Updated::Done);
        Ok(new)
    }

    /// Goes on where no call but an insert finds anything under this key.
    pub(super) async fn dead(&self, what: &str, key: &StoreKey) -> Outcome {
        let roll = Roll { now: self.now(), idle: Duration::from_hours(9), threshold: Duration::ZERO, limit: None };
        self.absent(what, key).await?;
        answers!(format_args!("{what}, loaded"), self.store.load(key, Some(roll)).await?, None);
        self.takes_nothing(what, key).await?;
        self.absent(&format!("{what}, after calls that were to find nothing"), key).await?;
        answers!(format_args!("{what}, removed"), self.store.remove(key).await?, Removed::Missing);
        Ok(())
    }

    /// Goes on where a load says that what was under this key was renamed, and nothing is written there.
    pub(super) async fn dead_by_a_rename(&self, what: &str, key: &StoreKey) -> Outcome {
        for _ in 0..2 {
            answers!(what, self.store.load(key, None).await?, Some(Loaded::Renamed));
            self.takes_nothing(what, key).await?;
        }
        Ok(())
    }

    /// Goes on where an update, a touch and a rename find nothing under this key.
    async fn takes_nothing(&self, what: &str, key: &StoreKey) -> Outcome {
        let (base, change) = (self.record(&[("x", b"1")]), Change::set("x", "2"));
        answers!(format_args!("{what}, updated"), self.update(key, &base, &change).await?, Updated::Missing);
        answers!(format_args!("{what}, touched"), self.store.touch(key, self.late()).await?, Touched::Missing);
        let new = self.key()?;
        let renamed = self.rename((key, &new), &base, &change, None).await?;
        answers!(format_args!("{what}, renamed"), renamed, Updated::Missing);
        self.absent("the new key of a rename of nothing", &new).await
    }
}

/// Runs all of these at the same time, from one starting line; their answers, in order.
pub(super) async fn at_once<T: Send + 'static>(
    runners: impl IntoIterator<Item = BoxFuture<'static, Outcome<T>>>,
) -> Outcome<Vec<T>> {
    let runners: Vec<_> = runners.into_iter().collect();
    let line = Arc::new(Barrier::new(runners.len()));
    let running = runners.into_iter().map(|runner| {
        let line = line.clone();
        tokio::spawn(async move {
            line.wait().await;
            runner.await
        })
    });
    let mut answers = Vec::new();
    for runner in running.collect::<Vec<_>>() {
        answers.push(runner.await??);
    }
    Ok(answers)
}
