//! The middleware's service: a handle for the request, a future for the response.

use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response};
use tower_service::Service;

use crate::future::ResponseFuture;
use crate::handle::SessionHandle;
use crate::layer::{self, Settings};

/// What [`SessionLayer`](crate::SessionLayer) makes of a service.
#[derive(Clone)]
pub struct SessionService<S> {
    inner: S,
    settings: Arc<Settings>,
}

impl<S> SessionService<S> {
    pub(crate) fn new(inner: S, settings: Arc<Settings>) -> Self {
        Self { inner, settings }
    }

    /// The handle of this very layer among `innermost` and those around it, if the request has passed it already.
    fn own_handle<'a>(&self, innermost: &'a SessionHandle) -> Option<&'a SessionHandle> {
        let mut handle = innermost;
        loop {
            let host = handle.host::<layer::Request>()?;
            if Arc::ptr_eq(&host.settings, &self.settings) {
                return Some(handle);
            }
            handle = host.outer()?;
        }
    }
}

impl<S, B, R> Service<Request<B>> for SessionService<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: From<Bytes>,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = ResponseFuture<S, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let outer = request.extensions().get::<SessionHandle>().cloned();
        if let Some(own) = outer.as_ref().and_then(|outer| self.own_handle(outer)) {
            request.extensions_mut().insert(own.clone());
            return ResponseFuture::pass(self.inner.call(request));
        }
        let handle = SessionHandle::new(layer::Request::new(self.settings.clone(), request.headers(), outer));
        request.extensions_mut().insert(handle.clone());
        if !self.settings.autoload.is_never() {
            let (parts, body) = request.into_parts();
            let applies = self.settings.autoload.applies_to(&parts);
            request = Request::from_parts(parts, body);
            if applies {
                // The service that was polled ready is the one to call; the clone takes its place.
                let clone = self.inner.clone();
                let ready = std::mem::replace(&mut self.inner, clone);
                return ResponseFuture::load(ready, request, handle);
            }
        }
        ResponseFuture::run(self.inner.call(request), handle)
    }
}

impl<S> fmt::Debug for SessionService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionService").finish_non_exhaustive()
    }
}
