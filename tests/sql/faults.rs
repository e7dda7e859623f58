//! Databases that end, hang, are full, locked or misled, and networks that lose answers, under the real layer: nothing is done twice, what was
//! answered holds, nobody waits for longer than the layer allows, and all goes on by itself.

/// Makes a test of each of these functions, over each kind of server.
macro_rules! over_servers {
    ($($test:ident),+ $(,)?) => {
        over_servers!(postgres: session_servers::Postgres, $($test),+);
        over_servers!(mariadb: session_servers::MariaDb, $($test),+);
    };
    ($name:ident: $server:ty, $($test:ident),+) => {
        mod $name {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test::<$server>().await;
                }
            )+
        }
    };
}

mod cancelled;
mod connect;
mod crashed;
mod cut;
mod demoted;
mod foreign;
mod full;
mod killed;
mod late;
mod locked;
mod paused;
mod refused;
mod scene;
mod sqlite;
mod stopped;

use std::time::Duration;

use session_runtime::record::{Record, Stamp};
use session_runtime::store::{Loaded, SqlDatabase, SqlStore};
use session_runtime::{SessionId, SessionStore, StoreKey, Timestamp};
use session_tests::{Guest, delta};
use sqlx::Pool;

use crate::support::{Server, pooled};

/// As many connections as a store makes by itself.
const CONNECTIONS: u32 = 10;
const HOUR: Duration = Duration::from_hours(1);

/// The application over a pool of so many connections to a server.
async fn over<S: Server>(server: &S, connections: u32) -> (Guest<SqlStore<S::DB>>, Pool<S::DB>) {
    let (store, pool) = pooled(&server.url(), connections).await;
    (Guest::over(store), pool)
}

/// A key that nobody has used.
fn key() -> StoreKey {
    SessionId::generate().expect("random bytes").store_key()
}

/// A session of one hit that nobody has stored.
fn record() -> Record {
    let now = session_runtime::Clock::system().now();
    Record::new(now, now + HOUR).apply_stamped(&delta(&[("hits", b"1")]), Stamp::next()).at_version(1)
}

/// What is under a key: `1 until 3600000`, `renamed`, `moved`, or `nothing`.
async fn seen<DB: SqlDatabase>(store: &SqlStore<DB>, key: &StoreKey) -> String {
    match store.load(key, None).await.expect("an answer") {
        Some(Loaded::Record { record, .. }) => {
            let hits = str::from_utf8(record.get("hits").expect("hits")).expect("text");
            format!("{hits} until {}", lasts(&record, record.expires()))
        }
        Some(Loaded::Moved(_)) => "moved".to_owned(),
        Some(Loaded::Renamed) => "renamed".to_owned(),
        None => "nothing".to_owned(),
    }
}

/// How many milliseconds are between the beginning of a session and this moment.
fn lasts(record: &Record, until: Timestamp) -> u128 {
    until.saturating_since(record.created()).as_millis()
}
