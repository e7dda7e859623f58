//! The test application over a database of its own, and a look at what it keeps there.

use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use session_runtime::store::SqlStore;
use session_runtime::{Clock, SessionLayer};
use session_tests::{Visitor, routes};

use super::{Database, Own};

/// A visitor of the test application, whose sessions are in a database that nobody else uses.
pub(crate) struct Visited<DB: Database> {
    visitor: Visitor,
    app: Router,
    pub(crate) own: Own<DB>,
    pub(crate) store: SqlStore<DB>,
    pub(crate) clock: Clock,
}

impl<DB: Database> Visited<DB> {
    /// The application as it is.
    pub(crate) async fn new() -> Self {
        Self::with(|layer| layer).await
    }

    /// The application, its layer configured.
    pub(crate) async fn with(configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        Self::over(Own::new(), configure).await
    }

    /// The application, over a database that is there.
    pub(crate) async fn over(own: Own<DB>, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        let clock = Clock::manual();
        let store = own.store().await.clock(clock.clone());
        let layer = configure(SessionLayer::new(Arc::new(store.clone())).clock(clock.clone()));
        let app = routes().merge(Visitor::routes()).layer(layer);
        Self { visitor: Visitor::to(app.clone()), app, own, store, clock }
    }

    /// Another browser, without a cookie.
    pub(crate) fn other(&self) -> Visitor {
        Visitor::to(self.app.clone())
    }

    /// Lets time pass, though not for the database.
    pub(crate) fn wait(&self, span: Duration) {
        self.clock.advance(span);
    }
}

impl<DB: Database> Deref for Visited<DB> {
    type Target = Visitor;

    fn deref(&self) -> &Visitor {
        &self.visitor
    }
}

impl<DB: Database> DerefMut for Visited<DB> {
    fn deref_mut(&mut self) -> &mut Visitor {
        &mut self.visitor
    }
}
