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

    /// The request's handle of this very layer, if it has passed it already.
    fn own_handle<B>(&self, request: &Request<B>) -> Option<SessionHandle> {
        let mut innermost = request.extensions().get::<SessionHandle>();
        while let Some(handle) = innermost {
            let host = handle.host::<layer::Request>()?;
            if Arc::ptr_eq(&host.settings, &self.settings) {
                return Some(handle.clone());
            }
            innermost = host.outer();
        }
        None
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
        if let Some(handle) = self.own_handle(&request) {
            request.extensions_mut().insert(handle);
            return ResponseFuture::pass(self.inner.call(request));
        }
        let outer = request.extensions().get().cloned();
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
