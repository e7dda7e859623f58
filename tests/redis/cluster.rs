//! A new id in a cluster, step by step: a copy under the new key on one server, then the end under the old key on another.
//!
//! A server that lets nobody write holds a rename up before its last step, and hands out what waits for it in the order in which it came.

use std::sync::Arc;
use std::time::Duration;

use session_runtime::record::{Delta, Record, Stamp};
use session_runtime::store::{Inserted, Loaded, Removed, Update, Updated};
use session_runtime::{Clock, RedisStore, SessionStore as _, StoreError, StoreKey};
use session_servers::{Cluster, Redis};
use session_tests::delta;
use tokio::task::JoinHandle;

use crate::support::{PREFIX, name_of, until};

const HOUR: Duration = Duration::from_hours(1);

/// A cluster, a session in it, and a key for it on another server.
struct Moving {
    cluster: Cluster,
    old: StoreKey,
    new: StoreKey,
    /// Another one like it.
    rotated: StoreKey,
    /// What the session is at first.
    record: Record,
}

impl Moving {
    async fn new() -> Self {
        let cluster = Cluster::start().unwrap();
        let master = |key: &StoreKey| cluster.master_of(&name_of(key)).unwrap();
        let mut keys = (0..32).map(|byte| StoreKey::from_bytes([byte; 32]));
        let old = keys.next().unwrap();
        let (near, far): (Vec<_>, Vec<_>) = keys.partition(|key| master(key) == master(&old));
        let now = Clock::system().now();
        let record = Record::new(now, now + HOUR).apply_stamped(&delta(&[("x", b"1")]), Stamp::next()).at_version(1);
        let first = Self { old, new: far[0], rotated: far[1], record: record.clone(), cluster };
        first.call_every_function().await;
        let moving = Self { old: near[0], new: far[2], ..first };
        assert_eq!(moving.store().await.insert(&moving.old, &record).await.unwrap(), Inserted::Done);
        moving
    }

    /// Calls of functions that the server does not know yet are answered out of turn.
    async fn call_every_function(&self) {
        let (store, (base, delta)) = (self.store().await, change(self));
        store.insert(&self.old, &self.record).await.unwrap();
        store.update(&self.old, &Update::new(&base, &delta, Stamp::next())).await.unwrap();
        self.rename(Stamp::next()).await.await.unwrap().unwrap();
        store.remove(&self.old).await.unwrap();
    }

    /// Another process.
    async fn store(&self) -> RedisStore {
        RedisStore::connect_cluster(self.cluster.urls()).await.unwrap().key_prefix(PREFIX)
    }

    fn server_of(&self, key: &StoreKey) -> &Redis {
        &self.cluster.nodes()[self.cluster.master_of(&name_of(key)).unwrap()]
    }

    /// From now on nobody writes where the session is.
    fn hold_up(&self) {
        self.server_of(&self.old).command(&["CLIENT", "PAUSE", "60000", "WRITE"]).unwrap();
    }

    fn let_go(&self) {
        self.server_of(&self.old).command(&["CLIENT", "UNPAUSE"]).unwrap();
    }

    /// Waits until so many calls wait for the server where the session is.
    async fn waiting(&self, calls: usize) {
        let line = format!("blocked_clients:{calls}\r\n");
        let server = self.server_of(&self.old);
        let waits = || server.command(&["INFO", "clients"]).unwrap().text().contains(&line);
        until("calls wait", async || waits().then_some(())).await;
    }

    /// Another process renames the session, and sets `y`.
    async fn rename(&self, stamp: Stamp) -> JoinHandle<Result<Updated, StoreError>> {
        let (store, old, new, record) = (self.store().await, self.old, self.new, self.record.clone());
        tokio::spawn(async move {
            let delta = delta(&[("y", b"2")]);
            store.rename(&old, &new, &Update::new(&record, &delta, stamp), None).await
        })
    }

    /// Renames as the runtime does: with what is there as its base, until that is what there is.
    async fn settle(&self, [old, new]: [StoreKey; 2], mut base: Record, stamp: Stamp) -> Updated {
        let (store, delta) = (self.store().await, delta(&[("y", b"2")]));
        loop {
            let update = Update::new(&base, &delta, stamp).version_must_hold(true);
            match store.rename(&old, &new, &update, None).await.unwrap() {
                Updated::Conflict(current) => base = current,
                updated => return updated,
            }
        }
    }

