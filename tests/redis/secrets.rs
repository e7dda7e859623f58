//! What neither Redis nor a log may learn: ids, and from logs also values and the password.

use std::sync::Arc;

use session_runtime::{RedisStore, SessionId, SessionLayer, StoreError};
use session_servers::Redis;
use session_tests::{Client, Logs, Visits, routes};

use crate::support::{PREFIX, Watched, name_of};

const PASSWORD: &str = "hush-hush";
const VALUE: &str = "confidential";

#[tokio::test]
async fn s30_nothing_in_redis_can_be_presented_as_a_cookie() {
    let mut watched = Watched::new().await;
    let mut ids = Vec::new();
    watched.get("/update?some=data").await;
    ids.push(watched.held());
    watched.visit::<Visits>(|visits| visits.regenerate_id()).await;
    ids.push(watched.held());
    let mut other = watched.other();
    other.get("/count").await;
    ids.push(other.held());
    other.get("/destroy").await;

    let keys = watched.keys();
    assert_eq!(keys.len(), 3);
    for key in &keys {
        let dump = watched.ask(&["HGETALL", key]).texts().concat();
        assert!(ids.iter().all(|id| !dump.contains(id.as_str())), "{dump}");
        for part in [key.as_bytes(), dump.as_bytes()].iter().flat_map(|bytes| bytes.windows(SessionId::LEN)) {
            let opens = SessionId::parse(part).map(|id| name_of(&id.store_key()));
            assert!(opens.is_none_or(|name| !keys.contains(&name)), "{dump}");
        }
    }
}

/// An application over a server with a password, and what it is asked.
struct Confided {
    redis: Redis,
    client: Client,
    logs: Logs,
}

impl Confided {
    async fn new() -> Self {
        let redis = Redis::with(&["--requirepass", PASSWORD]).unwrap();
        let logs = Logs::capture_all();
        let store = Arc::new(RedisStore::connect(redis.url()).await.unwrap());
        assert!(!format!("{store:?}").contains(PASSWORD));
        let mut client = Client::new(routes().layer(SessionLayer::new(store)));
        assert_eq!(client.get(&format!("/update?some={VALUE}")).await.status, 200);
        Self { redis, client, logs }
    }

    /// Makes a change that goes wrong, which is logged at this level.
    async fn goes_wrong(&mut self, level: &str) {
        let (start, old) = (self.logs.text().len(), self.id());
        let answer = self.client.get(&format!("/update?some={VALUE}&key={VALUE}")).await;
        let text = self.logs.text();
        let logged = &text[start..];
        assert!(logged.contains(level), "{}: {logged}", answer.status);
        for secret in [&old, &self.id(), VALUE, PASSWORD] {
            assert!(!logged.contains(secret), "{logged}");
        }
        if answer.status.is_server_error() {
            assert_eq!(answer.text(), "The session is not available. Please try again.\n");
        }
    }

    fn id(&self) -> String {
        self.client.id().unwrap().to_owned()
    }

    fn key(&self) -> String {
        let id = SessionId::parse(self.id().as_bytes()).unwrap();
        name_of(&id.store_key()).replace(PREFIX, "session:")
    }
}

#[tokio::test]
async fn no_error_shows_ids_values_or_the_password_when_the_server_is_gone() {
    let mut confided = Confided::new().await;
    confided.redis.kill().unwrap();
    confided.goes_wrong("ERROR").await;
}

#[tokio::test]
async fn no_error_shows_ids_values_or_the_password_when_the_server_refuses() {
    let mut confided = Confided::new().await;
    confided.redis.command(&["CONFIG", "SET", "maxmemory", "1"]).unwrap();
    confided.goes_wrong("ERROR").await;
    confided.redis.command(&["CONFIG", "SET", "maxmemory", "0"]).unwrap();
    confided.redis.command(&["ACL", "SETUSER", "default", "-hset"]).unwrap();
    confided.goes_wrong("ERROR").await;
}

/// Each time the visitor gets a new session.
#[tokio::test]
async fn no_warning_shows_ids_values_or_the_password_when_something_else_is_under_the_key() {
    let mut confided = Confided::new().await;
    for order in [&["HDEL", "KEY", "@version"][..], &["HSET", "KEY", "@version", VALUE], &["SET", "KEY", VALUE]] {
        let (key, old) = (confided.key(), confided.id());
        let order: Vec<_> = order.iter().map(|word| if *word == "KEY" { &*key } else { word }).collect();
        confided.redis.command(&order).unwrap();
        confided.goes_wrong("WARN").await;
        assert_ne!(confided.id(), old);
    }
}

/// An error and all that is behind it, as a log shows it.
fn shown(error: &StoreError) -> String {
    let sources = std::iter::successors(Some(error as &dyn std::error::Error), |error| error.source());
    sources.map(|error| format!("{error} {error:?}")).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn no_error_of_a_connection_that_fails_shows_the_password() {
    let redis = Redis::start().unwrap();
    let port = redis.port();
    let node = |text: &str| text.replace("PASSWORD", PASSWORD).replace("PORT", &port.to_string());
    let closed = "redis://:PASSWORD@127.0.0.1:1";
    for url in
        ["redis://:PASSWORD@127.0.0.1:PORT", closed, "http://:PASSWORD@127.0.0.1", "redis://:PASSWORD@:x:", ":PASSWORD"]
    {
        let error = RedisStore::connect(node(url)).await.unwrap_err();
        assert!(!shown(&error).contains(PASSWORD), "{}", shown(&error));
        let error = RedisStore::connect_cluster([node(url)]).await.unwrap_err();
        assert!(!shown(&error).contains(PASSWORD), "{}", shown(&error));
        let error = RedisStore::connect_sentinel([node(url)], "mymaster").await.unwrap_err();
        assert!(!shown(&error).contains(PASSWORD), "{}", shown(&error));
    }
    for master in ["unix:///tmp/no-socket?pass=PASSWORD", "redis://:PASSWORD@mymaster", "http://:PASSWORD@mymaster"] {
        let error = RedisStore::connect_sentinel([node("redis://127.0.0.1:PORT")], &node(master)).await.unwrap_err();
        assert!(!shown(&error).contains(PASSWORD), "{}", shown(&error));
    }
}
