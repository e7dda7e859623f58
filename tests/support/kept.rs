//! The test application over every way to keep sessions, for what all of them promise.

use std::ops::{Deref, DerefMut};

use session_runtime::{Clock, CookieStore, Key, KeyRing, SessionLayer};
use std::time::Duration;

use super::{Client, CountingStore, Shelf, Visitor, routes};

/// A way to keep sessions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Keeping {
    /// In the cookie, sealed.
    Sealed,
    /// In the cookie, signed.
    Signed,
    /// In memory.
    Memory,
    /// In Redis.
    Redis,
    /// In a cluster of Redis.
    RedisCluster,
    /// In a file of SQLite.
    Sqlite,
    /// In PostgreSQL.
    Postgres,
    /// In MariaDB.
    MariaDb,
    /// In memory, under ids that are signed.
    SignedIds,
}

impl Keeping {
    /// The ways for which keys are needed.
    pub const KEYED: [Self; 3] = [Self::Sealed, Self::Signed, Self::SignedIds];

    /// Whether the cookie holds the session itself.
    pub fn is_client_side(self) -> bool {
        matches!(self, Self::Sealed | Self::Signed)
    }

    /// Whether it has to find out from a store what a cookie stands for that was not made here: nothing in it is signed.
    pub fn asks_store(self) -> bool {
        !Self::KEYED.contains(&self)
    }

    /// The store, where one is needed.
    fn shelf(self, clock: &Clock) -> Shelf {
        match self {
            Self::Redis => Shelf::redis(clock),
            Self::RedisCluster => Shelf::redis_cluster(clock),
            Self::Sqlite => Shelf::sqlite(clock),
            Self::Postgres => Shelf::postgres(clock),
            Self::MariaDb => Shelf::mariadb(clock),
            Self::Sealed | Self::Signed | Self::Memory | Self::SignedIds => Shelf::memory(clock),
        }
    }

    /// A layer that keeps sessions in this way.
    pub fn layer(self, store: &CountingStore<Shelf>, keys: KeyRing) -> SessionLayer {
        match self {
            Self::Sealed => SessionLayer::new(CookieStore::new(keys)),
            Self::Signed => SessionLayer::new(CookieStore::signed(keys)),
            Self::Memory | Self::Redis | Self::RedisCluster | Self::Sqlite | Self::Postgres | Self::MariaDb => {
                SessionLayer::new(store.clone())
            }
            Self::SignedIds => SessionLayer::new(store.clone()).signed_ids(keys),
        }
    }
}

/// A visitor of the test application, whose sessions are kept in one of the ways; both its routes and acts of the test are there.
pub struct Kept {
    visitor: Visitor,
    pub keeping: Keeping,
    pub clock: Clock,
    store: CountingStore<Shelf>,
}

impl Kept {
    /// The application as it is, under a key of its own.
    pub fn new(keeping: Keeping) -> Self {
        Self::with(keeping, |layer| layer)
    }

    /// The application, its layer configured.
    pub fn with(keeping: Keeping, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        Self::under(keeping, key(), configure)
    }

    /// The application under these keys.
    pub fn under(
        keeping: Keeping,
        keys: impl Into<KeyRing>,
        configure: impl FnOnce(SessionLayer) -> SessionLayer,
    ) -> Self {
        let clock = Clock::manual();
        // So that nothing ends by the time of a server, either.
        clock.advance(Duration::from_hours(1));
        let store = CountingStore::new(keeping.shelf(&clock));
        let layer = keeping.layer(&store, keys.into()).clock(clock.clone());
        Self { visitor: Visitor::to(app(configure(layer))), keeping, clock, store }
    }

    /// The same visitor, time and store, where the application was started again, with these keys and this configuration.
    pub fn restarted(&self, keys: impl Into<KeyRing>, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        let layer = self.keeping.layer(&self.store, keys.into()).clock(self.clock.clone());
        let mut visitor = self.visitor.clone();
        *visitor = visitor.at(app(configure(layer)));
        Self { visitor, keeping: self.keeping, clock: self.clock.clone(), store: self.store.clone() }
    }

    /// What the jar is to hold under the default name.
    pub fn hold(&mut self, token: &str) {
        self.set_cookie("__Host-id", token);
    }

    /// Another browser, which holds this token.
    pub fn other_holding(&self, token: &str) -> Client {
        let mut other = self.other();
        other.set_cookie("__Host-id", token);
        other
    }

    /// Lets time pass.
    pub fn wait(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// The calls to the store since the last time that this was asked.
    pub fn calls(&self) -> String {
        self.store.calls().to_string()
    }
}

fn app(layer: SessionLayer) -> axum::Router {
    routes().merge(Visitor::routes()).layer(layer)
}

fn key() -> Key {
    Key::generate().expect("random bytes")
}

impl Deref for Kept {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl DerefMut for Kept {
    fn deref_mut(&mut self) -> &mut Visitor {
        &mut self.visitor
    }
}

/// Runs each of these tests, functions of a [`Keeping`], over every way to keep sessions.
#[macro_export]
macro_rules! over_every_store {
    ($($test:ident),+ $(,)?) => {
        $crate::over_every_keyed_store!(@ memory_store Memory $($test)+);
        $crate::over_every_keyed_store!(@ redis_store Redis $($test)+);
        $crate::over_every_keyed_store!(@ sqlite_store Sqlite $($test)+);
        $crate::over_every_keyed_store!(@ postgres_store Postgres $($test)+);
        $crate::over_every_keyed_store!(@ mariadb_store MariaDb $($test)+);
        $crate::over_every_keyed_store!($($test),+);
    };
}

/// Runs each of these tests over every way to keep sessions on a server.
#[macro_export]
macro_rules! over_every_server_side_store {
    ($($test:ident),+ $(,)?) => {
        $crate::over_every_keyed_store!(@ memory_store Memory $($test)+);
        $crate::over_every_keyed_store!(@ redis_store Redis $($test)+);
        $crate::over_every_keyed_store!(@ redis_cluster RedisCluster $($test)+);
        $crate::over_every_keyed_store!(@ sqlite_store Sqlite $($test)+);
        $crate::over_every_keyed_store!(@ postgres_store Postgres $($test)+);
        $crate::over_every_keyed_store!(@ mariadb_store MariaDb $($test)+);
        $crate::over_every_keyed_store!(@ signed_ids SignedIds $($test)+);
    };
}

/// Runs each of these tests over the ways for which keys are needed.
#[macro_export]
macro_rules! over_every_keyed_store {
    (@ $store:ident $keeping:ident $($test:ident)+) => {
        mod $store {
            $(
                #[tokio::test]
                async fn $test() {
                    super::$test($crate::Keeping::$keeping).await;
                }
            )+
        }
    };
    ($($test:ident),+ $(,)?) => {
        $crate::over_every_keyed_store!(@ cookie_store Sealed $($test)+);
        $crate::over_every_keyed_store!(@ signed_cookie_store Signed $($test)+);
        $crate::over_every_keyed_store!(@ signed_ids SignedIds $($test)+);
    };
}
