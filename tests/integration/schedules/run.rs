//! One schedule: requests that are polled by hand, each stopped before its every call to the store.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::http::{Request, Response, StatusCode, header};
use bytes::Bytes;
use session_runtime::record::Record;
use session_runtime::store::{Inserted, Loaded};
use session_runtime::{Clock, SessionError, SessionHandle, SessionId, SessionLayer, SessionStore, StoreKey};
use session_tests::{Answer, delta};
use tower::{Layer as _, ServiceExt as _, service_fn};

use super::act::{AGE, Act, Change, IDLE, Wishes};
use super::choices::Choices;
use super::cookies::{Said, said};
use super::stepped::{Call, Fields, Stepped, Turns, Verb, fields};
use super::{Cookies, World};

/// What is there before the requests come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start {
    /// No session, and no cookie.
    Nobody,
    /// User 1 is signed in.
    SignedIn,
    /// A session of nobody's that holds a message to be taken, and nothing else.
    Flash,
}

impl Start {
    fn fields(self) -> Option<&'static [(&'static str, &'static [u8])]> {
        match self {
            Self::Nobody => None,
            Self::SignedIn => Some(&[("user", b"1"), ("a", b"1"), ("flash", b"\"hi\""), ("sum", b"5")]),
            Self::Flash => Some(&[("flash", b"\"hi\"")]),
        }
    }
}

/// Everything that can be seen of a schedule once it is over.
pub(super) struct Outcome {
    pub(super) acts: Vec<Act>,
    /// By request, what it wanted of each of its commits.
    pub(super) wishes: Vec<Vec<Vec<Change>>>,
    /// In the order in which they were done.
    pub(super) calls: Vec<Call>,
    pub(super) answers: Vec<Answer>,
    /// By request, what its answer says about the cookie.
    pub(super) said: Vec<Said>,
    pub(super) planted: Option<Planted>,
    /// What every key that ever was opens at the end.
    pub(super) opens: BTreeMap<StoreKey, Opened>,
}

/// The session that is there at the start.
pub(super) struct Planted {
    id: SessionId,
    pub(super) key: StoreKey,
    pub(super) fields: Fields,
}

/// What a request finds that comes after all others.
pub(super) struct Opened {
    /// The key that it finds it under.
    pub(super) key: StoreKey,
    pub(super) fields: Fields,
}

pub(super) type Running = Pin<Box<dyn Future<Output = Answer>>>;

/// Runs these requests in the order that `choices` says.
pub(super) async fn run<S: SessionStore>(world: &World<S>, acts: &[Act], choices: &mut Choices) -> Outcome {
    let (clock, turns) = (Clock::manual(), Turns::default());
    let store = Arc::new((world.store)(&clock));
    let planted = plant(&*store, &clock, world.start).await;
    let wishes: Vec<_> = acts.iter().map(|_| Wishes::default()).collect();
    let requests = (0_u32..).zip(acts).zip(&wishes).map(|((n, act), wishes)| {
        let stepped = Stepped::new(store.clone(), turns.clone());
        let layer = SessionLayer::new(stepped).clock(clock.clone()).expiry(match world.cookies {
            Cookies::Persistent => act.expiry(),
            Cookies::OfTheWindow => act.expiry().browser_session(),
        });
        let (act, wishes) = (*act, wishes.clone());
        let cookie = planted.as_ref().map(|planted| &planted.id);
        request(&layer, cookie, move |handle| act.perform(n, handle, wishes.clone()))
    });
    let answers = schedule(requests.collect(), &turns, choices).await;
    let calls = turns.calls();
    let opens = opens(&*store, planted.as_ref(), &calls).await;
    let said = answers.iter().map(said).collect();
    let wishes = wishes.iter().map(Wishes::list).collect();
    Outcome { acts: acts.to_vec(), wishes, calls, answers, said, planted, opens }
}

async fn plant(store: &impl SessionStore, clock: &Clock, start: Start) -> Option<Planted> {
    let planted = delta(start.fields()?);
    let id = SessionId::generate().expect("random bytes");
    let key = id.store_key();
    let now = clock.now();
    let record = Record::new(now, now + IDLE).apply(&planted);
    assert_eq!(store.insert(&key, &record).await.expect("an answer"), Inserted::Done);
    clock.advance(AGE);
    let fields = fields(store, &key).await.expect("a session");
    Some(Planted { id, key, fields })
}

/// A request that brings this cookie, and fails where its act does.
pub(super) fn request<F>(
    layer: &SessionLayer,
    cookie: Option<&SessionId>,
    act: impl FnOnce(SessionHandle) -> F + Clone + 'static,
) -> Running
where
    F: Future<Output = Result<(), SessionError>> + 'static,
{
    let mut request = Request::new(());
    if let Some(id) = cookie {
        let cookie = format!("__Host-id={}", id.as_str()).parse().expect("a header");
        request.headers_mut().insert(header::COOKIE, cookie);
    }
    let service = layer.layer(service_fn(move |request: Request<()>| {
        let handle = request.extensions().get::<SessionHandle>().expect("the layer's handle").clone();
        let acting = act.clone()(handle);
        async {
            let mut response = Response::new(Bytes::new());
            if acting.await.is_err() {
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            }
            Ok::<_, Infallible>(response)
        }
    }));
    Box::pin(async move {
        let response = service.oneshot(request).await.unwrap_or_else(|never| match never {});
        let (parts, body) = response.into_parts();
        Answer { status: parts.status, headers: parts.headers, body }
    })
}

/// Lets one request after the other make its next call, until all have answered.
pub(super) async fn schedule(mut requests: Vec<Running>, turns: &Turns, choices: &mut Choices) -> Vec<Answer> {
    let mut answers: Vec<Option<Answer>> = Vec::new();
    for (index, request) in requests.iter_mut().enumerate() {
        answers.push(advance(request, turns, index, false).await);
    }
    loop {
        let running: Vec<_> = (0..requests.len()).filter(|index| answers[*index].is_none()).collect();
        if running.is_empty() {
            return answers.into_iter().flatten().collect();
        }
        let next = running[choices.choose(running.len())];
        answers[next] = advance(&mut requests[next], turns, next, true).await;
    }
}

/// Runs a request until it waits for its next turn, or answers. Time that stands still goes on where it sleeps, as after a conflict.
async fn advance(request: &mut Running, turns: &Turns, index: usize, granted: bool) -> Option<Answer> {
    const PATIENCE: Duration = Duration::from_secs(30);
    turns.give(index, granted);
    let running = poll_fn(|cx| match request.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(Some(answer)),
        Poll::Pending if turns.is_awaited() => Poll::Ready(None),
        Poll::Pending => Poll::Pending,
    });
    let advanced = tokio::time::timeout(PATIENCE, running).await;
    advanced.unwrap_or_else(|_| panic!("request {index} neither asks the store nor answers"))
}

/// Follows one hop, as every request does.
async fn opens(store: &impl SessionStore, planted: Option<&Planted>, calls: &[Call]) -> BTreeMap<StoreKey, Opened> {
    let made = calls.iter().filter(|call| call.commits()).filter_map(|call| match call.verb {
        Verb::Insert => Some(call.key),
        Verb::Rename { to, .. } => Some(to),
        _ => None,
    });
    let mut opens = BTreeMap::new();
    for key in planted.map(|planted| planted.key).into_iter().chain(made) {
        let at = match store.load(&key, None).await.expect("an answer") {
            Some(Loaded::Moved(to)) => to,
            _ => key,
        };
        if let Some(fields) = fields(store, &at).await {
            opens.insert(key, Opened { key: at, fields });
        }
    }
    opens
}
