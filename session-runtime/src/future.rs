//! The middleware's future: waits for the handler, commits, and tells the client about its cookie.

mod headers;

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use pin_project_lite::pin_project;
use tower_service::Service;

use crate::error::SessionError;
use crate::event::Event;
use crate::handle::{Closed, Closing, SessionHandle};
use crate::layer::{self, render};
use crate::state::Outcome;
use crate::store::BoxFuture;

pin_project! {
    /// The response of a [`SessionService`](crate::SessionService).
    pub struct ResponseFuture<S, B>
    where
        S: Service<Request<B>>,
    {
        #[pin]
        stage: Stage<S::Future, S::Response>,
        load: Option<Box<Load<S, B>>>,
        guard: Guard,
    }
}

pin_project! {
    #[project = StageProjection]
    enum Stage<F, R> {
        /// The session is being loaded before the handler runs.
        Loading,
        Running { #[pin] inner: F },
        Committing { commit: BoxFuture<'static, Closed>, response: Option<R> },
    }
}

/// A request that waits for its session.
struct Load<S, B> {
    service: S,
    request: Request<B>,
    loading: BoxFuture<'static, Result<(), SessionError>>,
}

/// A handler that goes away without an answer leaves nothing behind.
struct Guard(Option<SessionHandle>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(handle) = &self.0 {
            handle.abandon();
        }
    }
}

impl<S: Service<Request<B>>, B> ResponseFuture<S, B> {
    /// A request that another layer of the same settings looks after.
    pub(crate) fn pass(inner: S::Future) -> Self {
        Self { stage: Stage::Running { inner }, load: None, guard: Guard(None) }
    }

    pub(crate) fn run(inner: S::Future, handle: SessionHandle) -> Self {
        Self { stage: Stage::Running { inner }, load: None, guard: Guard(Some(handle)) }
    }

    pub(crate) fn load(service: S, request: Request<B>, handle: SessionHandle) -> Self {
        let loader = handle.clone();
        let loading = Box::pin(async move { loader.ensure_loaded().await });
        let load = Some(Box::new(Load { service, request, loading }));
        Self { stage: Stage::Loading, load, guard: Guard(Some(handle)) }
    }
}

impl<S, B, R> Future for ResponseFuture<S, B>
where
    S: Service<Request<B>, Response = Response<R>>,
    R: From<Bytes>,
{
    type Output = Result<Response<R>, S::Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        loop {
            match this.stage.as_mut().project() {
                StageProjection::Loading => {
                    let Some(load) = this.load else {
                        return Poll::Pending;
                    };
                    let loaded = ready!(load.loading.as_mut().poll(context));
                    let Some(mut load) = this.load.take() else {
                        return Poll::Pending;
                    };
                    if let Err(error) = loaded {
                        return Poll::Ready(Ok(refused(this.guard, &error)));
                    }
                    this.stage.set(Stage::Running { inner: load.service.call(load.request) });
                }
                StageProjection::Running { inner } => {
                    let response = match ready!(inner.poll(context)) {
                        Ok(response) => response,
                        Err(error) => {
                            *this.guard = Guard(None);
                            return Poll::Ready(Err(error));
                        }
                    };
                    let Some(handle) = &this.guard.0 else {
                        return Poll::Ready(Ok(response));
                    };
                    match handle.close(outcome(handle, &response)) {
                        Closing::Done(closed) => {
                            return Poll::Ready(Ok(answer(this.guard, &closed, response)));
                        }
                        Closing::Waiting(commit) => {
                            this.stage.set(Stage::Committing { commit, response: Some(response) });
                        }
                    }
                }
                StageProjection::Committing { commit, response } => {
                    let closed = ready!(commit.as_mut().poll(context));
                    let Some(response) = response.take() else {
                        return Poll::Pending;
                    };
                    return Poll::Ready(Ok(answer(this.guard, &closed, response)));
                }
            }
        }
    }
}

fn outcome<R>(handle: &SessionHandle, response: &Response<R>) -> Outcome {
    let commits = handle.host::<layer::Request>().is_some_and(|request| request.settings.commits(response.status()));
    if commits { Outcome::Success } else { Outcome::Failure }
}

/// The session could not be loaded, and the handler does not run.
fn refused<R: From<Bytes>>(guard: &mut Guard, error: &SessionError) -> Response<R> {
    let handle = guard.0.take();
    let request = handle.as_ref().and_then(SessionHandle::host::<layer::Request>);
    render(error, request.and_then(layer::Request::on_error))
}

/// The head of the response, with what it says about the session.
fn answer<R: From<Bytes>>(guard: &mut Guard, closed: &Closed, response: Response<R>) -> Response<R> {
    let Some(handle) = guard.0.take() else {
        return response;
    };
    let Some(request) = handle.host::<layer::Request>() else {
        return response;
    };
    let mut response = match &closed.error {
        Some(error) => {
            let events = &request.settings.policy.events;
            events.tell(&Event::commit_failed(closed.session, error));
            render(error, request.on_error())
        }
        None => response,
    };
    let settings = &request.settings;
    let policy = &settings.policy;
    if let Some(cookie) = settings.cookie.write(&closed.cookie, &*policy.backend, || policy.clock.now()) {
        headers::set_cookie(response.headers_mut(), cookie);
    }
    if closed.was_read {
        headers::vary_by_cookie(response.headers_mut());
    }
    response
}

impl<S: Service<Request<B>>, B> fmt::Debug for ResponseFuture<S, B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseFuture").finish_non_exhaustive()
    }
}
