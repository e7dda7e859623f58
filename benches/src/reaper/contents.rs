//! What is in the table: a million sessions, made by the database itself of one that a visitor has.

use sqlx::{AnyPool, AssertSqlSafe, any::install_default_drivers, query_scalar, raw_sql};

use super::load::VISITORS;
use crate::Result;

/// Sessions, without those of the visitors.
pub(super) const SESSIONS: u64 = 1_000_000;
/// Those that have ended: every third.
pub(super) const ENDED: u64 = SESSIONS / 3;

/// What a database has words of its own for.
pub(super) struct Words {
    /// A table of the numbers from 1 to `{sessions}`, which are called `i`.
    numbers: &'static str,
    /// A key that looks like any other, of the number.
    key: &'static str,
    /// Finishes what would else be done later, while requests are measured.
    settle: &'static [&'static str],
}

pub(super) const SQLITE: Words = Words {
    numbers: "(WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {sessions}) SELECT i FROM numbers)",
    key: "randomblob(32)",
    settle: &["PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA optimize"],
};

pub(super) const POSTGRES: Words = Words {
    numbers: "generate_series(1, {sessions}) AS numbers(i)",
    key: "sha256(int4send(i))",
    settle: &["VACUUM ANALYZE sessions", "CHECKPOINT"],
};

pub(super) const MARIADB: Words = Words {
    numbers: "(SELECT seq AS i FROM seq_1_to_{sessions}) AS numbers",
    key: "UNHEX(SHA2(i, 256))",
    settle: &["ANALYZE TABLE sessions"],
};

/// One session to make others of.
const PATTERN: &str = "CREATE TABLE pattern AS SELECT * FROM sessions LIMIT 1";

/// In the order of their keys, which spares a table that is kept in that order most of the work. What has ended did so as it began.
const FILL: &str = "INSERT INTO sessions (id, state, version, record, principal, inserted_by, created, expires) \
                    SELECT {key}, state, version, record, principal, inserted_by, created, \
                           CASE WHEN i % 3 = 0 THEN created ELSE expires END \
                    FROM pattern, {numbers} ORDER BY 1";

const ALL: &str = "SELECT COUNT(*) FROM sessions";
const ALL_ENDED: &str = "SELECT COUNT(*) FROM sessions WHERE expires = created";

/// The table, over a connection that no store knows of.
pub(super) struct Contents(AnyPool);

impl Contents {
    /// Adds the sessions to those of the visitors.
    pub(super) async fn fill(url: &str, words: &Words) -> Result<Contents> {
        install_default_drivers();
        let contents = Contents(AnyPool::connect(url).await?);
        let numbers = words.numbers.replace("{sessions}", &SESSIONS.to_string());
        contents.run(PATTERN).await?;
        contents.run(FILL.replace("{key}", words.key).replace("{numbers}", &numbers)).await?;
        for settle in words.settle {
            contents.run(*settle).await?;
        }
        Ok(contents)
    }

    /// Fails unless a sweep removed those that had ended, and nothing else.
    pub(super) async fn check(self, removed: u64) -> Result<()> {
        let left = (self.count(ALL).await?, self.count(ALL_ENDED).await?);
        if (removed, left) != (ENDED, (SESSIONS - ENDED + u64::from(VISITORS), 0)) {
            return Err(format!("a sweep says that it removed {removed}; (all, ended) are now {left:?}").into());
        }
        Ok(())
    }

    async fn run(&self, sql: impl Into<String>) -> Result<()> {
        raw_sql(AssertSqlSafe(sql.into())).execute(&self.0).await?;
        Ok(())
    }

    async fn count(&self, sql: &'static str) -> Result<u64> {
        let count: i64 = query_scalar(sql).fetch_one(&self.0).await?;
        Ok(count.try_into()?)
    }
}
