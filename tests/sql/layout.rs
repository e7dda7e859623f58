//! What is in the columns of the table: operators rely on it.

use std::time::Duration;

use session_runtime::record::Record;
use session_runtime::{Expiry, SessionHandle, SessionId, SessionStore as _, StoreKey};
use session_tests::{Visits, delta, hex, load};

use crate::support::{Database, Visited, over_every_database};

const HOUR: Duration = Duration::from_hours(1);
const VALUE: &str = "confidential";
const WITH_VALUE: &str = "/update?some=confidential";

over_every_database!(
    a_row_is_under_the_hash_of_an_id_and_tells_when_it_ends,
    an_owner_is_text_until_a_sign_out,
    s30_no_column_holds_an_id,
    a_sign_out_leaves_a_row_without_anything_of_the_session,
    a_new_id_leaves_a_row_that_only_points_to_it,
);

/// The columns of a row, its bytes as hexadecimal digits.
#[derive(PartialEq, Debug)]
struct Row {
    state: String,
    version: String,
    created: String,
    expires: String,
    principal: Option<String>,
    record: String,
}

impl<DB: Database> Visited<DB> {
    async fn row(&self, id: &str) -> Row {
        self.row_under(&SessionId::parse(id.as_bytes()).expect("an id").store_key()).await
    }

    async fn row_under(&self, key: &StoreKey) -> Row {
        let (hex_of, end) = DB::HEX;
        let key = hex(key.as_bytes());
        let columns = format!("state, version, created, expires, principal, {hex_of}record{end}");
        let mut rows = self.own.rows(format!("SELECT {columns} FROM sessions WHERE {hex_of}id{end} = '{key}'")).await;
        assert_eq!(rows.len(), 1, "{key}");
        let [state, version, created, expires, principal, record] = rows.remove(0).try_into().expect("six columns");
        let [state, version, created, expires, record] =
            [state, version, created, expires, record].map(|value| value.expect("a value"));
        Row { state, version, created, expires, principal, record }
    }

    fn moment(&self, from_now: Duration) -> String {
        (self.clock.now() + from_now).as_millis().to_string()
    }
}

async fn a_row_is_under_the_hash_of_an_id_and_tells_when_it_ends<DB: Database>() {
    let mut visited = Visited::<DB>::with(|layer| layer.expiry(Expiry::idle(HOUR))).await;
    visited.get(WITH_VALUE).await;
    let row = visited.row(&visited.held()).await;
    let (created, expires) = (visited.moment(Duration::ZERO), visited.moment(HOUR));
    assert_eq!((&*row.state, &*row.version, &row.created, &row.expires), ("0", "1", &created, &expires));
    assert_eq!(row.principal, None);
    assert!(row.record.contains(&hex(VALUE.as_bytes())));

    visited.wait(HOUR / 2);
    let answer = visited.visit::<Visits>(|visits| visits.set_lifetime(2 * HOUR)).await;
    let row = visited.row(&visited.held()).await;
    assert_eq!((&*row.state, &*row.version, &row.created), ("1", "2", &created));
    assert_eq!((answer.set_cookie().max_age(), &row.expires), (Some(7200), &visited.moment(2 * HOUR)));
    let told = visited.act(async |handle: SessionHandle| {
        let expires = load::<Visits>(&handle).await.metadata().expires();
        expires.as_millis().to_string()
    });
    assert_eq!(told.await.text(), row.expires);
}

async fn an_owner_is_text_until_a_sign_out<DB: Database>() {
    let visited = Visited::<DB>::new().await;
    let key = StoreKey::from_bytes([7; 32]);
    let now = visited.clock.now();
    let record = Record::new(now, now + HOUR).apply(&delta(&[("hits", b"7")]));
    visited.store.insert(&key, &record.owned_by(Some("ada@example.org".into()))).await.unwrap();
    assert_eq!(visited.row_under(&key).await.principal.as_deref(), Some("ada@example.org"));
    visited.store.remove(&key).await.unwrap();
    assert_eq!(visited.row_under(&key).await.principal, None);
}

async fn s30_no_column_holds_an_id<DB: Database>() {
    let mut visited = Visited::<DB>::new().await;
    let mut ids = Vec::new();
    visited.get(WITH_VALUE).await;
    ids.push(visited.held());
    visited.visit::<Visits>(|visits| visits.regenerate_id()).await;
    ids.push(visited.held());
    let mut other = visited.other();
    other.get("/count").await;
    ids.push(other.held());
    other.get("/destroy").await;

    let (hex_of, end) = DB::HEX;
    let columns = format!("{hex_of}id{end}, version, created, expires, inserted_by, principal, {hex_of}record{end}");
    let table = visited.own.rows(format!("SELECT {columns} FROM sessions")).await;
    assert_eq!(table.len(), 3);
    let table = format!("{table:?}");
    for id in ids {
        let row = visited.row(&id).await;
        assert!(!table.contains(&id) && !table.contains(&hex(id.as_bytes())), "{row:?}");
    }
}

async fn a_sign_out_leaves_a_row_without_anything_of_the_session<DB: Database>() {
    let mut visited = Visited::<DB>::new().await;
    visited.get(WITH_VALUE).await;
    let id = visited.held();
    visited.get("/destroy").await;
    let row = visited.row(&id).await;
    assert_eq!((&*row.state, row.principal, row.record.len()), ("4", None, 2 * 8), "the stamp of who ended it");
    assert_eq!(row.expires, visited.moment(Duration::from_mins(1)));
}

async fn a_new_id_leaves_a_row_that_only_points_to_it<DB: Database>() {
    let mut visited = Visited::<DB>::new().await;
    visited.get(WITH_VALUE).await;
    let old = visited.held();
    visited.visit::<Visits>(|visits| visits.regenerate_id()).await;
    let row = visited.row(&old).await;
    let new = SessionId::parse(visited.held().as_bytes()).unwrap().store_key();
    assert_eq!((&*row.state, row.principal, row.record), ("3", None, hex(new.as_bytes())));
    assert_eq!(row.expires, visited.moment(Duration::from_secs(10)));
    assert!(visited.row(&visited.held()).await.record.contains(&hex(VALUE.as_bytes())));
}
