//! Servers that do not let in, or not do what a session needs: what is told says what to do, and all goes on when that is done.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use session_runtime::SessionStore as _;
use session_runtime::record::Stamp;
use session_runtime::store::{Inserted, SqlStore, Update};
use session_servers::{Directory, MariaDb, Postgres};
use session_tests::{Guest, delta, told};
use sqlx::pool::PoolOptions;

use super::{key, record, seen};
use crate::support::{Server, pooled};

over_servers!(
    a_database_that_is_not_there_is_rejected,
    a_password_that_is_wrong_is_rejected_and_stays_secret,
    a_user_who_may_only_read_reads,
    a_database_that_is_read_only_for_a_while_can_be_read,
    a_table_that_is_not_there_is_rejected_with_how_to_make_it,
    a_table_of_something_else_is_rejected,
);

/// A server that asks for passwords, and what is said to it.
trait Strict: Server {
    /// Answers with what has to live as long as the server.
    fn strict() -> (Self, Option<Directory>);

    /// Makes a user of this password, who may do everything with sessions.
    const CREATE_USER: &'static str;
    const PASSWORD: &'static str;
    const READ_ONLY: [&'static str; 2];
    const NO_WRITES: [&'static str; 2];

    /// Where a client finds a database of it, as that user.
    fn url_of(&self, password: &str, database: &str) -> String;
}

const SECRET: &str = "open-sesame";

impl Strict for Postgres {
    const CREATE_USER: &'static str =
        "CREATE ROLE shop LOGIN PASSWORD 'open-sesame'; GRANT SELECT, INSERT, UPDATE, DELETE ON sessions TO shop";
    const PASSWORD: &'static str = "ALTER ROLE shop PASSWORD";
    const READ_ONLY: [&'static str; 2] = [
        "ALTER ROLE shop SET default_transaction_read_only = on",
        "ALTER ROLE shop SET default_transaction_read_only = off",
    ];
    const NO_WRITES: [&'static str; 2] =
        ["REVOKE INSERT, UPDATE, DELETE ON sessions FROM shop", "GRANT INSERT, UPDATE, DELETE ON sessions TO shop"];

    fn strict() -> (Self, Option<Directory>) {
        let directory = Directory::create().expect("a directory");
        let file = directory.path().join("pg_hba.conf");
        let rules =
            "local all all trust\nhost all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n";
        fs::write(&file, rules).expect("a file");
        // The server may run as another user.
        fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o755)).expect("a directory for all");
        let server = Self::with(&[&format!("hba_file={}", file.display())]).expect("a server");
        (server, Some(directory))
    }

    fn url_of(&self, password: &str, database: &str) -> String {
        format!("postgres://shop:{password}@127.0.0.1:{}/{database}", self.port())
    }
}

impl Strict for MariaDb {
    // Everybody may do everything in the database of this name, unless somebody forbids it.
    const CREATE_USER: &'static str = "DELETE FROM mysql.db; FLUSH PRIVILEGES; CREATE USER shop IDENTIFIED BY 'open-sesame'; \
                                       GRANT SELECT, INSERT, UPDATE, DELETE ON test.sessions TO shop";
    const PASSWORD: &'static str = "ALTER USER shop IDENTIFIED BY";
    const READ_ONLY: [&'static str; 2] = ["SET GLOBAL read_only = 1", "SET GLOBAL read_only = 0"];
    const NO_WRITES: [&'static str; 2] = [
        "REVOKE INSERT, UPDATE, DELETE ON test.sessions FROM shop",
        "GRANT INSERT, UPDATE, DELETE ON test.sessions TO shop",
    ];

    fn strict() -> (Self, Option<Directory>) {
        (<Self as Server>::start(), None)
    }

    fn url_of(&self, password: &str, database: &str) -> String {
        format!("mysql://shop:{password}@127.0.0.1:{}/{database}", self.port())
    }
}

/// A server with a table and the user, and the application of that user.
async fn strict<S: Strict>() -> (S, Option<Directory>, Guest<SqlStore<S::DB>>) {
    let (server, directory) = S::strict();
    pooled::<S::DB>(&server.url(), 1).await;
    server.sql(S::CREATE_USER);
    let url = server.url_of(SECRET, server.url().rsplit_once('/').expect("a database").1);
    let pool = PoolOptions::new().test_before_acquire(false).connect(&url).await.expect("let in");
    (server, directory, Guest::over(SqlStore::new(pool)))
}

/// Every request that writes is 503 and says this.
async fn cannot_write<S: Strict>(guest: &Guest<SqlStore<S::DB>>, advice: &str) {
    for path in ["/hit", "/sign-in/7", "/sign-out"] {
        let error = guest.clone().fail(path).await;
        assert!(error.starts_with("rejected: ") && error.contains(advice), "{path}: {error}");
    }
    let error = guest.other().fail("/hit").await;
    assert!(error.starts_with("rejected: ") && error.contains(advice), "{error}");
}

async fn a_user_who_may_only_read_reads<S: Strict>() {
    let (server, _directory, mut guest) = strict::<S>().await;
    guest.see("/hit").await;
    server.sql(S::NO_WRITES[0]);
    assert_eq!(guest.see("/read").await, "1 hits of nobody");
    cannot_write::<S>(&guest, "the database does not let this user in, or do this with the table").await;
    server.sql(S::NO_WRITES[1]);
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

async fn a_database_that_is_read_only_for_a_while_can_be_read<S: Strict>() {
    let (server, _directory, mut guest) = strict::<S>().await;
    guest.see("/hit").await;
    server.sql(S::READ_ONLY[0]);
    server.end_connections();
    assert_eq!(guest.see("/read").await, "1 hits of nobody");
    cannot_write::<S>(&guest, "the database is read-only, sessions need one that is not").await;
    server.sql(S::READ_ONLY[1]);
    server.end_connections();
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

async fn a_password_that_is_wrong_is_rejected_and_stays_secret<S: Strict>() {
    let (server, _directory, mut guest) = strict::<S>().await;
    guest.see("/hit").await;
    server.sql(&format!("{} 'another'", S::PASSWORD));
    server.end_connections();
    let error = guest.fail("/hit").await;
    let advice = "the database does not let this user in, or do this with the table";
    assert!(error.starts_with("rejected: ") && error.contains(advice), "{error}");
    assert!(!error.contains(SECRET), "{error}");
    server.sql(&format!("{} '{SECRET}'", S::PASSWORD));
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

async fn a_database_that_is_not_there_is_rejected<S: Strict>() {
    let server = S::start();
    let url = server.url();
    let (server, _) = url.rsplit_once('/').expect("a database");
    let options = PoolOptions::<S::DB>::new();
    let store = SqlStore::new(options.connect_lazy(&format!("{server}/nowhere")).expect("a URL"));
    let error = told(&store.migrate().await.expect_err("no database"));
    assert!(error.starts_with("rejected: ") && error.contains("there is no such database"), "{error}");
    let error = Guest::over(store).fail("/hit").await;
    assert!(error.starts_with("rejected: ") && error.contains("there is no such database"), "{error}");
}

async fn a_table_that_is_not_there_is_rejected_with_how_to_make_it<S: Strict>() {
    let server = S::start();
    let (store, _) = pooled::<S::DB>(&server.url(), 1).await;
    let mut guest = Guest::over(store.clone());
    server.sql("DROP TABLE sessions");
    for path in ["/hit", "/sign-in/7"] {
        let error = guest.fail(path).await;
        assert!(error.starts_with("rejected: ") && error.contains("call `migrate` at the start"), "{path}: {error}");
    }
    let (key, record) = (key(), record());
    let change = delta(&[("hits", b"2")]);
    let update = Update::new(&record, &change, Stamp::next());
    let errors = [
        store.load(&key, None).await.expect_err("no table"),
        store.update(&key, &update).await.expect_err("no table"),
        store.rename(&key, &super::key(), &update, None).await.expect_err("no table"),
        store.touch(&key, record.expires()).await.expect_err("no table"),
        store.remove(&key).await.expect_err("no table"),
        store.clear_expired().await.expect_err("no table"),
    ];
    for error in errors {
        assert!(told(&error).contains("call `migrate` at the start"), "{}", told(&error));
    }
    store.migrate().await.expect("a table");
    assert_eq!(guest.see("/hit").await, "1 hits of nobody");
    assert_eq!(store.insert(&key, &record).await.expect("an answer"), Inserted::Done);
    assert_eq!(seen(&store, &key).await, "1 until 3600000");
}

async fn a_table_of_something_else_is_rejected<S: Strict>() {
    let server = S::start();
    let tables = [
        "id INT PRIMARY KEY, expires BIGINT, note TEXT",
        "id INT PRIMARY KEY, state INT, version INT, record INT, principal INT, created INT, expires INT, inserted_by INT",
    ];
    for columns in tables {
        server.sql(&format!("CREATE TABLE sessions ({columns})"));
        let pool = PoolOptions::<S::DB>::new().connect(&server.url()).await.expect("a server");
        let store = SqlStore::new(pool);
        let mut failed = vec![Guest::over(store.clone()).fail("/hit").await];
        // It asks for the columns: that they hold something else may be seen with the first row only.
        failed.extend(store.migrate().await.err().map(|error| told(&error)));
        for error in failed {
            let advice = "the table is none of this version's sessions";
            assert!(error.starts_with("rejected: ") && error.contains(advice), "{columns}: {error}");
        }
        server.sql("DROP TABLE sessions");
    }
}
