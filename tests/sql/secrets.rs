//! What no log and no error may show: ids, values, passwords and where a database is.

use std::sync::Arc;
use std::time::Duration;

use session_runtime::record::{Record, Stamp};
use session_runtime::store::{SqlStore, Update};
use session_runtime::{Clock, SessionId, SessionLayer, SessionStore as _, StoreError, StoreKey};
use session_servers::{MariaDb, Postgres};
use session_tests::{Logs, Visitor, Visits, delta, hex, routes};

use crate::support::{Database, Own, over_every_database};

const PASSWORD: &str = "hush-hush";
const VALUE: &str = "confidential";
const HOUR: Duration = Duration::from_hours(1);

over_every_database!(
    no_log_shows_ids_or_values_when_all_goes_well,
    no_log_shows_ids_or_values_when_the_table_is_gone,
    no_log_shows_ids_or_values_when_a_row_is_no_session,
    no_error_shows_a_key,
);

/// A visitor of an application over a database, and everything that is logged meanwhile.
struct Confided<DB: Database> {
    visitor: Visitor,
    own: Own<DB>,
    store: SqlStore<DB>,
    /// What must not be seen, beside the value.
    secrets: Vec<String>,
    logs: Logs,
}

impl<DB: Database> Confided<DB> {
    async fn to(own: Own<DB>) -> Self {
        let logs = Logs::capture_all();
        let store = own.store().await;
        let app = routes().merge(Visitor::routes()).layer(SessionLayer::new(Arc::new(store.clone())));
        let mut confided = Self { visitor: Visitor::to(app), own, store, secrets: vec![PASSWORD.to_owned()], logs };
        confided.changes().await;
        confided
    }

    /// Makes a change, and takes note of the id.
    async fn changes(&mut self) {
        let answer = self.visitor.get(&format!("/update?some={VALUE}&key={VALUE}")).await;
        if answer.status.is_server_error() {
            assert_eq!(answer.text(), "The session is not available. Please try again.\n");
        }
        let id = self.visitor.held();
        let key = SessionId::parse(id.as_bytes()).expect("an id").store_key();
        self.secrets.extend([hex(id.as_bytes()), hex(key.as_bytes()), id]);
    }

    /// That something was logged at this level, and nothing that is secret.
    fn check(&self, level: &str) {
        let text = self.logs.text();
        assert!(text.lines().any(|line| line.starts_with(level)), "{text}");
        let values = [VALUE.to_owned(), hex(VALUE.as_bytes())];
        let url = self.own.url.clone();
        for secret in self.secrets.iter().chain(&values).chain([&url]) {
            assert!(!text.contains(secret) && !text.contains(&secret.to_uppercase()), "{secret}: {text}");
        }
        let shown = format!("{:?}", self.store);
        assert!(shown.contains("sessions") && !shown.contains(&url) && !shown.contains(PASSWORD), "{shown}");
    }
}

async fn no_log_shows_ids_or_values_when_all_goes_well<DB: Database>() {
    let mut confided = Confided::to(Own::<DB>::new()).await;
    confided.changes().await;
    confided.visitor.visit::<Visits>(|visits| visits.regenerate_id()).await;
    confided.changes().await;
    confided.visitor.get("/destroy").await;
    confided.store.clone().clock(Clock::manual()).clear_expired().await.unwrap();
    confided.check("DEBUG");
}

async fn no_log_shows_ids_or_values_when_the_table_is_gone<DB: Database>() {
    let mut confided = Confided::to(Own::<DB>::new()).await;
    let held = confided.visitor.held_up::<Visits>(|visits| *visits.hits_mut() += 1).await;
    confided.own.rows("DROP TABLE sessions").await;
    assert!(held.goes_on().await.status.is_server_error());
    confided.changes().await;
    confided.check("ERROR");
}

/// Of the session, what is stored is cut short; the visitor gets a new one.
async fn no_log_shows_ids_or_values_when_a_row_is_no_session<DB: Database>() {
    let mut confided = Confided::to(Own::<DB>::new()).await;
    for change in ["record = SUBSTR(record, 1, 20)", "state = 9", "state = 2", "state = 4"] {
        confided.own.rows(format!("UPDATE sessions SET {change}")).await;
        confided.changes().await;
    }
    confided.check("WARN");
}

/// An application over a server that asks for a password, which is killed.
async fn is_killed<DB: Database>(url: String, kill: impl Fn()) {
    let mut confided = Confided::<DB>::to(Own::at("killed".to_owned(), url)).await;
    kill();
    confided.changes().await;
    confided.check("ERROR");
    confided.store.migrate().await.expect_err("no server");
}

fn with_password(url: &str, user: &str) -> String {
    url.replace(&format!("{user}@"), &format!("{user}:{PASSWORD}@"))
}

