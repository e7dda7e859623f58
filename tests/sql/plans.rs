//! How databases find the rows of each statement that a store sends, in a table of some size: by its key, its end or its owner, and never by
//! looking through all of them.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use session_runtime::SessionStore as _;
use session_runtime::StoreKey;
use session_runtime::record::Record;
use session_servers::MariaDb;
use session_tests::{Logs, Visits};

use crate::support::{Database, Own, Visited};

const HOUR: Duration = Duration::from_hours(1);
const ROWS: u32 = 20_000;
/// PostgreSQL makes a plan for the values of a statement five times, and then perhaps one for all values.
const TIMES: usize = 8;

/// Makes an application over a database send every statement of a store, over a table of so many rows, whose statistics are fresh.
async fn send_everything<DB: Database>(own: Own<DB>, analyze: &str) -> Visited<DB> {
    let mut visited = Visited::over(own, |layer| layer).await;
    visited.own.fill(0..ROWS, &format!("{} + i * 1000", (visited.clock.now() + 100 * HOUR).as_millis())).await;
    visited.own.rows(analyze).await;
    for _ in 0..TIMES {
        let mut other = visited.other();
        // To insert, to load and to swap, to leave and insert, to touch, to end.
        other.get("/count").await;
        other.get("/count").await;
        other.visit::<Visits>(|visits| visits.regenerate_id()).await;
        visited.wait(3 * HOUR);
        other.get("/view").await;
        other.get("/destroy").await;
        // To leave alone.
        visited.get("/update?some=data").await;
        visited.get("/clear").await;
        replace(&visited).await;
        list(&visited).await;
        // A few have ended, which the calls above have left.
        assert!((1..10).contains(&visited.store.clear_expired().await.unwrap()));
    }
    // Now nearly all have.
    visited.wait(100 * HOUR + Duration::from_secs(u64::from(ROWS - 10)));
    assert!(visited.store.clear_expired().await.unwrap() > u64::from(ROWS / 2));
    list(&visited).await;
    visited
}

/// Looks for the sessions of somebody who has a few, which are no records here.
async fn list<DB: Database>(visited: &Visited<DB>) {
    let index = visited.store.index().expect("an index");
    assert_eq!(index.sessions("7").await.unwrap().len(), 0);
}

/// Puts a session in the place of one that has ended.
async fn replace<DB: Database>(visited: &Visited<DB>) {
    let key = StoreKey::from_bytes([7; 32]);
    let session = || {
        let now = visited.clock.now();
        Record::new(now, now + Duration::from_secs(1))
    };
    visited.store.insert(&key, &session()).await.unwrap();
    visited.wait(Duration::from_secs(1));
    visited.store.insert(&key, &session()).await.unwrap();
    visited.wait(Duration::from_secs(1));
}

/// Statements and how they were executed.
type Plans = BTreeMap<String, Vec<String>>;

/// Holds every plan to what is promised; there are so many statements.
fn check(plans: &Plans, statements: usize, finds: impl Fn(&str, &str) -> bool) {
    for (statement, plans) in plans {
        for plan in plans {
            assert!(finds(statement, plan), "{statement}\n{plan}");
        }
    }
    assert_eq!(plans.len(), statements, "{:#?}", plans.keys());
}

/// Whether a statement looks for somebody's sessions.
fn is_of_an_owner(statement: &str) -> bool {
    statement.starts_with("SELECT ") && statement.contains("WHERE principal = ")
}

/// The statements of sqlx's log that are about sessions.
fn logged(logs: &Logs) -> Vec<String> {
    let text = logs.text().replace("\\n", "\n").replace("\\\"", "\"");
    let lines = text.lines().filter(|line| line.contains("\"sessions\"") && !line.starts_with("DEBUG"));
    lines.map(str::to_owned).collect()
}

