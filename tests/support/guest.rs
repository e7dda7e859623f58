//! An application over a store of a server's, and one browser that visits it.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Path, State};
use axum::http::{Response, StatusCode};
use axum::routing::get;
use bytes::Bytes;
use session_runtime::store::{SqlDatabase, SqlStore};
use session_runtime::{
    Clock, RedisStore, Session, SessionError, SessionId, SessionLayer, SessionStore, StoreError, StoreKey, session,
};

use super::{Answer, Client};

/// What the key of every session in Redis begins with; as long as what it begins with by default, so that bytes can be counted.
pub const PREFIX: &str = "my-shop:";

/// A store that ends sessions by a clock of the test's.
pub trait Timed: SessionStore {
    /// The store as the application has it.
    #[must_use]
    fn timed(self, clock: Clock) -> Self;
}

impl Timed for RedisStore {
    fn timed(self, clock: Clock) -> Self {
        self.key_prefix(PREFIX).clock(clock)
    }
}

impl<DB: SqlDatabase> Timed for SqlStore<DB> {
    fn timed(self, clock: Clock) -> Self {
        self.clock(clock)
    }
}

#[derive(Session)]
struct Account {
    user: Option<u32>,
    note: Option<String>,
    #[session(merge = sum)]
    hits: u32,
}

/// How many handlers have run.
#[derive(Clone, Default)]
struct Ran(Arc<AtomicU32>);

/// One browser of the application; a clone is another one that holds the same cookie.
pub struct Guest<S> {
    client: Client,
    ran: Ran,
    pub store: Arc<S>,
    pub clock: Clock,
}

impl<S: Timed> Guest<S> {
    /// The application as it is, over this store, its time set by hand.
    pub fn over(store: S) -> Self {
        Self::with(store, |layer| layer)
    }

    /// The application, which waits for the store no longer than this.
    pub fn patient_for(store: S, limit: Duration) -> Self {
        Self::with(store, |layer| layer.store_timeout(limit))
    }

    fn with(store: S, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        let clock = now_by_hand();
        let (store, ran) = (Arc::new(store.timed(clock.clone())), Ran::default());
        let layer = SessionLayer::new(store.clone()).clock(clock.clone()).on_error(render);
        let client = Client::new(routes().with_state(ran.clone()).layer(configure(layer)));
        Self { client, ran, store, clock }
    }

    /// Another browser, without a cookie.
    #[must_use]
    pub fn other(&self) -> Self {
        Self { client: self.client.other(), ..self.clone() }
    }

    /// Another browser, which holds the cookie of this session.
    #[must_use]
    pub fn holding(&self, id: &str) -> Self {
        let mut other = self.other();
        other.client.set_cookie("__Host-id", id);
        other
    }

    /// A GET with the browser's cookies. The body of a failure is its error: `unreachable: the session store failed: …`.
    pub async fn get(&mut self, path: &str) -> Answer {
        self.client.get(path).await
    }

    /// The text of an answer that has to be a success.
    pub async fn see(&mut self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
        answer.text().to_owned()
    }

    /// The error of an answer that has to be 503, without a cookie.
    pub async fn fail(&mut self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {}", answer.text());
        assert!(answer.sets_no_cookie(), "{path}");
        answer.text().to_owned()
    }

    /// How many handlers have run.
    pub fn ran(&self) -> u32 {
        self.ran.0.load(Ordering::SeqCst)
    }

    /// The session id of the browser.
    pub fn id(&self) -> &str {
        self.client.id().expect("a session cookie")
    }

    /// Under what the store has the browser's session.
    pub fn key(&self) -> StoreKey {
        SessionId::parse(self.id().as_bytes()).expect("an id").store_key()
    }
}

impl<S> Clone for Guest<S> {
    fn clone(&self) -> Self {
        let Self { client, ran, store, clock } = self;
        Self { client: client.clone(), ran: ran.clone(), store: store.clone(), clock: clock.clone() }
    }
}

/// A clock that shows the time that it is, so that servers do not free at once what ends by it, and stands still.
fn now_by_hand() -> Clock {
    let clock = Clock::manual();
    let (now, shown) = (Clock::system().now(), clock.now());
    clock.advance(now.saturating_since(shown));
    clock
}

/// An error and its sources, as a log shows them.
fn chain(error: &dyn Error) -> String {
    let rest = error.source().map(|source| format!(": {}", chain(source))).unwrap_or_default();
    format!("{error}{rest}")
}

/// The kind of a store's error, and its text.
pub fn told(error: &StoreError) -> String {
    let kinds = [
        (error.is_unreachable(), "unreachable"),
        (error.is_timed_out(), "timed out"),
        (error.is_corrupt(), "corrupt"),
        (error.is_rejected(), "rejected"),
    ];
    let kind = kinds.iter().find_map(|(is, kind)| is.then_some(*kind));
    format!("{}: {}", kind.expect("a kind"), chain(error))
}

fn render(error: &SessionError) -> Response<Bytes> {
    let status =
        if error.is_unavailable() { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::INTERNAL_SERVER_ERROR };
    let text = error.store().map_or_else(|| chain(error), told);
    Response::builder().status(status).body(text.into()).expect("a response")
}

fn routes() -> Router<Ran> {
    Router::new()
        .route("/read", get(read))
        .route("/hit", get(hit))
        .route("/note/{note}", get(note))
        .route("/sign-in/{user}", get(sign_in))
        .route("/clear", get(clear))
        .route("/sign-out", get(sign_out))
}

/// `7 hits of 3`, `2 hits of nobody`, and the note, where there is one.
fn shown(account: &Session<Account>) -> String {
    let user = account.user().map_or_else(|| "nobody".to_owned(), |user| user.to_string());
    let note = account.note().map(|note| format!(": {note}")).unwrap_or_default();
    format!("{} hits of {user}{note}", account.hits())
}

#[session(autoload)]
async fn read(State(ran): State<Ran>, account: &Session<Account>) -> String {
    ran.0.fetch_add(1, Ordering::SeqCst);
    shown(account)
}

#[session(autoload)]
async fn hit(State(ran): State<Ran>, account: &mut Session<Account>) -> String {
    ran.0.fetch_add(1, Ordering::SeqCst);
    *account.hits_mut() += 1;
    shown(account)
}

#[session(autoload)]
async fn note(State(ran): State<Ran>, Path(note): Path<String>, account: &mut Session<Account>) -> String {
    ran.0.fetch_add(1, Ordering::SeqCst);
    account.set_note(note);
    shown(account)
}

#[session(autoload)]
async fn sign_in(State(ran): State<Ran>, Path(user): Path<u32>, account: &mut Session<Account>) -> String {
    ran.0.fetch_add(1, Ordering::SeqCst);
    account.regenerate_id();
    account.set_user(user);
    shown(account)
}

#[session(autoload)]
async fn clear(State(ran): State<Ran>, account: &mut Session<Account>) -> &'static str {
    ran.0.fetch_add(1, Ordering::SeqCst);
    account.clear();
    "cleared"
}

#[session(autoload)]
async fn sign_out(State(ran): State<Ran>, account: &mut Session<Account>) -> &'static str {
    ran.0.fetch_add(1, Ordering::SeqCst);
    account.destroy();
    "signed out"
}
