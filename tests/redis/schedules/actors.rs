//! What is done to a session, as the runtime does it: what failed is repeated once, and what met a conflict is tried again.

use std::time::Duration;

use session_runtime::record::{Record, Stamp};
use session_runtime::store::{Removed, Update, Updated};
use session_runtime::{RedisStore, SessionStore as _, StoreKey};
use session_tests::delta;

/// Something that is done to a session.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Act {
    /// Sets a field.
    Update,
    /// Sets a field, and gives the session a new id.
    Rename {
        merges: bool,
    },
    /// The same, with a grace in which the old id shows the way.
    Rotate,
    Remove,
}

/// What somebody is told in the end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    Done,
    Missing,
    /// Both the call and its repetition failed.
    Unknown,
}

/// One who does something.
#[derive(Clone)]
pub(super) struct Actor {
    pub(super) act: Act,
    /// The field that is set.
    pub(super) field: &'static str,
    pub(super) old: StoreKey,
    pub(super) new: StoreKey,
    /// What the session was when it was read.
    pub(super) base: Record,
}

impl Actor {
    /// Whether the session is to be under another key then.
    pub(super) fn moves(&self) -> bool {
        matches!(self.act, Act::Rename { .. } | Act::Rotate)
    }

    pub(super) async fn run(self, store: &RedisStore) -> Outcome {
        if self.act == Act::Remove { self.remove(store).await } else { self.commit(store).await }
    }

    async fn remove(self, store: &RedisStore) -> Outcome {
        let (mut key, mut failed) = (self.old, false);
        loop {
            match store.remove(&key).await {
                Ok(Removed::Done) => return Outcome::Done,
                Ok(Removed::Missing) => return Outcome::Missing,
                Ok(Removed::Moved(to)) => (key, failed) = (to, false),
                Err(_) if failed => return Outcome::Unknown,
                Err(_) => failed = true,
            }
        }
    }

    async fn commit(self, store: &RedisStore) -> Outcome {
        let (stamp, delta) = (Stamp::next(), delta(&[(self.field, b"1")]));
        let grace = (self.act == Act::Rotate).then(|| self.base.created() + Duration::from_mins(1));
        let merges = self.act == Act::Rename { merges: true };
        let mut to = self.moves().then_some(self.new);
        let (mut key, mut base, mut failed) = (self.old, self.base, false);
        loop {
            let update = Update::new(&base, &delta, stamp).version_must_hold(merges || failed);
            let updated = match &to {
                Some(to) => store.rename(&key, to, &update, grace).await,
                None => store.update(&key, &update).await,
            };
            match updated {
                Ok(Updated::Done) => return Outcome::Done,
                Ok(Updated::Missing | Updated::Emptied) => return Outcome::Missing,
                Ok(Updated::Conflict(current)) => (base, failed) = (current, false),
                Ok(Updated::Moved(there)) => {
                    key = there;
                    // It was rotated already.
                    to = to.filter(|_| grace.is_none());
                }
                Err(_) if failed => return Outcome::Unknown,
                Err(_) => failed = true,
            }
        }
    }
}
