//! An application that is asked by hand, one poll a request: nothing that it does waits.

use std::convert::Infallible;
use std::pin::pin;
use std::sync::LazyLock;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::header::{COOKIE, SET_COOKIE};
use http::{HeaderValue, Request, Response, StatusCode};
use session_runtime::backend::{Backend, Origin};
use session_runtime::record::Record;
use session_runtime::{Clock, MemoryStore, Session, SessionHandle, SessionId, SessionLayer, SessionStore, Timestamp};
use tower::{Layer as _, Service as _, service_fn};

use crate::tokens;

/// What the handler asks for.
#[derive(Session)]
struct Visits {
    hits: u32,
    name: Option<String>,
}

/// When every request comes: at the start of the year 2100, so that the corpus does not age.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(4_102_444_800_000);

/// How long the sessions of the corpus last: as a new one does, so that reading one extends nothing.
pub(crate) const LIFE: Duration = Duration::from_hours(24);

/// The only session that the stores on the server keep.
pub(crate) const PLANTED: &str = "the-one-session-that-is-in-there";

/// An application, and the one good cookie that anybody has of it.
pub(crate) struct Site {
    layer: SessionLayer,
    good: String,
}

/// What a request brought to light.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    /// The value of the cookie that was set, if one was.
    pub(crate) set: Option<String>,
    /// What the handler saw of the session.
    pub(crate) seen: Option<Seen>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen {
    pub(crate) origin: Origin,
    pub(crate) hits: u32,
}

/// What the handler does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
    Read,
    Count,
}

impl Site {
    /// An application over this backend, of which this cookie is good. Its time stands still, and the status tells what went wrong.
    pub(crate) fn new(store: impl Backend, good: impl Into<String>) -> Self {
        let layer = SessionLayer::new(store).clock(clock()).on_error(|error| {
            let too_large = error.is_too_large();
            let mut response = Response::default();
            *response.status_mut() =
                if too_large { StatusCode::PAYLOAD_TOO_LARGE } else { StatusCode::INTERNAL_SERVER_ERROR };
            response
        });
        Self { layer, good: good.into() }
    }

    /// The same application, its ids signed.
    pub(crate) fn signing_ids(mut self) -> Self {
        self.layer = self.layer.signed_ids(tokens::key());
        self.good = tokens::text(&tokens::signed_id(&tokens::bytes(&self.good)));
        self
    }

    /// Any cookies are answered, set nothing, and open no session but the one that they are good for; beside the good one they do no harm.
    pub(crate) fn takes(&self, cookies: &[HeaderValue]) {
        let answer = self.visit(cookies.iter().cloned(), Act::Read);
        assert_eq!((answer.status, &answer.set), (StatusCode::OK, &None), "{answer:?}");
        if answer.is_loaded() {
            let held = |cookies: &HeaderValue| contains(cookies.as_bytes(), self.good.as_bytes());
            assert!(cookies.iter().any(held), "a session was opened without its cookie");
        }
        let good = cookie(self.good.as_bytes());
        let answer = self.visit(good.into_iter().chain(cookies.iter().cloned()), Act::Read);
        assert_eq!((answer.status, &answer.set), (StatusCode::OK, &None), "{answer:?}");
        assert!(answer.is_loaded(), "a good cookie was not enough: {answer:?}");
    }

    /// As [`takes`](Self::takes), for a cookie of this value.
    pub(crate) fn takes_value(&self, value: &[u8]) {
        if let Some(cookie) = cookie(value) {
            self.takes(&[cookie]);
        }
    }

    /// A request with these `Cookie` headers.
    pub(crate) fn visit(&self, cookies: impl IntoIterator<Item = HeaderValue>, act: Act) -> Answer {
        let mut request = Request::new(act);
        for cookies in cookies {
            request.headers_mut().append(COOKIE, cookies);
        }
        let Ok(response) = at_once(self.layer.layer(service_fn(handle)).call(request));
        let mut set = response.headers().get_all(SET_COOKIE).iter().map(value);
        Answer { status: response.status(), set: set.next(), seen: response.extensions().get().copied() }
    }
}

impl Answer {
    pub(crate) fn is_loaded(&self) -> bool {
        self.seen.is_some_and(|seen| seen.origin == Origin::Loaded)
    }
}

/// A store that holds one session, under [`PLANTED`].
pub(crate) fn planted() -> MemoryStore {
    let store = MemoryStore::new().clock(clock());
    let id = SessionId::parse(PLANTED.as_bytes()).expect("an id");
    let record = Record::from_entries([("hits", "7")], NOW, NOW + LIFE).expect("a record");
    at_once(store.insert(&id.store_key(), &record)).expect("an answer");
    store
}

/// The `Cookie` header of a session cookie of this value, if a header can hold it.
pub(crate) fn cookie(value: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(&[tokens::COOKIE.as_bytes(), b"=", value].concat()).ok()
}

/// What comes of something that never waits.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a store that answers at once made a request wait"),
    }
}

async fn handle(request: Request<Act>) -> Result<Response<Bytes>, Infallible> {
    let handle: &SessionHandle = request.extensions().get().expect("the layer's handle");
    let mut visits = handle.load::<Visits>().await.expect("stores that always answer");
    if *request.body() == Act::Count {
        visits.set_hits(visits.hits().wrapping_add(1));
    }
    let mut response = Response::new(Bytes::copy_from_slice(visits.name().map_or(b"", String::as_bytes)));
    response.extensions_mut().insert(Seen { origin: visits.origin(), hits: visits.hits() });
    Ok(response)
}

/// A clock that stands still at [`NOW`].
pub(crate) fn clock() -> Clock {
    static CLOCK: LazyLock<Clock> = LazyLock::new(|| {
        let clock = Clock::manual();
        clock.advance(NOW.saturating_since(clock.now()));
        clock
    });
    CLOCK.clone()
}

fn value(set_cookie: &HeaderValue) -> String {
    let text = set_cookie.to_str().expect("a cookie is text");
    let pair = text.split(';').next().unwrap_or_default();
    let value = pair.strip_prefix(tokens::COOKIE).and_then(|rest| rest.strip_prefix('='));
    value.expect("the layer's cookie").to_owned()
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}
