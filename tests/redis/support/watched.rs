//! The test application over a server of its own, and a look at what it keeps there.

use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use session_runtime::{Clock, RedisStore, SessionId, SessionLayer, StoreKey};
use session_servers::{Answer, Redis};
use session_tests::{PREFIX, Visitor, routes};

/// A visitor of the test application, whose sessions are in a Redis that nobody else uses.
pub(crate) struct Watched {
    visitor: Visitor,
    app: Router,
    pub(crate) redis: Redis,
    pub(crate) store: Arc<RedisStore>,
    pub(crate) clock: Clock,
}

impl Watched {
    /// The application as it is.
    pub(crate) async fn new() -> Self {
        Self::with(|layer| layer).await
    }

    /// The application, its layer configured.
    pub(crate) async fn with(configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        Self::over(|store| store, configure).await
    }

    /// The application, its store and its layer configured.
    pub(crate) async fn over(
        keep: impl FnOnce(RedisStore) -> RedisStore,
        configure: impl FnOnce(SessionLayer) -> SessionLayer,
    ) -> Self {
        let redis = Redis::start().expect("a server");
        let clock = Clock::manual();
        let store = RedisStore::connect(redis.url()).await.expect("a server");
        let store = Arc::new(keep(store).key_prefix(PREFIX).clock(clock.clone()));
        let layer = configure(SessionLayer::new(store.clone()).clock(clock.clone()));
        let app = routes().merge(Visitor::routes()).layer(layer);
        Self { visitor: Visitor::to(app.clone()), app, redis, store, clock }
    }

    /// Another browser, without a cookie.
    pub(crate) fn other(&self) -> Visitor {
        Visitor::to(self.app.clone())
    }

    /// Lets time pass, though not for the server.
    pub(crate) fn wait(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Gives the server an order.
    pub(crate) fn ask(&self, words: &[&str]) -> Answer {
        self.redis.command(words).expect("an answer")
    }

    /// The key of the visitor's session.
    pub(crate) fn key(&self) -> String {
        key_of(&self.held())
    }

    /// All keys that there are.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.ask(&["KEYS", "*"]).texts()
    }

    /// What is under a key, the names and the values, as text.
    pub(crate) fn hash(&self, key: &str) -> BTreeMap<String, String> {
        let texts = self.ask(&["HGETALL", key]).texts();
        texts.as_chunks().0.iter().cloned().map(|[name, value]| (name, value)).collect()
    }

    /// The bytes of a value.
    pub(crate) fn bytes(&self, key: &str, name: &str) -> Vec<u8> {
        match self.ask(&["HGET", key, name]) {
            Answer::Text(bytes) => bytes,
            other => panic!("{name}: {other:?}"),
        }
    }

    /// When Redis frees what is under a key, in milliseconds: also what is written there.
    pub(crate) fn end_of(&self, key: &str) -> u64 {
        let frees: u64 = self.ask(&["PEXPIRETIME", key]).text().parse().expect("the key has an end");
        assert_eq!(self.ask(&["HGET", key, "@expires"]).text(), frees.to_string());
        frees
    }

    /// Whether every key has an end in Redis.
    pub(crate) fn nothing_stays(&self) {
        let keys = self.keys();
        assert!(!keys.is_empty());
        for key in keys {
            assert!(key.starts_with(PREFIX), "{key}");
            assert!(!self.ask(&["PTTL", &key]).text().starts_with('-'), "{key}: {:?}", self.hash(&key));
        }
    }
}

/// The key of the session with this id.
pub(crate) fn key_of(id: &str) -> String {
    name_of(&SessionId::parse(id.as_bytes()).expect("an id").store_key())
}

/// The key of a session.
pub(crate) fn name_of(key: &StoreKey) -> String {
    format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(key.as_bytes()))
}

impl Deref for Watched {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl DerefMut for Watched {
    fn deref_mut(&mut self) -> &mut Visitor {
        &mut self.visitor
    }
}
