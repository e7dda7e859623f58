//! A visitor whose every request runs a closure of the check, behind the real layer.

use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use session_macros::Session;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tower_layer::Layer as _;
use tower_service::Service;

use crate::conformance::bench::Bench;
use crate::conformance::seen::{Outcome, Seen};
use crate::handle::SessionHandle;
use crate::id::SessionId;
use crate::layer::SessionLayer;
use crate::schema::Session as SessionOf;
use crate::service::SessionService;
use crate::store::BoxFuture;

/// What the requests of the checks are about.
#[derive(Session)]
#[session(crate = crate)]
pub(super) struct Account {
    pub(super) user: Option<u32>,
    pub(super) note: Option<String>,
    #[session(merge = sum)]
    pub(super) hits: u32,
}

/// A visitor's session, as its handler sees it.
pub(super) type Visit = SessionOf<Account>;

type Act = Box<dyn FnOnce(SessionHandle) -> BoxFuture<'static, Outcome> + Send>;

/// What a visit comes to: nothing in particular, or a check.
pub(super) trait Comes {
    fn outcome(self) -> Outcome;
}

impl Comes for () {
    fn outcome(self) -> Outcome {
        Ok(())
    }
}

impl Comes for Outcome {
    fn outcome(self) -> Outcome {
        self
    }
}

/// What a request is to do; it travels among the request's extensions.
#[derive(Clone)]
struct Slot(Arc<Mutex<Option<Act>>>);

/// A service that does what the request brings along, and says how it went.
#[derive(Clone)]
struct Acts;

impl Service<Request<()>> for Acts {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Bytes>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<()>) -> Self::Future {
        let handle = request.extensions_mut().remove::<SessionHandle>();
        let slot = request.extensions_mut().remove::<Slot>();
        Box::pin(async move {
            let act = slot.and_then(|slot| slot.0.lock().unwrap_or_else(PoisonError::into_inner).take());
            let outcome = match (handle, act) {
                (Some(handle), Some(act)) => act(handle).await,
                _ => Err(Seen::new("a request came without its session")),
            };
            let mut response = Response::new(Bytes::new());
            response.extensions_mut().insert(outcome);
            Ok(response)
        })
    }
}

/// One client of an application over the store.
#[derive(Clone)]
pub(super) struct Visitor {
    service: SessionService<Acts>,
    cookie: Option<String>,
}

/// A response, and what it says about the session's cookie.
pub(super) struct Answer {
    set_cookie: Option<String>,
}

impl Answer {
    /// Goes on where the response leaves the client's cookie alone, or removes it.
    pub(super) fn brings_no_session(&self, what: &str) -> Outcome {
        match self.set_cookie.as_deref() {
            Some(cookie) if !is_removal(cookie) => Err(Seen::new(format!("{what}: expected no live cookie, saw one"))),
            Some(_) | None => Ok(()),
        }
    }
}

fn is_removal(cookie: &str) -> bool {
    cookie.contains("Max-Age=0")
}

impl Visitor {
    /// A visitor without a cookie, through a layer as it is.
    pub(super) fn of(bench: &Bench) -> Self {
        Self::through(bench, |layer| layer)
    }

    /// A visitor without a cookie, through a layer that is configured so.
    pub(super) fn through(bench: &Bench, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        let layer = SessionLayer::new(bench.store.clone()).clock(bench.clock.clone());
        Self { service: configure(layer).layer(Acts), cookie: None }
    }

    /// The same client, holding this id.
    pub(super) fn holding(mut self, id: &str) -> Self {
        self.cookie = Some(id.to_owned());
        self
    }

    /// The id that it holds.
    pub(super) fn id(&self) -> Outcome<SessionId> {
        let id = self.cookie.as_deref().and_then(|id| SessionId::parse(id.as_bytes()));
        id.ok_or_else(|| Seen::new("a response brought no session id"))
    }

    /// A request that does this to the session; the answer's cookie is kept.
    pub(super) async fn visit<R: Comes>(
        &mut self,
        act: impl FnOnce(&mut Visit) -> R + Send + 'static,
    ) -> Outcome<Answer> {
        let answer =
            self.send(Box::new(|handle| Box::pin(async move { act(&mut handle.load::<Account>().await?).outcome() })));
        let answer = answer.await?;
        self.take(&answer);
        Ok(answer)
    }

    /// A request that has its session and is to do this when it is told to; the cookie stays as it is.
    pub(super) async fn begin<R: Comes>(&self, act: impl FnOnce(&mut Visit) -> R + Send + 'static) -> Outcome<Slow> {
        let (loaded, is_loaded) = oneshot::channel();
        let (go, told) = oneshot::channel();
        let act: Act = Box::new(|handle| {
            Box::pin(async move {
                let mut account = handle.load::<Account>().await?;
                let _ = loaded.send(());
                let _ = told.await;
                act(&mut account).outcome()
            })
        });
        let visitor = self.clone();
        let response = tokio::spawn(async move { visitor.send(act).await });
        match is_loaded.await {
            Ok(()) => Ok(Slow { go, response }),
            Err(_) => Err(response.await?.err().unwrap_or_else(|| Seen::new("a request did not load its session"))),
        }
    }

    /// Keeps the cookie that an answer brings, or forgets the one that it removes.
    pub(super) fn take(&mut self, answer: &Answer) {
        if let Some(cookie) = &answer.set_cookie {
            let value = cookie.split(['=', ';']).nth(1).unwrap_or_default();
            self.cookie = (!is_removal(cookie)).then(|| value.to_owned());
        }
    }

    async fn send(&self, act: Act) -> Outcome<Answer> {
        let mut request = Request::new(());
        request.extensions_mut().insert(Slot(Arc::new(Mutex::new(Some(act)))));
        if let Some(id) = &self.cookie {
            let cookie = format!("__Host-id={id}").try_into();
            request.headers_mut().insert(header::COOKIE, cookie.map_err(|_| Seen::new("an id is no header"))?);
        }
        let response = self.service.clone().call(request).await.unwrap_or_else(|never| match never {});
        match response.extensions().get::<Outcome>() {
            Some(outcome) => outcome.clone()?,
            None => return Err(Seen::new(format!("the layer answered {}", response.status()))),
        }
        Ok(Answer { set_cookie: set_cookie(response.headers()) })
    }
}

fn set_cookie(headers: &HeaderMap) -> Option<String> {
    headers.get(header::SET_COOKIE)?.to_str().ok().map(str::to_owned)
}

/// A request that waits.
pub(super) struct Slow {
    go: oneshot::Sender<()>,
    response: JoinHandle<Outcome<Answer>>,
}

impl Slow {
    /// Lets it go on, to its end.
    pub(super) async fn finish(self) -> Outcome<Answer> {
        let _ = self.go.send(());
        self.response.await?
    }
}
