//! Lets a crowd change sessions in the file that is named, and prints what becomes of each change: a program for the tests to kill.

use std::env;

use session_runtime::SqliteStore;
use session_tests::{Guest, Hit, crowd};

#[tokio::main]
async fn main() {
    let file = env::args().nth(1).expect("a file");
    let store = SqliteStore::connect(file).await.expect("a database");
    store.migrate().await.expect("a table");
    crowd(Guest::over(store), |id, hit| println!("{} {id}", if hit == Hit::Sent { "sent" } else { "answered" })).await;
}
