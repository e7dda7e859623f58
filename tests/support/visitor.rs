//! A visitor whose every request runs a closure of the test, behind the real layer and router.

use std::ops::{Deref, DerefMut};
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Router};
use session_runtime::{Schema, Session, SessionHandle, SessionLayer};
use tokio::task::JoinHandle;

use super::{Answer, Client, Gate, Scripted};

type Acting = Pin<Box<dyn Future<Output = Response> + Send>>;
type Act = Box<dyn FnOnce(SessionHandle) -> Acting + Send>;

/// What a request is to do; it travels among the request's extensions.
#[derive(Clone)]
struct Slot(Arc<Mutex<Option<Act>>>);

/// A client of an application whose handler is whatever the request brings along.
#[derive(Clone)]
pub struct Visitor(Client);

impl Visitor {
    /// A visitor of this store, through a layer as it is.
    pub fn of(store: &Scripted) -> Self {
        Self::through(SessionLayer::new(store.clone()))
    }

    /// A visitor who comes through this layer.
    pub fn through(layer: SessionLayer) -> Self {
        Self::to(Self::routes().layer(layer))
    }

    /// A visitor of [`routes`](Self::routes) with layers of the test's own.
    pub fn to(app: Router) -> Self {
        Self(Client::new(app))
    }

    /// The application, without any layer.
    pub fn routes() -> Router {
        Router::new().fallback(act)
    }

    /// Another browser of the same application, without a cookie.
    #[must_use]
    pub fn another(&self) -> Self {
        Self(self.0.other())
    }

    /// The same visitor, holding the cookie of a session that is there already.
    pub fn holding(mut self, id: &str) -> Self {
        self.set_cookie("__Host-id", id);
        self
    }

    /// The session id in the jar.
    pub fn held(&self) -> String {
        self.id().expect("a session cookie").to_owned()
    }

    /// A request that does this to a typed session, and answers 200.
    pub async fn visit<T: Schema>(&mut self, act: impl FnOnce(&mut Session<T>) + Send + 'static) -> Answer {
        self.act(async move |handle: SessionHandle| act(&mut load::<T>(&handle).await)).await
    }

    /// A request that does this; the answer's cookies go into the jar.
    pub async fn act<F, R>(&mut self, act: impl FnOnce(SessionHandle) -> F + Send + 'static) -> Answer
    where
        F: Future<Output = R> + Send + 'static,
        R: IntoResponse,
    {
        let answer = self.send(self.asking(act)).await;
        self.take(&answer);
        answer
    }

    /// As [`act`](Self::act), while the test goes on; the jar stays as it is.
    pub fn start<F, R>(&self, act: impl FnOnce(SessionHandle) -> F + Send + 'static) -> JoinHandle<Answer>
    where
        F: Future<Output = R> + Send + 'static,
        R: IntoResponse,
    {
        let (client, request) = (self.0.clone(), self.asking(act));
        tokio::spawn(async move { client.send(request).await })
    }

    /// A request that has loaded its session, and does this to it when it goes on.
    pub async fn held_up<T: Schema>(&self, act: impl FnOnce(&mut Session<T>) + Send + 'static) -> HeldUp {
        let gate = Gate::default();
        let passing = gate.clone();
        let request = self.start(async move |handle: SessionHandle| {
            let mut session = load::<T>(&handle).await;
            passing.pass().await;
            act(&mut session);
        });
        gate.arrived().await;
        HeldUp { gate, request }
    }

    /// The request that does this.
    pub fn asking<F, R>(&self, act: impl FnOnce(SessionHandle) -> F + Send + 'static) -> Request<Body>
    where
        F: Future<Output = R> + Send + 'static,
        R: IntoResponse,
    {
        let act: Act = Box::new(|handle| {
            let acting = act(handle);
            Box::pin(async { acting.await.into_response() })
        });
        let mut request = self.request("/");
        let slot = Slot(Arc::new(Mutex::new(Some(act))));
        request.extensions_mut().insert(slot);
        request
    }
}

/// A request that others overtake.
pub struct HeldUp {
    gate: Gate,
    request: JoinHandle<Answer>,
}

impl HeldUp {
    /// Lets it go on, and waits for its answer.
    pub async fn goes_on(self) -> Answer {
        self.gate.open();
        self.request.await.expect("an answer")
    }
}

impl Deref for Visitor {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.0
    }
}

impl DerefMut for Visitor {
    fn deref_mut(&mut self) -> &mut Client {
        &mut self.0
    }
}

/// The session as a `T`, which the test expects to load.
pub async fn load<T: Schema>(handle: &SessionHandle) -> Session<T> {
    handle.load::<T>().await.expect("a session")
}

async fn act(handle: SessionHandle, Extension(slot): Extension<Slot>) -> Response {
    let act = slot.0.lock().expect("not poisoned").take();
    act.expect("a request acts once")(handle).await
}
