//! Where a file of SQLite's is: what is opened later is the same one, and nothing makes a second.

use std::fs;
use std::iter;
use std::pin::pin;
use std::process::{Command, Stdio};
use std::time::Duration;

use session_runtime::SqliteStore;
use session_servers::Directory;
use session_tests::{Guest, new_file};
use sqlx::{Connection as _, Executor as _, SqliteConnection};
use tokio::task::JoinSet;
use tokio::time::timeout;

const ROUNDS: usize = 20;
const PROGRAMS: usize = 8;

#[test]
fn a_relative_path_is_that_of_the_directory_in_which_it_was_opened() {
    let (home, elsewhere) = (Directory::create().unwrap(), Directory::create().unwrap());
    for path in ["sessions.db", "./web.db", "sqlite:shop.db", "sqlite://news.db?mode=rwc"] {
        let mut program = Command::new(env!("CARGO_BIN_EXE_sqlite_moves"));
        let program = program.arg(path).arg(elsewhere.path()).current_dir(home.path());
        let output = program.output().expect("a program");
        let (found, error) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(found, "200 of 200\n", "{path}: {error}");
        assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0, "{path}");
    }
}

/// Who has it open goes on with it; who opens it then is told that it is not there.
#[tokio::test]
async fn a_file_that_is_removed_while_it_is_in_use_is_not_made_anew() {
    let file = new_file();
    let store = SqliteStore::connect(file.display().to_string()).await.unwrap();
    store.migrate().await.unwrap();
    let mut guest = Guest::over(store);
    guest.see("/hit").await;
    for end in ["", "-wal", "-shm"] {
        fs::remove_file(format!("{}{end}", file.display())).unwrap();
    }
    let mut readers = JoinSet::new();
    for _ in 0..200 {
        let mut guest = guest.clone();
        readers.spawn(async move { guest.get("/read").await });
    }
    for answer in readers.join_all().await {
        let text = answer.text();
        assert!(text == "1 hits of nobody" || text.starts_with("rejected: ") && text.contains("no such"), "{text}");
    }
    let answer = guest.get("/hit").await;
    assert!(answer.text() == "2 hits of nobody" || answer.text().starts_with("rejected: "), "{}", answer.text());
    assert!(!file.exists());
}

/// Who is first changes how it is written, and locks it for that.
#[test]
fn programs_that_open_a_new_file_at_once_all_do() {
    for _ in 0..ROUNDS {
        let (directory, file) = (Directory::create().unwrap(), new_file());
        let start = || {
            let mut program = Command::new(env!("CARGO_BIN_EXE_sqlite_moves"));
            let program = program.arg(&file).arg(directory.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
            program.spawn().expect("a program")
        };
        let programs: Vec<_> = iter::repeat_with(start).take(PROGRAMS).collect();
        for program in programs {
            let output = program.wait_with_output().expect("an end");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
    }
}

/// A file that is not in WAL mode yet can be changed to that only while nobody writes.
#[tokio::test]
async fn a_file_that_somebody_writes_for_a_moment_is_opened_when_that_is_over() {
    let file = new_file().display().to_string();
    let mut hand = SqliteConnection::connect(&format!("sqlite:{file}?mode=rwc")).await.unwrap();
    hand.execute(sqlx::raw_sql("CREATE TABLE other (id INT); BEGIN IMMEDIATE")).await.unwrap();
    let mut opened = pin!(SqliteStore::connect(&file));
    assert!(timeout(Duration::from_millis(100), &mut opened).await.is_err(), "it waits");
    hand.execute("ROLLBACK").await.unwrap();
    opened.await.expect("a file").migrate().await.expect("a table");
}