#[tokio::test]
async fn sqlite_finds_rows_by_their_key_their_end_or_their_owner() {
    let logs = Logs::capture_all();
    let visited = send_everything::<sqlx::Sqlite>(Own::new(), "ANALYZE").await;
    let mut plans = Plans::new();
    for statement in logged(&logs).into_iter().filter(|line| !line.contains("CREATE ")) {
        if plans.contains_key(&statement) {
            continue;
        }
        let mut of_statement = Vec::new();
        for end in ["0", "9e15"] {
            let explain =
                format!("EXPLAIN QUERY PLAN {}", statement.replace("expires <= ? ", &format!("expires <= {end} ")));
            let plan = visited.own.rows(explain).await;
            let steps = plan.iter().map(|step| step[3].clone().unwrap_or_default());
            of_statement.push(steps.collect::<Vec<_>>().join("\n"));
        }
        plans.insert(statement, of_statement);
    }
    check(&plans, 9, |statement, plan| {
        if is_of_an_owner(statement) {
            return plan == "SEARCH sessions USING INDEX sessions_principal_idx (principal=?)";
        }
        let searches = plan.contains("SEARCH sessions USING PRIMARY KEY (id=?)") || statement.starts_with("INSERT ");
        let sweeps = plan.contains("SEARCH sessions USING COVERING INDEX sessions_expires_idx (expires<?)");
        searches && sweeps == statement.starts_with("DELETE ") && !plan.contains("SCAN")
    });
}

#[tokio::test]
async fn postgres_finds_rows_by_their_key_their_end_or_their_owner() {
    let own = Own::<sqlx::Postgres>::new();
    // From here on its answers come with how they were found.
    for setting in [
        "session_preload_libraries = auto_explain",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_level = notice",
    ] {
        own.rows(format!("ALTER DATABASE {} SET {setting}", own.name)).await;
    }
    let logs = Logs::capture_all();
    send_everything(own, "ANALYZE sessions").await;
    let mut plans = Plans::new();
    for line in logs.text().lines() {
        let Some((_, explained)) = line.split_once("plan:\\nQuery Text: ") else { continue };
        let (statement, plan) = explained.split_once("\\n").expect("a plan");
        plans.entry(statement.to_owned()).or_default().push(plan.replace("\\n", "\n"));
    }
    plans.retain(|statement, _| statement.contains("sessions"));
    check(&plans, 10, |statement, plan| {
        if is_of_an_owner(statement) {
            return plan.contains("sessions_principal_idx") && !plan.contains("Seq Scan");
        }
        let searches = plan.contains("sessions_pkey") || statement.starts_with("INSERT ");
        let sweeps = plan.contains("Scan using sessions_expires_idx on sessions");
        searches && sweeps == statement.starts_with("DELETE ") && !plan.contains("Seq Scan")
    });
}

#[tokio::test]
async fn mariadb_finds_rows_by_their_key_their_end_or_their_owner() {
    let explains =
        ["slow-query-log=1", "long-query-time=0", "log-slow-verbosity=explain", "max-recursive-iterations=100000"];
    let server = MariaDb::with(&explains).unwrap();
    let own = Own::at("test".to_owned(), server.url());
    send_everything::<sqlx::MySql>(own, "ANALYZE TABLE sessions").await;
    let log = server.sql("SELECT CONCAT(@@datadir, @@slow_query_log_file)").unwrap();
    let log = fs::read(log).unwrap();
    let mut plans = Plans::new();
    let mut plan = Vec::new();
    for line in String::from_utf8_lossy(&log).lines() {
        if let Some(step) = line.strip_prefix("# explain: ") {
            plan.push(step.to_owned());
        } else if !line.starts_with('#') && !line.starts_with("SET ") {
            let steps = std::mem::take(&mut plan);
            plans.entry(without_values(line)).or_default().push(steps.join("\n"));
        }
    }
    plans.retain(|statement, _| statement.contains("`sessions`") && !statement.contains("CREATE "));
    // Two pairs of updates differ only in what is left out.
    check(&plans, 7, |statement, plan| {
        if is_of_an_owner(statement) {
            return plan.contains("\tref\tsessions_principal_idx\tsessions_principal_idx\t");
        }
        let sweeps = plan.contains("\tsessions_expires_idx\tsessions_expires_idx\t");
        sweeps == statement.starts_with("DELETE ") && plan.lines().all(is_by_a_key)
    });
}

/// A statement without its numbers, up to its first text.
fn without_values(statement: &str) -> String {
    let upto = statement.split('\'').next().unwrap_or_default();
    upto.replace(|letter: char| letter.is_ascii_digit(), "")
}

/// Whether a step of MariaDB's looks for rows of the table by a key, if it looks for any.
fn is_by_a_key(step: &str) -> bool {
    let columns: Vec<_> = step.split('\t').collect();
    let [_, kind, table, how, _, key, ..] = columns[..] else { return false };
    let is_elsewhere = !["sessions", "expired"].contains(&table) || kind == "INSERT";
    is_elsewhere || (["const", "eq_ref", "range"].contains(&how) && ["PRIMARY", "sessions_expires_idx"].contains(&key))
}
