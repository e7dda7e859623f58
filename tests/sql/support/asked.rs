//! What databases were asked, as they tell it themselves. SQLite tells nobody: there it is what sqlx says that it was given.

use std::collections::BTreeMap;

use session_servers::{MariaDb, Postgres};
use session_tests::Logs;

/// What sqlx says of a statement, before its text.
const STATEMENT: &str = r#" db.statement="\n\n"#;

/// By the log of sqlx, which holds everything but the beginning and the end of a transaction; but for what it sets when it has opened the file.
pub(super) fn of_sqlx(logs: &Logs) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for line in logs.text().lines().filter(|line| line.contains(STATEMENT)) {
        let (_, statement) = line.split_once(STATEMENT).expect("a statement");
        *counts.entry(first_word(statement)).or_default() += 1;
    }
    counts.remove("PRAGMA");
    counts
}

/// By what the server counts, for each of its databases; but for what is set when it is connected to.
pub(super) fn of_postgres(server: &Postgres, database: &str) -> BTreeMap<String, usize> {
    let counted = "FROM pg_stat_statements JOIN pg_database ON pg_database.oid = dbid";
    let sql = format!("SELECT split_part(query, ' ', 1), sum(calls) {counted} WHERE datname = '{database}' GROUP BY 1");
    let mut counts = counts(&server.sql(&sql).expect("an answer"));
    counts.remove("SET");
    counts
}

/// By the server's log of all statements; but for what is set when it is connected to.
pub(super) fn of_mariadb(server: &MariaDb, user: &str) -> BTreeMap<String, usize> {
    let sent =
        format!("FROM mysql.general_log WHERE user_host LIKE '{user}[%' AND command_type IN ('Query', 'Execute')");
    let sql = format!("SELECT SUBSTRING_INDEX(argument, ' ', 1), COUNT(*) {sent} GROUP BY 1");
    let mut counts = counts(&server.sql(&sql).expect("an answer"));
    counts.remove("SET");
    counts
}

/// A line for each.
fn counts(rows: &str) -> BTreeMap<String, usize> {
    let pairs = rows.lines().map(|row| row.split_once('\t').expect("a word and a count"));
    pairs.map(|(word, count)| (word.to_owned(), count.parse().expect("a number"))).collect()
}

fn first_word(statement: &str) -> String {
    statement.split(' ').next().unwrap_or_default().to_owned()
}
