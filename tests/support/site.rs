//! The test application, over a store whose calls are counted and whose time is set by hand.

use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use serde::{Deserialize, Serialize};
use session_runtime::record::{Delta, Record};
use session_runtime::store::Loaded;
use session_runtime::{Clock, MemoryStore, Session, SessionId, SessionLayer, SessionStore, session};
use std::time::Duration;

use super::{Answer, Client, CountingStore};

/// What `/view`, `/update`, `/clear` and `/destroy` are about.
#[derive(Session, Serialize)]
pub struct Notes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub some: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// What `/count` is about; part of the same session.
#[derive(Session)]
pub struct Visits {
    pub hits: u32,
}

/// One client of the test application.
pub struct Site {
    pub client: Client,
    pub store: CountingStore<MemoryStore>,
    pub memory: MemoryStore,
    pub clock: Clock,
}

impl Site {
    /// The test application as it is.
    pub fn new() -> Self {
        Self::with(|layer| layer)
    }

    /// The test application, its layer configured.
    pub fn with(configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        Self::of(routes(), configure)
    }

    /// Another application.
    pub fn of(router: Router, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        Self::layered(|layer, _| router.layer(configure(layer)))
    }

    /// Another application, which says where the layer goes, and may see the store.
    pub fn layered(app: impl FnOnce(SessionLayer, MemoryStore) -> Router) -> Self {
        let clock = Clock::manual();
        let memory = MemoryStore::new().clock(clock.clone());
        let store = CountingStore::new(memory.clone());
        let layer = SessionLayer::new(store.clone()).clock(clock.clone());
        Self { client: Client::new(app(layer, memory.clone())), store, memory, clock }
    }

    /// A GET with the client's cookies.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.client.get(path).await
    }

    /// The calls to the store since the last time that this was asked.
    pub fn calls(&self) -> String {
        self.store.calls().to_string()
    }

    /// Lets time pass.
    pub fn wait(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// The client's session id.
    pub fn id(&self) -> String {
        self.client.id().expect("a session cookie").to_owned()
    }

    /// What is stored under an id.
    pub async fn stored(&self, id: &str) -> Option<Record> {
        let key = SessionId::parse(id.as_bytes()).expect("an id").store_key();
        match self.memory.load(&key, None).await.expect("an answer") {
            Some(Loaded::Record { record, .. }) => Some(record),
            Some(Loaded::Moved(_) | Loaded::Renamed) | None => None,
        }
    }

    /// Puts a record into the store, created now and ending in an hour, and its cookie into the jar.
    pub async fn plant(&mut self, fields: &[(&'static str, &[u8])]) -> String {
        let now = self.clock.now();
        let record = Record::new(now, now + Duration::from_hours(1));
        self.plant_record(&record.apply(&delta(fields))).await
    }

    /// Puts this record into the store, and its cookie into the jar.
    pub async fn plant_record(&mut self, record: &Record) -> String {
        let id = SessionId::generate().expect("random bytes");
        let planted = self.memory.insert(&id.store_key(), record).await;
        planted.expect("an answer");
        self.client.set_cookie("__Host-id", id.as_str());
        id.as_str().to_owned()
    }
}

/// A delta that sets these fields.
pub fn delta(fields: &[(&'static str, &[u8])]) -> Delta {
    let mut delta = Delta::default();
    for (name, value) in fields {
        delta.set(*name, value);
    }
    delta
}

/// The routes of the test application.
pub fn routes() -> Router {
    Router::new()
        .route("/plain", get(|| async { "plain" }))
        .route("/view", get(view))
        .route("/update", get(update).post(update))
        .route("/clear", get(clear))
        .route("/destroy", get(destroy))
        .route("/count", get(count))
        .route("/origin", get(origin))
}

#[session(autoload)]
async fn view(notes: &Session<Notes>) -> String {
    serde_json::to_string(&notes.snapshot()).expect("notes are JSON")
}

#[derive(Deserialize)]
struct Update {
    some: Option<String>,
    key: Option<String>,
}

#[session(autoload)]
async fn update(notes: &mut Session<Notes>, Query(update): Query<Update>) -> String {
    if let Some(some) = update.some {
        notes.set_some(some);
    }
    if let Some(key) = update.key {
        notes.set_key(key);
    }
    serde_json::to_string(&notes.snapshot()).expect("notes are JSON")
}

#[session(autoload)]
async fn clear(notes: &mut Session<Notes>) -> String {
    notes.clear();
    serde_json::to_string(&notes.snapshot()).expect("notes are JSON")
}

#[session(autoload)]
async fn destroy(notes: &mut Session<Notes>) -> &'static str {
    notes.destroy();
    "signed out"
}

#[session(autoload)]
async fn count(visits: &mut Session<Visits>) -> String {
    *visits.hits_mut() += 1;
    visits.hits().to_string()
}

#[session(autoload)]
async fn origin(notes: &Session<Notes>) -> String {
    format!("{:?}", notes.origin())
}
