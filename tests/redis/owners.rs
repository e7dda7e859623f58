//! The lists of principals' sessions, which are on other servers than the sessions: whatever fails when, no live session is missing.

mod called_off;
mod crashes;
mod layout;
mod used;

use std::time::Duration;

use session_runtime::record::{Record, Stamp};
use session_runtime::store::{Inserted, PrincipalIndex};
use session_runtime::{Clock, RedisStore, SessionId, SessionStore as _, StoreKey};
use session_tests::delta;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Nobody else's.
fn new_key() -> StoreKey {
    SessionId::generate().expect("an id").store_key()
}

/// A session that ends in an hour.
fn record(clock: &Clock, owner: Option<&str>) -> Record {
    let now = clock.now();
    let record = Record::new(now, now + HOUR).apply_stamped(&delta(&[("x", b"1")]), Stamp::next()).at_version(1);
    record.owned_by(owner.map(Into::into))
}

async fn insert(store: &RedisStore, record: &Record) -> StoreKey {
    let key = new_key();
    assert_eq!(store.insert(&key, record).await.expect("an answer"), Inserted::Done);
    key
}

fn index(store: &RedisStore) -> &dyn PrincipalIndex {
    store.index().expect("an index")
}

/// The keys of a principal's sessions, in their order.
async fn listed(store: &RedisStore, owner: &str) -> Vec<StoreKey> {
    let sessions = index(store).sessions(owner).await.expect("an answer");
    let mut keys: Vec<StoreKey> = sessions.iter().map(|session| session.key).collect();
    keys.sort();
    keys
}
