//! The middleware's settings.

mod autoload;
mod request;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use tower_layer::Layer;

pub use autoload::Autoload;

pub(crate) use request::Request;

use crate::backend::{Backend, Evict, Limit, SignedIds};
use crate::clock::Clock;
use crate::cookie::{SessionCookie, Template};
use crate::error::SessionError;
use crate::event::{Event, Events};
use crate::expiry::Expiry;
use crate::handle::Policy;
use crate::registry::SessionRegistry;
use crate::seal::{KeyRing, Purpose, Sealer};
use crate::service::SessionService;

/// Renders an error for the client.
pub(crate) type OnError = dyn Fn(&SessionError) -> Response<Bytes> + Send + Sync;

/// Gives every request a session, loaded when a handler first asks for it and committed once when it is done.
///
/// 1. A request that never asks costs an allocation or two. Asking is one load, changing one load and one update.
/// 2. What a request changed is written before its response is sent, if the response is a success; [`commit_when`](Self::commit_when) decides.
///    A sign-out is carried out whatever the response.
/// 3. The cookie is sent only when its value, its end or its attributes changed. A response that sets it has `Cache-Control: no-store`; one
///    whose request read the session has `Vary: Cookie`.
/// 4. Where the store fails, the client gets 503 or 500 and no cookie, and no handler runs with an empty session in its place;
///    [`on_error`](Self::on_error) renders an answer of your own.
/// 5. A layer inside another of the same settings passes requests through; one of other settings gives what is inside it a session of its own.
///
/// Put timeouts and the catching of panics *outside* this layer: a handler that is cut off inside it ends with an answer whose status alone
/// tells that nothing is to be written. The inner service's body is one that can be made from `Bytes`, as axum's is, for the answers of
/// rule 4; another is brought there by `ServiceBuilder::map_response`.
///
/// ```
/// use axum::{Router, routing::get};
/// use session_runtime::{Expiry, MemoryStore, SessionLayer};
/// use std::time::Duration;
///
/// let sessions = SessionLayer::new(MemoryStore::new()).expiry(Expiry::idle(Duration::from_hours(1)));
/// let app: Router = Router::new().route("/", get(|| async { "hello" })).layer(sessions);
/// # let _ = app;
/// ```
#[derive(Clone)]
#[must_use = "a layer does nothing until it is added to a service"]
pub struct SessionLayer(Arc<Settings>);

/// What the layer, its services and their requests share.
#[derive(Clone)]
pub(crate) struct Settings {
    pub(crate) policy: Policy,
    pub(crate) cookie: Template,
    pub(crate) autoload: Autoload,
    commit_when: Option<Arc<dyn Fn(StatusCode) -> bool + Send + Sync>>,
    pub(crate) on_error: Option<Arc<OnError>>,
}

impl SessionLayer {
    /// Keeps sessions in this store, with safe defaults for all else.
    pub fn new(store: impl Backend) -> Self {
        let policy = Policy {
            backend: Arc::new(store),
            expiry: Expiry::default(),
            clock: Clock::system(),
            store_timeout: Duration::from_secs(5),
            sealer: None,
            limit: None,
            events: Events::default(),
        };
        Self(Arc::new(Settings {
            policy,
            cookie: Template::new(&SessionCookie::default()),
            autoload: Autoload::never(),
            commit_when: None,
            on_error: None,
        }))
    }

    /// The cookie's name and attributes.
    ///
    /// # Panics
    ///
    /// If a browser would refuse the cookie; the message says why.
    #[expect(clippy::needless_pass_by_value, reason = "a builder takes what it is given")]
    #[track_caller]
    pub fn cookie(mut self, cookie: SessionCookie) -> Self {
        self.settings().cookie = Template::new(&cookie);
        self
    }

