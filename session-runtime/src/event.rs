//! What happens to sessions, told to logs, metrics and whoever listens: all of it from here.

#[cfg(feature = "metrics")]
mod metrics;
#[cfg(not(feature = "metrics"))]
#[path = "event/no_metrics.rs"]
mod metrics;

use std::fmt;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;

pub(crate) use metrics::{Call, timed};

use crate::backend::Origin;
use crate::error::{Chain, SessionError};
use crate::id::StoreKey;

/// Something that happened to a session, for [`SessionLayer::on_event`](crate::SessionLayer::on_event).
///
/// It holds nothing that a log may not: no id, no name of a principal, no value.
#[derive(Clone, Copy, Debug)]
pub struct Event<'a> {
    kind: EventKind,
    session: Option<StoreKey>,
    field: Option<&'a str>,
    error: Option<&'a SessionError>,
}

/// What happened. Failures are traced at `ERROR`; what was ended, lost, forged or refused by a limit at `INFO`; loads at `TRACE`; all else at `DEBUG`.
///
/// It is what the Logging Cheat Sheet and the Session Management Cheat Sheet ("Logging Sessions Life Cycle") of OWASP ask for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum EventKind {
    /// A session was stored for the first time.
    Created,
    /// A request loaded its session.
    Loaded,
    /// A session got a new id: at a sign-in or sign-out, when a handler asked for it, or when its id was old.
    Renewed,
    /// A session was ended by a request of its own, or has no field left.
    Destroyed,
    /// A session was ended from elsewhere: by a [`SessionRegistry`](crate::SessionRegistry), or a [limit](crate::SessionLayer::limit).
    Revoked,
    /// A session had ended when a request came to commit its changes, which are dropped.
    Lost,
    /// A request came under an id that was renewed a moment ago; what it changes is dropped.
    Overtaken,
    /// A request brought the cookie of a session that has expired, and is still stored.
    Expired,
    /// A request brought a cookie that names no session: one that has ended, was freed after its end, or never was. Many of them from one client
    /// are somebody's guesses.
    UnknownId,
    /// A request brought a cookie that this server did not make, or made with a key that it no longer knows.
    Forged,
    /// The application refuses the session: see [`CookieStore`](crate::CookieStore).
    Refused,
    /// What is stored is not a session. The cause is traced where it is found.
    Undecodable,
    /// Another request came before a commit, which is tried again.
    ConflictRetried,
    /// A session could not be loaded.
    LoadFailed,
    /// What a request changed was not stored.
    CommitFailed,
    /// A sign-in was refused: the principal has as many sessions as the [limit](crate::SessionLayer::limit) allows.
    LimitReached,
}

impl EventKind {
    /// Its name in snake case, as in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Loaded => "loaded",
            Self::Renewed => "renewed",
            Self::Destroyed => "destroyed",
            Self::Revoked => "revoked",
            Self::Lost => "lost",
            Self::Overtaken => "overtaken",
            Self::Expired => "expired",
            Self::UnknownId => "unknown_id",
            Self::Forged => "forged",
            Self::Refused => "refused",
            Self::Undecodable => "undecodable",
            Self::ConflictRetried => "conflict_retried",
            Self::LoadFailed => "load_failed",
            Self::CommitFailed => "commit_failed",
            Self::LimitReached => "limit_reached",
        }
    }

    /// What to tell of a cookie that brought no session; `None` where there was no cookie, or it did bring one.
    pub(crate) fn of(origin: Origin) -> Option<Self> {
        match origin {
            Origin::New | Origin::Loaded => None,
            Origin::UnknownId => Some(Self::UnknownId),
            Origin::Expired => Some(Self::Expired),
            Origin::BadSignature => Some(Self::Forged),
            Origin::Revoked => Some(Self::Refused),
            Origin::Undecodable => Some(Self::Undecodable),
        }
    }

    fn message(self) -> &'static str {
        match self {
            Self::Created => "a session was created",
            Self::Loaded => "a session was loaded",
            Self::Renewed => "a session got a new id",
            Self::Destroyed => "a session was ended by its own request",
            Self::Revoked => "a session was ended from elsewhere",
            Self::Lost => "the session ended while this request ran, its changes are dropped",
            Self::Overtaken => {
                "a request came under an id that was renewed a moment ago: it gets no session, and what it changes is dropped"
            }
            Self::Expired => "the request's cookie stands for a session that has expired",
            Self::UnknownId => "the request's cookie stands for no session",
            Self::Forged => "the request's cookie was not made by this server, or not with a key that it knows",
            Self::Refused => "the application refuses the session in the request's cookie",
            Self::Undecodable => "the request's cookie stands for something that is not a session",
            Self::ConflictRetried => "a commit conflicts with another and is tried again",
            Self::LoadFailed => "a session could not be loaded",
            Self::CommitFailed => "a session could not be committed",
            Self::LimitReached => "a sign-in was refused, since the principal has as many sessions as the limit allows",
        }
    }
}

