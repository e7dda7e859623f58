//! The plain application behind a layer that does nothing: what `Router::layer` itself costs.

use std::task::{Context, Poll};

use tower::{Layer, Service};

use super::{SetsCookie, Subject, plain};
use crate::Place;

pub(super) const SUBJECT: Subject = Subject {
    name: "noop",
    place: Place::Process,
    sets_cookie: SetsCookie::Never,
    router: |_| Ok(plain::router().layer(NoopLayer)),
};

#[derive(Clone)]
struct NoopLayer;

impl<S> Layer<S> for NoopLayer {
    type Service = NoopService<S>;

    fn layer(&self, inner: S) -> NoopService<S> {
        NoopService { inner }
    }
}

#[derive(Clone)]
struct NoopService<S> {
    inner: S,
}

impl<S: Service<Request>, Request> Service<Request> for NoopService<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = S::Future;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> S::Future {
        self.inner.call(request)
    }
}
