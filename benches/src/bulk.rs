//! Very many sessions, made by the database itself of some that are in it.

use std::ops::RangeInclusive;

use sqlx::{AnyPool, AssertSqlSafe, any::install_default_drivers, query_scalar, raw_sql};

use crate::Result;

/// What a database has words of its own for.
pub(crate) struct Words {
    /// A table of the numbers from `{first}` to `{last}`, which are called `i`.
    numbers: &'static str,
    /// A key that looks like any other, of the number and the key of what is copied.
    key: &'static str,
    /// Finishes what would else be done later, while something is measured.
    settle: &'static [&'static str],
}

pub(crate) const SQLITE: Words = Words {
    numbers: "(WITH RECURSIVE numbers(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM numbers WHERE i < {last}) SELECT i FROM numbers)",
    key: "randomblob(32)",
    settle: &["PRAGMA wal_checkpoint(TRUNCATE)", "PRAGMA optimize"],
};

pub(crate) const POSTGRES: Words = Words {
    numbers: "generate_series({first}, {last}) AS numbers(i)",
    key: "sha256(int4send(i) || id)",
    settle: &["VACUUM ANALYZE sessions", "CHECKPOINT"],
};

pub(crate) const MARIADB: Words = Words {
    numbers: "(SELECT seq AS i FROM seq_{first}_to_{last}) AS numbers",
    key: "UNHEX(SHA2(CONCAT(i, id), 256))",
    settle: &["ANALYZE TABLE sessions"],
};

/// What is copied.
const PATTERN: &str = "CREATE TABLE pattern AS SELECT * FROM sessions LIMIT {sessions}";

/// In the order of their keys, which spares a table that is kept in that order most of the work.
const COPY: &str = "INSERT INTO sessions (id, state, version, record, inserted_by, created, principal, expires) \
                    SELECT {key}, state, version, record, inserted_by, created, {principal}, {expires} \
                    FROM pattern, {numbers} ORDER BY 1";

/// The table, over a connection that no store knows of.
pub(crate) struct Table {
    pool: AnyPool,
    words: &'static Words,
}

/// Whose the copies are, and when they end: expressions of the number `i`, and of the columns of what is copied.
pub(crate) struct Copies {
    pub(crate) principal: &'static str,
    pub(crate) expires: &'static str,
}

impl Table {
    /// The table that a store has made; so many of its sessions will be copied.
    pub(crate) async fn open(url: &str, words: &'static Words, sessions: u32) -> Result<Table> {
        install_default_drivers();
        let table = Table { pool: AnyPool::connect(url).await?, words };
        table.run(PATTERN.replace("{sessions}", &sessions.to_string())).await?;
        Ok(table)
    }

    /// Adds a copy for each of these numbers.
    pub(crate) async fn copy(&self, numbers: RangeInclusive<u64>, copies: &Copies) -> Result<()> {
        let (first, last) = numbers.into_inner();
        let numbers = self.words.numbers.replace("{first}", &first.to_string()).replace("{last}", &last.to_string());
        let copy = COPY.replace("{key}", self.words.key).replace("{numbers}", &numbers);
        self.run(copy.replace("{principal}", copies.principal).replace("{expires}", copies.expires)).await?;
        for settle in self.words.settle {
            self.run(*settle).await?;
        }
        Ok(())
    }

    /// The only number that a statement answers.
    pub(crate) async fn count(&self, sql: &'static str) -> Result<u64> {
        let count: i64 = query_scalar(sql).fetch_one(&self.pool).await?;
        Ok(count.try_into()?)
    }

    async fn run(&self, sql: impl Into<String>) -> Result<()> {
        raw_sql(AssertSqlSafe(sql.into())).execute(&self.pool).await?;
        Ok(())
    }
}
