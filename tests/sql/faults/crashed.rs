//! Servers, and programs that have a file open, that are killed while a crowd changes sessions: what was answered is there, and the database is
//! whole.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::Arc;

use session_runtime::SqliteStore;
use session_tests::{Guest, Hit, Tally, crowd, until};
use sqlx::SqlitePool;

use super::{CONNECTIONS, over};
use crate::support::{Server, new_file};

over_servers!(what_was_answered_outlives_a_server_that_is_killed);

/// So many hits are answered before it is killed.
const ENOUGH: u32 = 300;

async fn what_was_answered_outlives_a_server_that_is_killed<S: Server>() {
    let server = S::durable();
    let (guest, _) = over(&server, CONNECTIONS).await;
    let tally = Arc::new(Tally::default());
    let told = tally.clone();
    let crowd = tokio::spawn(crowd(guest, move |id, hit| told.count(id, hit)));
    until("enough is answered", async || (tally.answered() > ENOUGH).then_some(())).await;
    server.kill();
    crowd.abort();
    server.restart();
    tally.is_kept(&over(&server, CONNECTIONS).await.0).await;
    server.check();
}

#[tokio::test]
async fn what_was_answered_outlives_a_program_that_is_killed() {
    let file = new_file().display().to_string();
    let mut program = Command::new(env!("CARGO_BIN_EXE_sqlite_crowd"));
    let mut program = program.arg(&file).stdout(Stdio::piped()).spawn().expect("a program");
    let lines = BufReader::new(program.stdout.take().expect("a pipe")).lines();
    let tally = Tally::default();
    let mut is_killed = false;
    for line in lines.map_while(Result::ok) {
        match line.split_once(' ') {
            Some(("sent", id)) => tally.count(id, Hit::Sent),
            Some(("answered", id)) => tally.count(id, Hit::Answered),
            // The last one may be cut.
            _ => {}
        }
        if tally.answered() > ENOUGH && !is_killed {
            program.kill().expect("killed");
            is_killed = true;
        }
    }
    program.wait().expect("an end");
    tally.is_kept(&Guest::over(SqliteStore::connect(&file).await.expect("a file"))).await;
    let pool = SqlitePool::connect(&file).await.expect("a file");
    let found: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&pool).await.expect("an answer");
    assert_eq!(found, "ok");
}
