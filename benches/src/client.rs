//! Sends requests to a subject, as a server would, but without sockets.

use axum::{
    Router,
    body::Body,
    http::{
        HeaderMap, HeaderValue, Request, Uri,
        header::{COOKIE, SET_COOKIE},
    },
    response::Response,
};
use tokio::{runtime::Runtime, task::unconstrained};
use tower::{Service, ServiceExt};

use crate::{
    Result,
    case::Case,
    site::Site,
    subjects::{SetsCookie, Subject},
};

/// A subject, and the browser of a visitor whose session it keeps.
pub(crate) struct Client {
    router: Router,
    cookie: HeaderValue,
}

impl Client {
    /// Builds the subject's application and has it create a session.
    pub(crate) fn new(subject: &Subject, runtime: &Runtime) -> Result<Client> {
        Client::at(Site::new(runtime, None), subject)
    }

    /// The same where there may be a Redis server.
    pub(crate) fn at(site: Site<'_>, subject: &Subject) -> Result<Client> {
        // Some layers spawn a task when they are applied.
        let _guard = site.runtime.enter();
        Client::of((subject.router)(site)?, site.runtime, subject.sets_cookie)
    }

    /// Has an application that is there create a session.
    pub(crate) fn of(router: Router, runtime: &Runtime, sets_cookie: SetsCookie) -> Result<Client> {
        // With its state given, a router applies its layers once, not once a request.
        let mut client = Client { router: router.with_state(()), cookie: STRANGER };
        if sets_cookie != SetsCookie::Never {
            let response = runtime.block_on(client.send(Case::Create.path(), false));
            client.cookie = cookie(response.headers())?;
        }
        Ok(client)
    }

    /// Sends `count` requests of one case, one after the other, and each with the same cookie: a server's work is measured, not a browser's.
    pub(crate) fn send_many(&mut self, runtime: &Runtime, case: Case, count: usize) {
        // A server polls each request in a task with a budget of its own; here all share one, so it must not run out.
        runtime.block_on(unconstrained(async {
            for _ in 0..count {
                self.send(case.path(), case.sends_cookie()).await;
            }
        }));
    }

    /// Sends one request and keeps the cookie of its answer, as a browser does.
    pub(crate) async fn browse(&mut self, path: &'static str) -> Result<Response> {
        let response = self.send(path, true).await;
        if response.headers().contains_key(SET_COOKIE) {
            self.cookie = cookie(response.headers())?;
        }
        Ok(response)
    }

    /// Bytes of the `Cookie` header: names and values.
    pub(crate) fn cookie_bytes(&self) -> usize {
        self.cookie.len()
    }

    pub(crate) async fn send(&mut self, path: &'static str, sends_cookie: bool) -> Response {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = Uri::from_static(path);
        if sends_cookie {
            request.headers_mut().insert(COOKIE, self.cookie.clone());
        }
        let Ok(router) = ServiceExt::<Request<Body>>::ready(&mut self.router).await;
        let Ok(response) = router.call(request).await;
        response
    }
}

/// What the browser sends to a subject without sessions: as long as a session's cookie.
const STRANGER: HeaderValue = HeaderValue::from_static("__Host-id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");

/// The `Cookie` header of a browser that received these headers: what was set, without what was removed.
pub(crate) fn cookie(headers: &HeaderMap) -> Result<HeaderValue> {
    let mut pairs = Vec::new();
    for header in headers.get_all(SET_COOKIE) {
        let (pair, attributes) = header.to_str()?.split_once(';').unwrap_or_default();
        if !attributes.contains("Max-Age=0") {
            pairs.push(pair);
        }
    }
    if pairs.is_empty() {
        return Err("the answer sets no cookie".into());
    }
    let cookie = HeaderValue::from_str(&pairs.join("; "))?;
    // The first clone of its bytes makes them shared, which allocates: here rather than in a measured request.
    drop(cookie.clone());
    Ok(cookie)
}