impl<'a> Event<'a> {
    pub(crate) const fn new(kind: EventKind, session: Option<StoreKey>) -> Self {
        Self { kind, session, field: None, error: None }
    }

    pub(crate) fn load_failed(session: Option<StoreKey>, error: &'a SessionError) -> Self {
        Self { error: Some(error), field: error.field(), ..Self::new(EventKind::LoadFailed, session) }
    }

    pub(crate) fn commit_failed(session: Option<StoreKey>, error: &'a SessionError) -> Self {
        let kind = if error.is_limit_reached() { EventKind::LimitReached } else { EventKind::CommitFailed };
        Self { kind, ..Self::load_failed(session, error) }
    }

    pub(crate) fn contested(session: StoreKey, field: Option<&'a str>) -> Self {
        Self { field, ..Self::new(EventKind::ConflictRetried, Some(session)) }
    }

    /// What happened.
    pub fn kind(&self) -> EventKind {
        self.kind
    }

    /// Eight hexadecimal digits that tell sessions apart, and cannot be turned back into an id; they change with the id. `None` where the
    /// session has none: it is in its cookie, or in no store yet.
    pub fn fingerprint(&self) -> Option<String> {
        self.session.map(|session| session.fingerprint())
    }

    /// The field that it is about, by its stored name.
    pub fn field(&self) -> Option<&str> {
        self.field
    }

    /// What went wrong, if something did.
    pub fn error(&self) -> Option<&SessionError> {
        self.error
    }
}

impl fmt::Display for Event<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.message())
    }
}

type Listener = dyn Fn(&Event<'_>) + Send + Sync;

/// Who is told.
#[derive(Clone, Default)]
pub(crate) struct Events(Vec<Arc<Listener>>);

impl Events {
    pub(crate) fn add(&mut self, listener: impl Fn(&Event<'_>) + Send + Sync + 'static) {
        self.0.push(Arc::new(listener));
    }

    /// Tells all of them. Listeners are a user's code: no lock may be held.
    pub(crate) fn tell(&self, event: &Event<'_>) {
        trace(event);
        metrics::count(event.kind);
        for listener in &self.0 {
            listener(event);
        }
    }

    /// As [`tell`](Self::tell), of a kind and a session alone. Nearly free where nobody listens, since every request has an event.
    #[inline]
    pub(crate) fn happened(&self, kind: EventKind, session: Option<&StoreKey>) {
        if metrics::ARE_KEPT || !self.0.is_empty() || LevelFilter::current() != LevelFilter::OFF {
            self.tell(&Event::new(kind, session.copied()));
        }
    }
}

fn trace(event: &Event<'_>) {
    macro_rules! at {
        ($level:ident) => {
            tracing::$level!(
                session = event.fingerprint(),
                field = event.field,
                error = event.error.map(|error| Chain(error).to_string()),
                "{event}"
            )
        };
    }
    match event.kind {
        EventKind::Loaded | EventKind::Undecodable => at!(trace),
        EventKind::LoadFailed | EventKind::CommitFailed => at!(error),
        EventKind::LimitReached | EventKind::Revoked | EventKind::Lost | EventKind::Overtaken | EventKind::Forged => {
            at!(info);
        }
        EventKind::Created
        | EventKind::Renewed
        | EventKind::Destroyed
        | EventKind::Expired
        | EventKind::UnknownId
        | EventKind::Refused
        | EventKind::ConflictRetried => at!(debug),
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").field("listeners", &self.0.len()).finish()
    }
}