#[tokio::test]
async fn no_log_shows_ids_values_or_the_password_when_postgres_is_gone() {
    let server = Postgres::start().unwrap();
    is_killed::<sqlx::Postgres>(with_password(&server.url(), "postgres"), || server.kill().unwrap()).await;
}

#[tokio::test]
async fn no_log_shows_ids_values_or_the_password_when_mariadb_is_gone() {
    let server = MariaDb::start().unwrap();
    server.sql(&format!("CREATE USER web IDENTIFIED BY '{PASSWORD}'; GRANT ALL ON test.* TO web")).unwrap();
    let url = with_password(&server.url().replace("root@", "web@"), "web");
    is_killed::<sqlx::MySql>(url, || server.kill().unwrap()).await;
}

/// An error and all that is behind it, as a log shows it.
fn shown(error: &StoreError) -> String {
    let sources = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    sources.map(|error| format!("{error} {error:?}")).collect::<Vec<_>>().join("\n")
}

/// Keys of letters, which are easy to see.
const KEYS: [[u8; 32]; 2] = [*b"OldOldOldOldOldOldOldOldOldOldOl", *b"NewNewNewNewNewNewNewNewNewNewNe"];

/// Errors of calls that find the new key taken, no table, and one of something else.
async fn no_error_shows_a_key<DB: Database>() {
    let logs = Logs::capture_all();
    let own = Own::<DB>::new();
    let store = own.store().await;
    let [old, new] = KEYS.map(StoreKey::from_bytes);
    let now = Clock::system().now();
    let record = Record::new(now, now + HOUR).apply_stamped(&delta(&[("some", b"1")]), Stamp::next()).at_version(1);
    for key in [&old, &new] {
        store.insert(key, &record).await.expect("stored");
    }
    let change = delta(&[("some", b"2")]);
    let update = Update::new(&record, &change, Stamp::next());
    let mut errors = vec![store.rename(&old, &new, &update, None).await.expect_err("taken")];
    for change in ["DROP TABLE sessions", "CREATE TABLE sessions (number INT)"] {
        own.rows(change).await;
        errors.push(store.load(&old, None).await.expect_err(change));
        errors.push(store.insert(&old, &record).await.expect_err(change));
        errors.push(store.update(&old, &update).await.expect_err(change));
        errors.push(store.rename(&old, &new, &update, None).await.expect_err(change));
        errors.push(store.touch(&old, now + HOUR).await.expect_err(change));
        errors.push(store.remove(&old).await.expect_err(change));
    }
    let text: String = errors.iter().map(shown).chain([logs.text()]).collect();
    for key in KEYS {
        let (bytes, listed) = (hex(&key), format!("{key:?}"));
        // A word of it is enough.
        let parts = [str::from_utf8(&key[..9]).expect("letters"), &bytes[..16], &listed[1..30]];
        for part in parts {
            assert!(!text.contains(part) && !text.contains(&part.to_uppercase()), "{part}: {text}");
        }
    }
}

async fn fails_in_silence<DB: Database>(url: &str) {
    let logs = Logs::capture_all();
    let error = DB::connect(url).await.expect_err(url);
    let text = shown(&error) + &logs.text();
    assert!(!text.contains(PASSWORD), "{text}");
}

#[tokio::test]
async fn no_error_of_a_connection_that_fails_shows_the_password() {
    let (postgres, mariadb) = (Postgres::start().unwrap(), MariaDb::start().unwrap());
    for url in [
        format!("postgres://nobody:{PASSWORD}@127.0.0.1:{}/postgres", postgres.port()),
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:{}/nowhere", postgres.port()),
        format!("postgres://postgres:{PASSWORD}@127.0.0.1:1/postgres"),
        format!("postgres://postgres:{PASSWORD}@:x:"),
        format!("postgres://postgres@127.0.0.1:1/postgres?password={PASSWORD}&sslmode={PASSWORD}"),
        format!("mysql://root:{PASSWORD}@127.0.0.1"),
        PASSWORD.to_owned(),
    ] {
        fails_in_silence::<sqlx::Postgres>(&url).await;
    }
    for url in [
        format!("mysql://nobody:{PASSWORD}@127.0.0.1:{}/test", mariadb.port()),
        format!("mysql://root:{PASSWORD}@127.0.0.1:1/test"),
        format!("mysql://root:{PASSWORD}@:x:"),
        format!("mysql://root@127.0.0.1:1/test?ssl-mode={PASSWORD}"),
        format!("postgres://root:{PASSWORD}@127.0.0.1"),
        PASSWORD.to_owned(),
    ] {
        fails_in_silence::<sqlx::MySql>(&url).await;
    }
    for url in [format!("postgres:{PASSWORD}@/no/where"), format!("/no/where/{PASSWORD}/x")] {
        fails_in_silence::<sqlx::Sqlite>(&url).await;
    }
}
