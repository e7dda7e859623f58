//! Each call there is to a store, each to a session of its own.

use session_runtime::record::{Delta, Record, Stamp};
use session_runtime::store::{SqlDatabase, SqlStore, Update};
use session_runtime::{SessionStore as _, StoreError, StoreKey};
use session_tests::delta;

use super::{HOUR, key, record, seen};

#[derive(Clone, Copy, Debug)]
pub(super) enum Call {
    Load,
    Insert,
    Update,
    Empty,
    Rename,
    Touch,
    Remove,
}

pub(super) const CALLS: [Call; 7] =
    [Call::Load, Call::Insert, Call::Update, Call::Empty, Call::Rename, Call::Touch, Call::Remove];

/// A call to a session of its own.
pub(super) struct Scene {
    call: Call,
    old: StoreKey,
    new: StoreKey,
    record: Record,
    delta: Delta,
    stamp: Stamp,
}

impl Scene {
    pub(super) async fn of<DB: SqlDatabase>(call: Call, store: &SqlStore<DB>) -> Self {
        let mut delta = delta(&[("hits", b"2")]);
        if matches!(call, Call::Empty) {
            delta.remove("hits");
        }
        let scene = Self { call, old: key(), new: key(), record: record(), delta, stamp: Stamp::next() };
        if !matches!(call, Call::Insert) {
            store.insert(&scene.old, &scene.record).await.expect("stored");
        }
        scene
    }

    /// What the call answers.
    pub(super) async fn call<DB: SqlDatabase>(&self, store: &SqlStore<DB>) -> Result<String, StoreError> {
        let Self { old, new, record, .. } = self;
        let update = Update::new(record, &self.delta, self.stamp).remove_if_empty(true);
        Ok(match self.call {
            Call::Load => store.load(old, None).await?.map_or("Missing", |_| "Done").to_owned(),
            Call::Insert => format!("{:?}", store.insert(old, record).await?),
            Call::Update | Call::Empty => format!("{:?}", store.update(old, &update).await?),
            Call::Rename => format!("{:?}", store.rename(old, new, &update, None).await?),
            Call::Touch => format!("{:?}", store.touch(old, record.expires() + HOUR).await?),
            Call::Remove => format!("{:?}", store.remove(old).await?),
        })
    }

    /// What it is to answer.
    pub(super) fn answer(&self) -> &'static str {
        if matches!(self.call, Call::Empty) { "Emptied" } else { "Done" }
    }

    /// What is under the two keys.
    pub(super) async fn seen<DB: SqlDatabase>(&self, store: &SqlStore<DB>) -> [String; 2] {
        [seen(store, &self.old).await, seen(store, &self.new).await]
    }

    /// What is there before the call, and after it.
    pub(super) fn expected(&self) -> [[&'static str; 2]; 2] {
        const THERE: [&str; 2] = ["1 until 3600000", "nothing"];
        const GONE: [&str; 2] = ["nothing", "nothing"];
        match self.call {
            Call::Load => [THERE, THERE],
            Call::Insert => [GONE, THERE],
            Call::Update => [THERE, ["2 until 3600000", "nothing"]],
            Call::Empty | Call::Remove => [THERE, GONE],
            Call::Rename => [THERE, ["renamed", "2 until 3600000"]],
            Call::Touch => [THERE, ["1 until 7200000", "nothing"]],
        }
    }
}