    /// Waits until the copy is there.
    async fn copied(&self) {
        let (server, name) = (self.server_of(&self.new), name_of(&self.new));
        let there = || server.command(&["EXISTS", &name]).unwrap().text() == "1";
        until("there is a copy", async || there().then_some(())).await;
    }

    async fn load(&self, key: &StoreKey) -> Option<Loaded> {
        self.store().await.load(key, None).await.unwrap()
    }

    /// The fields of the session under a key, as `x=1 y=2`, and its version.
    async fn there(&self, key: &StoreKey) -> (String, u64) {
        let Some(Loaded::Record { record, .. }) = self.load(key).await else { panic!("a session") };
        let fields = record.entries().filter(|(name, _)| !name.starts_with('@'));
        let mut fields: Vec<_> = fields.map(|(name, value)| format!("{name}={}", value.escape_ascii())).collect();
        fields.sort();
        (fields.join(" "), record.version())
    }

    /// Whether what is under the new key ends by itself.
    fn new_key_ends(&self) {
        let left = self.server_of(&self.new).command(&["PTTL", &name_of(&self.new)]).unwrap().text();
        assert!(!left.starts_with('-'), "{left}");
    }
}

/// A change of a request that saw the session as it was at first.
fn change(moving: &Moving) -> (Record, Delta) {
    (moving.record.clone(), delta(&[("x", b"3")]))
}

#[tokio::test]
async fn a_rename_that_dies_halfway_leaves_the_session_and_a_copy_that_ends() {
    let moving = Moving::new().await;
    let stamp = Stamp::next();
    moving.hold_up();
    let renaming = moving.rename(stamp).await;
    moving.copied().await;
    moving.waiting(1).await;
    renaming.abort();
    assert!(renaming.await.unwrap_err().is_cancelled());
    moving.waiting(0).await;
    moving.let_go();

    assert_eq!(moving.there(&moving.old).await, ("x=1".to_owned(), 1));
    moving.new_key_ends();
    let (base, delta) = change(&moving);
    let updated = moving.store().await.update(&moving.old, &Update::new(&base, &delta, Stamp::next())).await;
    assert!(matches!(updated, Ok(Updated::Done)), "{updated:?}");

    // Should it be repeated after all, it goes on from there.
    let renamed = moving.rename(stamp).await.await.unwrap();
    assert!(matches!(renamed, Ok(Updated::Done)), "{renamed:?}");
    assert_eq!(moving.there(&moving.new).await, ("x=3 y=2".to_owned(), 3));
    assert!(matches!(moving.load(&moving.old).await, Some(Loaded::Renamed)));
}

#[tokio::test]
async fn a_change_between_the_two_steps_moves_with_the_session() {
    let moving = Moving::new().await;
    moving.hold_up();
    let (store, old, (base, delta)) = (moving.store().await, moving.old, change(&moving));
    let updating = tokio::spawn(async move { store.update(&old, &Update::new(&base, &delta, Stamp::next())).await });
    moving.waiting(1).await;
    let renaming = moving.rename(Stamp::next()).await;
    moving.copied().await;
    moving.waiting(2).await;
    assert_eq!(moving.there(&moving.old).await, ("x=1".to_owned(), 1));
    moving.let_go();

    let (updated, renamed) = (updating.await.unwrap(), renaming.await.unwrap());
    assert!(matches!((&updated, &renamed), (Ok(Updated::Done), Ok(Updated::Done))), "{updated:?} {renamed:?}");
    assert_eq!(moving.there(&moving.new).await, ("x=3 y=2".to_owned(), 3));
    assert!(matches!(moving.load(&moving.old).await, Some(Loaded::Renamed)));
}

#[tokio::test]
async fn a_sign_out_between_the_two_steps_takes_the_copy_with_it() {
    let moving = Moving::new().await;
    moving.hold_up();
    let (store, old) = (moving.store().await, moving.old);
    let removing = tokio::spawn(async move { store.remove(&old).await });
    moving.waiting(1).await;
    let renaming = moving.rename(Stamp::next()).await;
    moving.copied().await;
    moving.waiting(2).await;
    moving.let_go();

    let (removed, renamed) = (removing.await.unwrap(), renaming.await.unwrap());
    assert!(matches!((&removed, &renamed), (Ok(Removed::Done), Ok(Updated::Missing))), "{removed:?} {renamed:?}");
    assert!(moving.load(&moving.old).await.is_none());
    assert_eq!(moving.server_of(&moving.new).command(&["EXISTS", &name_of(&moving.new)]).unwrap().text(), "0");
}

