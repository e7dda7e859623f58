//! A client that keeps cookies as a browser does: by name, until they are removed or expire at once.

use std::collections::BTreeMap;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, Request, Response, StatusCode, header};
use bytes::Bytes;
use http_body_util::BodyExt as _;
use tower::ServiceExt as _;

/// One client of an application.
#[derive(Clone)]
pub struct Client {
    app: Router,
    jar: BTreeMap<String, String>,
}

impl Client {
    /// A client without cookies.
    pub fn new(app: Router) -> Self {
        Self { app: app.with_state(()), jar: BTreeMap::new() }
    }

    /// Another client of the same application.
    pub fn other(&self) -> Self {
        Self { app: self.app.clone(), jar: BTreeMap::new() }
    }

    /// The same client, of another application.
    pub fn at(&self, app: Router) -> Self {
        Self { app: app.with_state(()), jar: self.jar.clone() }
    }

    /// The value of a cookie in the jar.
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.jar.get(name).map(String::as_str)
    }

    /// The session id, under the default name.
    pub fn id(&self) -> Option<&str> {
        self.cookie("__Host-id")
    }

    /// Puts a cookie into the jar.
    pub fn set_cookie(&mut self, name: &str, value: &str) {
        self.jar.insert(name.to_owned(), value.to_owned());
    }

    /// A GET with the jar's cookies; the answer's cookies go into the jar.
    pub async fn get(&mut self, path: &str) -> Answer {
        let request = self.request(path);
        let answer = self.send(request).await;
        self.take(&answer);
        answer
    }

    /// The request that `get` would send.
    pub fn request(&self, path: &str) -> Request<Body> {
        let mut request = Request::get(path);
        if !self.jar.is_empty() {
            let pairs: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request = request.header(header::COOKIE, pairs.join("; "));
        }
        request.body(Body::empty()).expect("a request")
    }

    /// Sends a request as it is, and leaves the jar alone.
    pub async fn send(&self, request: Request<Body>) -> Answer {
        Answer::read(self.respond(request).await).await
    }

    /// The response, its body not read.
    pub async fn respond(&self, request: Request<Body>) -> Response<Body> {
        self.app.clone().oneshot(request).await.unwrap_or_else(|never| match never {})
    }

    /// Puts the cookies of an answer into the jar, in their order.
    pub fn take(&mut self, answer: &Answer) {
        for cookie in answer.set_cookies() {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let (name, value) = pair.split_once('=').expect("a cookie has a value");
            if attributes.contains("Max-Age=0") {
                self.jar.remove(name);
            } else {
                self.set_cookie(name, value);
            }
        }
    }
}

/// A response, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Answer {
    async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        Self { status: parts.status, headers: parts.headers, body }
    }

    pub fn text(&self) -> &str {
        str::from_utf8(&self.body).expect("text")
    }

    /// Every `Set-Cookie`, in order.
    pub fn set_cookies(&self) -> Vec<&str> {
        self.lines(&header::SET_COOKIE)
    }

    /// Every line of a header.
    pub fn lines(&self, name: &HeaderName) -> Vec<&str> {
        self.headers.get_all(name).iter().map(|line| line.to_str().expect("text")).collect()
    }
}
