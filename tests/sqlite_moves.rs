//! Opens the database of a relative path, goes to another directory, and lets many ask at once what they find: a program for the tests to start,
//! since a directory is that of a whole process.

use std::env;
use std::time::Duration;

use session_runtime::record::Record;
use session_runtime::{Clock, SessionStore as _, SqliteStore, StoreKey};
use tokio::task::JoinSet;

#[tokio::main]
async fn main() {
    let [path, directory] = [1, 2].map(|number| env::args().nth(number).expect("a file, and a directory"));
    let store = SqliteStore::connect(path).await.expect("a database");
    env::set_current_dir(directory).expect("a directory");
    store.migrate().await.expect("a table");
    let (key, now) = (StoreKey::from_bytes([7; 32]), Clock::system().now());
    store.insert(&key, &Record::new(now, now + Duration::from_hours(1))).await.expect("stored");
    let mut readers = JoinSet::new();
    for _ in 0..200 {
        let store = store.clone();
        readers.spawn(async move { store.load(&key, None).await.expect("an answer").is_some() });
    }
    let found = readers.join_all().await;
    println!("{} of {}", found.iter().filter(|is_found| **is_found).count(), found.len());
}
