//! Servers of a test's own, which it kills, pauses and spoils.

use session_runtime::store::{SqlDatabase, SqlStore};
use session_servers::{MariaDb, Postgres};
use session_tests::{hex, until};
use sqlx::pool::PoolOptions;
use sqlx::{AssertSqlSafe, Connection as _, Database, Executor as _, MySql, Pool};

/// A server that nobody else uses.
pub(crate) trait Server: Sized + 'static {
    type DB: SqlDatabase;

    fn start() -> Self;
    fn durable() -> Self;
    fn url(&self) -> String;
    fn port(&self) -> u16;
    fn kill(&self);
    fn restart(&self);
    fn pause(&self);
    fn resume(&self);

    /// Runs statements as the one who may do everything.
    fn sql(&self, statements: &str) -> String;

    /// A connection beside those of the store.
    async fn connection(&self) -> <Self::DB as Database>::Connection;

    /// Runs statements on such a connection.
    async fn say(connection: &mut <Self::DB as Database>::Connection, statements: &str);

    /// Bytes, as they are written in a statement.
    fn bytes(bytes: &[u8]) -> String;

    /// Ends all connections but the one on which this is said.
    fn end_connections(&self);

    /// Finds nothing wrong with the pages of the sessions and of their indexes.
    fn check(&self);
}

/// Implements [`Server`] but for what each does in its own way.
macro_rules! server {
    ($server:ty, $database:ty, $bytes:literal, $end:path, $check:path) => {
        impl Server for $server {
            type DB = $database;

            fn start() -> Self {
                <$server>::start().expect("a server")
            }

            fn durable() -> Self {
                <$server>::durable().expect("a server")
            }

            fn url(&self) -> String {
                self.url()
            }

            fn port(&self) -> u16 {
                self.port()
            }

            fn kill(&self) {
                self.kill().expect("killed");
            }

            fn restart(&self) {
                self.restart().expect("restarted");
            }

            fn pause(&self) {
                self.pause().expect("paused");
            }

            fn resume(&self) {
                self.resume().expect("resumed");
            }

            fn sql(&self, statements: &str) -> String {
                self.sql(statements).expect("an answer")
            }

            async fn connection(&self) -> <$database as Database>::Connection {
                <$database as Database>::Connection::connect(&self.url()).await.expect("a connection")
            }

            async fn say(connection: &mut <$database as Database>::Connection, statements: &str) {
                let statements = sqlx::raw_sql(AssertSqlSafe(statements));
                connection.execute(statements).await.expect("an answer");
            }

            fn bytes(bytes: &[u8]) -> String {
                format!($bytes, hex(bytes))
            }

            fn end_connections(&self) {
                $end(self);
            }

            fn check(&self) {
                $check(self);
            }
        }
    };
}

server!(Postgres, sqlx::Postgres, r"'\x{}'", end_of_postgres, check_postgres);
server!(MariaDb, MySql, "x'{}'", end_of_mariadb, check_mariadb);

fn end_of_postgres(server: &Postgres) {
    let end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
               WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
    server.sql(end).expect("an answer");
}

fn end_of_mariadb(server: &MariaDb) {
    let others = "SELECT id FROM information_schema.processlist WHERE host <> '' AND id <> connection_id()";
    let others = server.sql(others).expect("an answer");
    let kill: Vec<_> = others.lines().map(|id| format!("KILL {id}")).collect();
    server.sql(&kill.join(";")).expect("an answer");
}

fn check_postgres(server: &Postgres) {
    server.sql("CREATE EXTENSION amcheck").expect("an extension");
    assert_eq!(server.sql("SELECT * FROM verify_heapam('sessions')").expect("an answer"), "");
    let trees = "SELECT bt_index_check(index.oid, true) FROM pg_index \
                 JOIN pg_class index ON index.oid = indexrelid JOIN pg_am am ON am.oid = relam \
                 WHERE indrelid = 'sessions'::regclass AND amname = 'btree'";
    server.sql(trees).expect("nothing wrong");
}

fn check_mariadb(server: &MariaDb) {
    let found = server.sql("CHECK TABLE sessions EXTENDED").expect("an answer");
    assert_eq!(found, "test.sessions\tcheck\tstatus\tOK");
}

/// A store over a pool of so many connections, and its table.
pub(crate) async fn pooled<DB: SqlDatabase>(url: &str, connections: u32) -> (SqlStore<DB>, Pool<DB>) {
    let pool = PoolOptions::new().max_connections(connections).test_before_acquire(false);
    let pool = pool.connect(url).await.expect("a server");
    let store = SqlStore::new(pool.clone());
    store.migrate().await.expect("a table");
    (store, pool)
}

/// Waits until nobody has a connection of the pool.
pub(crate) async fn idle<DB: SqlDatabase>(pool: &Pool<DB>) {
    let is_idle = async || (pool.num_idle() == pool.size() as usize).then_some(());
    until("all connections are given back", is_idle).await;
}

/// Has as many connections as the pool can have.
pub(crate) async fn fill<DB: SqlDatabase>(pool: &Pool<DB>) {
    let mut connections = Vec::new();
    for _ in 0..pool.options().get_max_connections() {
        connections.push(pool.acquire().await.expect("a connection"));
    }
    drop(connections);
    idle(pool).await;
}