    /// The keys of fields that are `#[session(sealed)]`, which are encrypted in any store.
    ///
    /// ```
    /// use session_runtime::{Key, KeyError, MemoryStore, Session, SessionLayer};
    ///
    /// #[derive(Session)]
    /// struct Account {
    ///     #[session(sealed)]
    ///     access_token: Option<String>,
    /// }
    ///
    /// # fn main() -> Result<(), KeyError> {
    /// # let key = Key::generate()?;
    /// let sessions = SessionLayer::new(MemoryStore::new()).keys(key);
    /// # let _ = sessions;
    /// # Ok(())
    /// # }
    /// ```
    pub fn keys(mut self, keys: impl Into<KeyRing>) -> Self {
        self.settings().policy.sealer = Some(Arc::new(Sealer::new(&keys.into(), Purpose::SealedField)));
        self
    }

    /// Signs the ids in cookies, so that one that this server did not issue never reaches the store.
    ///
    /// An id is a secret of 192 bits, which nobody guesses; this spares the store the traffic of those who try, and tells them apart
    /// ([`Origin::BadSignature`](crate::Origin); what is no signed id at all is `UnknownId`). Turned on for sessions that exist, it ends them: their
    /// cookies are not signed.
    ///
    /// # Panics
    ///
    /// If the store is a `CookieStore`, whose cookies hold no ids.
    #[track_caller]
    pub fn signed_ids(mut self, keys: impl Into<KeyRing>) -> Self {
        let settings = self.settings();
        settings.policy.backend = Arc::new(SignedIds::new(settings.policy.backend.clone(), &keys.into()));
        self
    }

    /// When sessions end.
    pub fn expiry(mut self, expiry: Expiry) -> Self {
        self.settings().policy.expiry = expiry;
        self
    }

    /// Loads the session before the inner service runs.
    pub fn autoload(mut self, autoload: Autoload) -> Self {
        self.settings().autoload = autoload;
        self
    }

    /// Whether a response of this status commits what its handler changed. By default all but 5xx and 408 do.
    pub fn commit_when(mut self, commits: impl Fn(StatusCode) -> bool + Send + Sync + 'static) -> Self {
        self.settings().commit_when = Some(Arc::new(commits));
        self
    }

    /// Renders the answer where a session could not be loaded or committed. The error is not for the client's eyes.
    pub fn on_error(mut self, render: impl Fn(&SessionError) -> Response<Bytes> + Send + Sync + 'static) -> Self {
        self.settings().on_error = Some(Arc::new(render));
        self
    }

    /// Lets a principal have at most `most` sessions at once. One sign-in more ends the oldest session, or is refused, as `evict` says (OWASP
    /// Session Management Cheat Sheet, "Simultaneous Session Logons"; Application Security Verification Standard 5.0, 7.1.2).
    ///
    /// A sign-in stores its session, then looks at all sessions of the principal, and is answered. So however many sign in at once, `most` sessions
    /// are left when all are answered. Which ones, and which is the oldest, is decided by the servers' clocks. Signing in once more to a session
    /// that is the principal's already is never refused, and ends none.
    ///
    /// With [`Evict::Deny`], a session whose cookie the browser forgot, or never got, counts until it ends. If several sign in at the very same
    /// moment, one that is refused has lost what was in the session before, and one that was let in may be signed out at its next request.
    ///
    /// A refused sign-in is answered with 403. To answer something else, call `save().await` in the handler; where that fails with
    /// [`is_limit_reached`](crate::SessionError::is_limit_reached), call `discard()`.
    ///
    /// ```
    /// use session_runtime::{Evict, MemoryStore, SessionLayer};
    ///
    /// let sessions = SessionLayer::new(MemoryStore::new()).limit(3, Evict::Oldest);
    /// # let _ = sessions;
    /// ```
    ///
    /// # Panics
    ///
    /// If `most` is zero, or the store finds no sessions by their principal ([`SessionStore::index`](crate::SessionStore::index)).
    #[track_caller]
    pub fn limit(mut self, most: usize, evict: Evict) -> Self {
        assert!(most > 0, "a limit of no sessions would keep everybody from signing in");
        self.assert_finds_sessions("`limit`");
        self.settings().policy.limit = Some(Limit { most, evict });
        self
    }

