//! The request's side of a handle: its cookies, and the settings of the layer that it passed.

use std::any::Any;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header};

use super::{OnError, Settings};
use crate::handle::{Host, Policy, SessionHandle};

/// What the handle of a request knows of the world.
pub(crate) struct Request {
    pub(crate) settings: Arc<Settings>,
    /// Not parsed until somebody asks.
    first: Option<HeaderValue>,
    rest: Vec<HeaderValue>,
    /// The handle of the session layer around this one.
    outer: Option<SessionHandle>,
}

impl Request {
    pub(crate) fn new(settings: Arc<Settings>, headers: &HeaderMap, outer: Option<SessionHandle>) -> Self {
        let mut cookies = headers.get_all(header::COOKIE).iter().cloned();
        Self { settings, first: cookies.next(), rest: cookies.collect(), outer }
    }

    pub(crate) fn outer(&self) -> Option<&SessionHandle> {
        self.outer.as_ref()
    }

    pub(crate) fn on_error(&self) -> Option<&OnError> {
        self.settings.on_error.as_deref()
    }
}

impl Host for Request {
    fn policy(&self) -> &Policy {
        &self.settings.policy
    }

    fn cookie(&self) -> &str {
        self.settings.cookie.name()
    }

    fn tokens(&self, each: &mut dyn FnMut(&[u8])) {
        for header in self.first.iter().chain(&self.rest) {
            self.settings.cookie.values(header.as_bytes()).for_each(&mut *each);
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
