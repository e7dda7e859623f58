//! What tests ask of every database, beside what a store asks.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use session_runtime::StoreError;
use session_runtime::store::{SqlDatabase, SqlStore};
use session_servers::{MariaDb, Postgres};
use session_tests::{Logs, new_file};
use sqlx::Row as _;

use super::asked;

/// A kind of database.
pub(crate) trait Database: SqlDatabase {
    /// Makes one, and tells its URL.
    fn make(name: &str) -> String;

    /// The 32 bytes of a number `i`.
    const KEY: &'static str;
    /// A function that writes bytes as hexadecimal digits, and what follows its argument.
    const HEX: (&'static str, &'static str) = ("LOWER(HEX(", "))");
    /// Tells of all tables, their columns and their indexes.
    const CATALOG: &'static str;

    /// As an application would.
    fn connect(url: &str) -> impl Future<Output = Result<SqlStore<Self>, StoreError>> + Send;

    /// What statements answer, as text; without preparing them.
    async fn rows(connection: &mut Self::Connection, sql: String) -> Vec<Vec<Option<String>>>;

    /// How many statements of each kind, by their first words, the database of this name was sent so far.
    fn asked(name: &str, logs: &Logs) -> BTreeMap<String, usize>;
}

/// A server that the tests of this process share; it counts what it is asked.
fn postgres() -> &'static Postgres {
    static SERVER: LazyLock<Postgres> = LazyLock::new(|| {
        let server = Postgres::with(&["shared_preload_libraries=pg_stat_statements"]).expect("a server");
        server.sql("CREATE EXTENSION pg_stat_statements").expect("an extension");
        server
    });
    &SERVER
}

/// A server that the tests of this process share; it writes down what it is asked.
fn mariadb() -> &'static MariaDb {
    const SETTINGS: [&str; 3] = ["general-log=1", "log-output=TABLE", "max-recursive-iterations=1000000"];
    static SERVER: LazyLock<MariaDb> = LazyLock::new(|| MariaDb::with(&SETTINGS).expect("a server"));
    &SERVER
}

/// What is written the same for each, and cannot be said of any database.
macro_rules! as_all_do {
    () => {
        fn connect(url: &str) -> impl Future<Output = Result<SqlStore<Self>, StoreError>> + Send {
            SqlStore::<Self>::connect(url)
        }

        async fn rows(connection: &mut Self::Connection, sql: String) -> Vec<Vec<Option<String>>> {
            let rows = sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).fetch_all(connection).await.expect("an answer");
            let text = |row: &<Self as sqlx::Database>::Row, column| row.try_get_unchecked(column).expect("text");
            rows.iter().map(|row| (0..row.len()).map(|column| text(row, column)).collect()).collect()
        }
    };
}

impl Database for sqlx::Sqlite {
    const KEY: &'static str = "unhex(printf('%064x', i))";
    const CATALOG: &'static str = "SELECT name, tbl_name, sql FROM sqlite_schema ORDER BY name";

    as_all_do!();

    fn make(_: &str) -> String {
        new_file().display().to_string()
    }

    fn asked(_: &str, logs: &Logs) -> BTreeMap<String, usize> {
        asked::of_sqlx(logs)
    }
}

impl Database for sqlx::Postgres {
    const KEY: &'static str = "decode(lpad(to_hex(i), 64, '0'), 'hex')";
    const HEX: (&'static str, &'static str) = ("encode(", ", 'hex')");
    const CATALOG: &'static str = "SELECT column_name, data_type || ' ' || is_nullable, ordinal_position::text FROM information_schema.columns \
         WHERE table_name = 'sessions' UNION ALL SELECT indexname, indexdef, '' FROM pg_indexes WHERE tablename = 'sessions' \
         UNION ALL SELECT relname, reloptions::text, '' FROM pg_class WHERE relname = 'sessions' ORDER BY 1";

    as_all_do!();

    fn make(name: &str) -> String {
        postgres().database(name).expect("a database")
    }

    fn asked(name: &str, _: &Logs) -> BTreeMap<String, usize> {
        asked::of_postgres(postgres(), name)
    }
}

impl Database for sqlx::MySql {
    const KEY: &'static str = "UNHEX(LPAD(HEX(i), 64, '0'))";
    const CATALOG: &'static str = "SHOW CREATE TABLE sessions";

    as_all_do!();

    /// Its log tells statements apart by who sent them: each has a user.
    fn make(name: &str) -> String {
        let url = mariadb().database(name).expect("a database");
        let user = format!("CREATE USER {name}; GRANT ALL ON `{name}`.* TO {name}");
        mariadb().sql(&user).expect("a user");
        url.replace("root@", &format!("{name}@"))
    }

    fn asked(name: &str, _: &Logs) -> BTreeMap<String, usize> {
        asked::of_mariadb(mariadb(), name)
    }
}

/// Runs each of these tests, functions of a [`Database`], over each of them.
macro_rules! over_every_database {
    ($($test:ident),+ $(,)?) => {
        $crate::support::over_every_database!(@ sqlite Sqlite $($test)+);
        $crate::support::over_every_database!(@ postgres Postgres $($test)+);
        $crate::support::over_every_database!(@ mariadb MySql $($test)+);
    };
    (@ $module:ident $database:ident $($test:ident)+) => {
        mod $module {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test::<sqlx::$database>().await;
                }
            )+
        }
    };
}

pub(crate) use over_every_database;