/// The copy of the first try is not in the way of the second.
#[tokio::test]
async fn a_rename_that_met_a_conflict_between_the_two_steps_is_done_when_it_is_tried_again() {
    let moving = Arc::new(Moving::new().await);
    moving.hold_up();
    let (store, old, (base, delta)) = (moving.store().await, moving.old, change(&moving));
    let updating = tokio::spawn(async move { store.update(&old, &Update::new(&base, &delta, Stamp::next())).await });
    moving.waiting(1).await;
    let there = moving.clone();
    let keys = [moving.old, moving.new];
    let renaming = tokio::spawn(async move { there.settle(keys, there.record.clone(), Stamp::next()).await });
    moving.copied().await;
    moving.waiting(2).await;
    moving.let_go();

    let (updated, renamed) = (updating.await.unwrap(), renaming.await.unwrap());
    assert!(matches!((&updated, &renamed), (Ok(Updated::Done), Updated::Done)), "{updated:?} {renamed:?}");
    assert_eq!(moving.there(&moving.new).await, ("x=3 y=2".to_owned(), 3));
}

/// A rotation, whose grace shows the way, was faster.
#[tokio::test]
async fn a_rename_that_is_shown_the_way_between_the_two_steps_is_done_from_there() {
    let moving = Moving::new().await;
    moving.hold_up();
    let (store, old, rotated, (base, delta)) = (moving.store().await, moving.old, moving.rotated, change(&moving));
    let grace = Some(base.created() + HOUR);
    let rotation = async move { store.rename(&old, &rotated, &Update::new(&base, &delta, Stamp::next()), grace).await };
    let rotating = tokio::spawn(rotation);
    moving.waiting(1).await;
    let stamp = Stamp::next();
    let renaming = moving.rename(stamp).await;
    moving.copied().await;
    moving.waiting(2).await;
    moving.let_go();

    let (rotated, renamed) = (rotating.await.unwrap(), renaming.await.unwrap());
    assert!(matches!(rotated, Ok(Updated::Done)), "{rotated:?}");
    assert!(matches!(renamed, Ok(Updated::Moved(to)) if to == moving.rotated), "{renamed:?}");
    let renamed = moving.settle([moving.rotated, moving.new], moving.record.clone(), stamp).await;
    assert!(matches!(renamed, Updated::Done), "{renamed:?}");
    assert_eq!(moving.there(&moving.new).await, ("x=3 y=2".to_owned(), 3));
}

#[tokio::test]
async fn a_rename_that_is_repeated_waits_for_replicas_again() {
    let moving = Moving::new().await;
    let store = moving.store().await.replicas(1);
    let (record, delta) = (moving.record.clone(), delta(&[("y", b"2")]));
    let update = Update::new(&record, &delta, Stamp::next());
    let master = moving.cluster.master_of(&name_of(&moving.old)).unwrap();
    let replica = &moving.cluster.nodes()[master + 3];
    replica.kill().unwrap();
    for _ in 0..2 {
        let renamed = store.rename(&moving.old, &moving.new, &update, None).await;
        assert!(renamed.as_ref().is_err_and(StoreError::is_unreachable), "no replica has it: {renamed:?}");
    }
    replica.restart().unwrap();
    moving.cluster.wait().unwrap();
    let renamed = store.rename(&moving.old, &moving.new, &update, None).await;
    assert!(matches!(renamed, Ok(Updated::Done)), "{renamed:?}");
    assert_eq!(moving.there(&moving.new).await, ("x=1 y=2".to_owned(), 2), "done once");
}

/// The sign-out finds the pointer, and follows it.
#[tokio::test]
async fn a_sign_out_after_the_last_step_is_shown_where_the_session_went() {
    let moving = Moving::new().await;
    assert!(matches!(moving.rename(Stamp::next()).await.await.unwrap(), Ok(Updated::Done)));
    let store = moving.store().await;
    assert_eq!(store.remove(&moving.old).await.unwrap(), Removed::Moved(moving.new));
    assert_eq!(store.remove(&moving.new).await.unwrap(), Removed::Done);
    assert!(moving.load(&moving.new).await.is_none());
}