    /// Finds, counts and ends the sessions of a principal. Take it last: of settings that follow it knows nothing, so that what it ends is in no
    /// [`on_event`](Self::on_event) that comes later, and it goes by the system's clock where [`clock`](Self::clock) comes later. In axum's handlers
    /// [`SessionRegistry`] is an extractor, and need not be passed on.
    ///
    /// # Panics
    ///
    /// If the store finds no sessions by their principal ([`SessionStore::index`](crate::SessionStore::index)).
    #[track_caller]
    pub fn registry(&self) -> SessionRegistry {
        self.assert_finds_sessions("`registry`");
        SessionRegistry::new(self.0.policy.clone())
    }

    #[track_caller]
    fn assert_finds_sessions(&self, what: &str) {
        assert!(
            self.0.policy.backend.sessions().is_some(),
            "{what} is for stores that find sessions by their principal: all on the server that come with this crate do, a cookie that holds the \
             session does not"
        );
    }

    /// Tells `listen` of what happens to sessions, as [`EventKind`](crate::EventKind) lists it: for an audit log, alarms, metrics of your own. Only
    /// what a request or a [`SessionRegistry`] does or finds is told, not that a session expires and nobody asks for it. `listen` is called in the
    /// middle of requests, which end if it panics, and should be quick: most of what comes is `Loaded`, and what is for a database goes to a channel
    /// first. It does not tell a sign-in from another new id, and names nobody: who signed in is for the handler to write down. Of several listeners
    /// each is called, in the order in which they were given.
    ///
    /// ```
    /// use session_runtime::{EventKind, MemoryStore, SessionLayer};
    ///
    /// let sessions = SessionLayer::new(MemoryStore::new()).on_event(|event| {
    ///     if event.kind() == EventKind::Forged {
    ///         eprintln!("{event}");
    ///     }
    /// });
    /// # let _ = sessions;
    /// ```
    ///
    /// The same events are traced, and counted with the feature `metrics`: the counter `session_events_total` by `event`, and the histograms
    /// `session_load_seconds` and `session_commit_seconds`.
    pub fn on_event(mut self, listen: impl Fn(&Event<'_>) + Send + Sync + 'static) -> Self {
        self.settings().policy.events.add(listen);
        self
    }

    /// How long the store may take for a load, or for a whole commit: 5 seconds by default. A store that does not answer at once needs a tokio
    /// runtime with its time driver on.
    pub fn store_timeout(mut self, limit: Duration) -> Self {
        self.settings().policy.store_timeout = limit;
        self
    }

    /// What tells the time, for tests.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.settings().policy.clock = clock;
        self
    }

    fn settings(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.0)
    }
}

impl Settings {
    pub(crate) fn commits(&self, status: StatusCode) -> bool {
        match &self.commit_when {
            Some(commits) => commits(status),
            None => !status.is_server_error() && status != StatusCode::REQUEST_TIMEOUT,
        }
    }
}

impl<S> Layer<S> for SessionLayer {
    type Service = SessionService<S>;

    fn layer(&self, inner: S) -> Self::Service {
        SessionService::new(inner, self.0.clone())
    }
}

impl fmt::Debug for SessionLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionLayer").field("expiry", &self.0.policy.expiry).finish_non_exhaustive()
    }
}

/// The answer to a client whose session could not be loaded or committed.
pub(crate) fn render<B: From<Bytes>>(error: &SessionError, on_error: Option<&OnError>) -> Response<B> {
    let response = match on_error {
        Some(render) => render(error),
        None => plain(error),
    };
    response.map(B::from)
}

fn plain(error: &SessionError) -> Response<Bytes> {
    let (status, text) = if error.is_unavailable() {
        (StatusCode::SERVICE_UNAVAILABLE, "The session is not available. Please try again.\n")
    } else if error.is_not_recent() {
        (StatusCode::FORBIDDEN, "Please sign in once more to do this.\n")
    } else if error.is_limit_reached() {
        (StatusCode::FORBIDDEN, "You are signed in too often already. Please sign out elsewhere first.\n")
    } else {
        (StatusCode::INTERNAL_SERVER_ERROR, "The session could not be processed.\n")
    };
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
