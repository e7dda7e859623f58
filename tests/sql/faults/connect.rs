//! Addresses that lead to no database, or to one that does not let in: what `connect` says.

use std::time::Duration;

use session_runtime::{MySqlStore, PostgresStore, SqliteStore, StoreError};
use session_servers::{MariaDb, Postgres};
use session_tests::{in_time, told};
use tokio::net::TcpListener;

use crate::support::{Server, new_file};

over_servers!(
    a_text_that_is_no_url_is_rejected_and_not_shown,
    nobody_there_is_unreachable,
    somebody_who_is_silent_is_not_waited_for,
    a_user_and_a_database_that_are_not_there_are_rejected,
);

/// `connect` waits for no longer than this.
const LIMIT: Duration = Duration::from_secs(4);

/// A server whose store is connected by a URL.
trait Connected: Server {
    const SCHEME: &'static str;

    async fn connect(url: &str) -> Result<(), StoreError>;
}

impl Connected for Postgres {
    const SCHEME: &'static str = "postgres";

    async fn connect(url: &str) -> Result<(), StoreError> {
        PostgresStore::connect(url).await.map(drop)
    }
}

impl Connected for MariaDb {
    const SCHEME: &'static str = "mysql";

    async fn connect(url: &str) -> Result<(), StoreError> {
        MySqlStore::connect(url).await.map(drop)
    }
}

/// What connecting to a URL that is wrong fails with.
async fn refused<S: Connected>(url: &str) -> String {
    told(&in_time(LIMIT, S::connect(url)).await.expect_err("nothing to connect to"))
}

async fn a_text_that_is_no_url_is_rejected_and_not_shown<S: Connected>() {
    let scheme = S::SCHEME;
    let urls = [
        String::new(),
        "localhost".to_owned(),
        "http://shop:open-sesame@127.0.0.1".to_owned(),
        format!("{scheme}://shop:open-sesame@127.0.0.1:port/shop"),
        format!("{scheme}:open-sesame"),
    ];
    for url in urls {
        let told = refused::<S>(&url).await;
        assert!(told.starts_with("rejected: ") || told.starts_with("unreachable: "), "{url}: {told}");
        assert!(!told.contains("open-sesame"), "no password is in a log: {told}");
    }
}

async fn nobody_there_is_unreachable<S: Connected>() {
    for host in ["127.0.0.1:1", "nobody.invalid"] {
        let told = refused::<S>(&format!("{}://shop:open-sesame@{host}/shop", S::SCHEME)).await;
        assert!(told.starts_with("unreachable: ") && !told.contains("open-sesame"), "{told}");
    }
}

async fn somebody_who_is_silent_is_not_waited_for<S: Connected>() {
    // It takes connections, as far as the system does that for it.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = silent.local_addr().expect("an address").port();
    let told = refused::<S>(&format!("{}://shop@127.0.0.1:{port}/shop", S::SCHEME)).await;
    assert!(told.starts_with("unreachable: ") && told.contains("did not answer"), "{told}");
}

async fn a_user_and_a_database_that_are_not_there_are_rejected<S: Connected>() {
    let server = S::start();
    let address = format!("127.0.0.1:{}", server.port());
    let told = refused::<S>(&format!("{}://nobody:open-sesame@{address}/shop", S::SCHEME)).await;
    let advice = "the database does not let this user in, or do this with the table";
    assert!(told.starts_with("rejected: ") && told.contains(advice) && !told.contains("open-sesame"), "{told}");
    let (url, _) = server.url().rsplit_once('/').map(|(url, name)| (url.to_owned(), name.to_owned())).expect("a URL");
    let told = refused::<S>(&format!("{url}/nowhere")).await;
    assert!(told.starts_with("rejected: ") && told.contains("there is no such database"), "{told}");
}

#[tokio::test]
async fn a_path_that_is_empty_is_rejected() {
    for path in ["", "sqlite:", "sqlite://", "sqlite:?mode=rwc", "sqlite://?mode=rwc"] {
        let told = told(&SqliteStore::connect(path).await.expect_err("no file"));
        assert!(told.starts_with("rejected: ") && told.contains("this names no such database"), "{path:?}: {told}");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_rejected() {
    let nowhere = new_file().join("nowhere.db").display().to_string();
    for path in [nowhere.as_str(), "/", "sqlite:/nowhere/at/all.db?mode=rw"] {
        let told = told(&SqliteStore::connect(path).await.expect_err("no file"));
        assert!(told.starts_with("rejected: ") && told.contains("its file cannot be opened"), "{path}: {told}");
    }
}
