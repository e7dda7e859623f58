//! `return`, `?`, coercions and `impl Trait` mean in a lent handler what they mean in any.
#![deny(warnings)]

use std::convert::Infallible;
use std::num::ParseIntError;

use axum::body::Body;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use session_runtime::{Session, SessionError, session};

#[derive(Session)]
struct Visits {
    hits: u32,
    page: String,
}

struct Error(StatusCode);

impl From<ParseIntError> for Error {
    fn from(_: ParseIntError) -> Self {
        Self(StatusCode::BAD_REQUEST)
    }
}

impl From<SessionError> for Error {
    fn from(_: SessionError) -> Self {
        Self(StatusCode::SERVICE_UNAVAILABLE)
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        self.0.into_response()
    }
}

#[session(autoload)]
async fn question(visits: &mut Session<Visits>, body: String) -> Result<String, Error> {
    visits.set_hits(body.parse()?);
    if visits.hits() == 3 {
        return Err(Error(StatusCode::CONFLICT));
    }
    visits.save().await?;
    Ok(visits.hits().to_string())
}

#[session(autoload)]
async fn some_response(visits: &mut Session<Visits>) -> impl IntoResponse {
    if visits.hits() == 1 {
        return (StatusCode::CREATED, visits.page().clone());
    }
    (StatusCode::OK, String::new())
}

#[session(autoload)]
async fn some_response_or_error(visits: &mut Session<Visits>) -> Result<impl IntoResponse, impl IntoResponse> {
    match visits.hits() {
        0 => Err(StatusCode::NOT_FOUND),
        _ => Ok([("x-hits", visits.hits().to_string())]),
    }
}

struct Boxed(Box<dyn Fn() -> u32 + Send>);

impl IntoResponse for Boxed {
    fn into_response(self) -> Response {
        (self.0)().to_string().into_response()
    }
}

#[session(autoload)]
async fn coerced(visits: &mut Session<Visits>) -> &'static [u8] {
    visits.clear();
    b"bytes"
}

#[session(autoload)]
async fn coerced_inside(visits: &Session<Visits>) -> Result<Boxed, Infallible> {
    let hits = visits.hits();
    Ok(Boxed(Box::new(move || hits)))
}

#[session(autoload)]
async fn without_end(visits: &mut Session<Visits>) -> Response<Body> {
    loop {
        if visits.hits() == 0 {
            return Response::new(Body::empty());
        }
        visits.set_hits(visits.hits() - 1);
    }
}

fn main() {
    let _: axum::Router = axum::Router::new()
        .route("/1", post(question))
        .route("/2", post(some_response))
        .route("/3", post(some_response_or_error))
        .route("/4", post(coerced))
        .route("/5", post(coerced_inside))
        .route("/6", post(without_end));
}
