//! Extractors and rejections for axum: the only place that names it.

use std::fmt;

pub use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use bytes::Bytes;
pub use http::request::Parts;

use crate::error::{Chain, SessionError};
use crate::handle::SessionHandle;
use crate::layer::{Request, render};
use crate::registry::SessionRegistry;
use crate::schema::TypedSession;

/// Why a handler did not get its session: the layer's `on_error` renders it, or a plain 503, 403 or 500.
pub struct Rejection {
    error: SessionError,
    handle: Option<SessionHandle>,
}

impl Rejection {
    /// What went wrong.
    pub fn error(&self) -> &SessionError {
        &self.error
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rejection").field("error", &self.error).finish_non_exhaustive()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.source()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let on_error = self.handle.as_ref().and_then(SessionHandle::host::<Request>).and_then(Request::on_error);
        render::<Bytes>(&self.error, on_error).map(Into::into)
    }
}

/// For handlers and middlewares that use `?`: a plain answer, since an error that left its session knows no `on_error`.
impl From<SessionError> for Rejection {
    fn from(error: SessionError) -> Self {
        Self { error, handle: None }
    }
}

/// As a [`Rejection`] of it: 403 where [`is_not_recent`](SessionError::is_not_recent) or [`is_limit_reached`](SessionError::is_limit_reached); else
/// traced, and 503 where [`is_unavailable`](SessionError::is_unavailable), 500 otherwise.
impl IntoResponse for SessionError {
    fn into_response(self) -> Response {
        // Of these it is for the client to do something about it.
        if !self.is_not_recent() && !self.is_limit_reached() {
            tracing::error!(error = %Chain(&self), "a handler gave up for its session");
        }
        Rejection::from(self).into_response()
    }
}

impl<S: Sync> FromRequestParts<S> for SessionHandle {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        handle(parts)
    }
}

impl<S: Sync> FromRequestParts<S> for SessionRegistry {
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Rejection> {
        let handle = handle(parts)?;
        let policy = handle.policy();
        if policy.backend.sessions().is_some() {
            return Ok(Self::new(policy.clone()));
        }
        let error = SessionError::no_index();
        tracing::error!(%error, "a handler asked for a registry of sessions");
        Err(Rejection { error, handle: Some(handle) })
    }
}

fn handle(parts: &Parts) -> Result<SessionHandle, Rejection> {
    let handle = parts.extensions.get::<SessionHandle>();
    handle.cloned().ok_or_else(|| {
        let error = SessionError::no_layer();
        tracing::error!(%error, "a handler asked for a session");
        Rejection { error, handle: None }
    })
}

/// Extracts a typed session.
///
/// # Errors
///
/// Where there is no layer, or the session could not be loaded.
pub async fn extract<T: TypedSession>(parts: &mut Parts) -> Result<T, Rejection> {
    let handle = handle(parts)?;
    let loaded = handle.load::<T::Schema>().await;
    loaded.map_err(|error| rejected(error, handle))
}

/// Extracts a typed session if there is one.
///
/// # Errors
///
/// As [`extract`].
pub async fn extract_existing<T: TypedSession>(parts: &mut Parts) -> Result<Option<T>, Rejection> {
    let handle = handle(parts)?;
    let loaded = handle.load_existing::<T::Schema>().await;
    loaded.map_err(|error| rejected(error, handle))
}

fn rejected(error: SessionError, handle: SessionHandle) -> Rejection {
    let handle = Some(handle);
    Rejection { error, handle }
}

/// Implements axum's extractors for a generated session.
#[doc(hidden)]
#[macro_export]
macro_rules! __session_extractors {
    ($session:ident) => {
        impl<S: $crate::__private::Sync> $crate::__private::FromRequestParts<S> for $session {
            type Rejection = $crate::__private::Rejection;

            fn from_request_parts(
                parts: &mut $crate::__private::Parts,
                _: &S,
            ) -> impl $crate::__private::Future<
                Output = $crate::__private::CoreResult<Self, $crate::__private::Rejection>,
            > + $crate::__private::Send {
                $crate::__private::extract(parts)
            }
        }

        impl<S: $crate::__private::Sync> $crate::__private::OptionalFromRequestParts<S> for $session {
            type Rejection = $crate::__private::Rejection;

            fn from_request_parts(
                parts: &mut $crate::__private::Parts,
                _: &S,
            ) -> impl $crate::__private::Future<
                Output = $crate::__private::CoreResult<$crate::__private::Option<Self>, $crate::__private::Rejection>,
            > + $crate::__private::Send {
                $crate::__private::extract_existing(parts)
            }
        }
    };
}
