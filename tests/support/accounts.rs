//! Users who sign in, over any way to keep sessions on a server, and what is known of their sessions.

use std::ops::Deref;
use std::sync::{Arc, Mutex};

use axum::http::StatusCode;
use session_runtime::{EventKind, Key, Session, SessionEntry, SessionHandle, SessionLayer, SessionRegistry};

use super::{Answer, Keeping, Kept, Visitor, load};

/// A session of whoever signs in.
#[derive(Session)]
pub struct Account {
    #[session(principal)]
    pub user: Option<u32>,
    pub cart: u32,
}

/// The test application, whose users sign in to an [`Account`].
pub struct Accounts {
    kept: Kept,
    pub registry: SessionRegistry,
    pub heard: Heard,
}

/// What is told of sessions; clones hear the same.
#[derive(Clone, Default)]
pub struct Heard(Arc<Mutex<Vec<Told>>>);

/// What happened, and the fingerprint of the session that it happened to.
pub type Told = (EventKind, Option<String>);

impl Accounts {
    /// The application as it is.
    pub fn new(keeping: Keeping) -> Self {
        Self::with(keeping, |layer| layer)
    }

    /// The application, its layer configured.
    pub fn with(keeping: Keeping, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        Self::of(configure, |configured| Kept::with(keeping, configured))
    }

    /// The same users, time and store, where the application was started again with this configuration; nobody's browser is the same.
    #[must_use]
    pub fn restarted(&self, configure: impl FnOnce(SessionLayer) -> SessionLayer) -> Self {
        Self::of(configure, |configured| self.kept.restarted(Key::generate().expect("random bytes"), configured))
    }

    fn of(
        configure: impl FnOnce(SessionLayer) -> SessionLayer,
        keep: impl FnOnce(&mut dyn FnMut(SessionLayer) -> SessionLayer) -> Kept,
    ) -> Self {
        let (heard, mut registry, mut configure) = (Heard::default(), None, Some(configure));
        let kept = keep(&mut |layer| {
            let layer = heard.listens(configure.take().expect("one layer")(layer));
            registry = Some(layer.registry());
            layer
        });
        Self { kept, registry: registry.expect("a registry"), heard }
    }

    /// A browser in which this user has signed in.
    pub async fn signed_in(&self, user: u32) -> Visitor {
        let mut visitor = self.another();
        let answer = visitor.sign_in(user).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        visitor
    }

    /// The sessions of a user, the last used first.
    pub async fn sessions(&self, user: u32) -> Vec<SessionEntry> {
        self.registry.sessions_of(user).await.expect("an answer")
    }

    /// How many sessions a user has.
    pub async fn count(&self, user: u32) -> usize {
        self.registry.count(user).await.expect("an answer")
    }

    /// The handle of a user's only session.
    pub async fn only_handle(&self, user: u32) -> String {
        match &self.sessions(user).await[..] {
            [only] => only.handle().to_owned(),
            several => panic!("{} sessions", several.len()),
        }
    }
}

impl Deref for Accounts {
    type Target = Kept;

    fn deref(&self) -> &Kept {
        &self.kept
    }
}

impl Visitor {
    /// A request that signs this user in, and does nothing else.
    pub async fn sign_in(&mut self, user: u32) -> Answer {
        self.visit::<Account>(move |account| account.set_user(user)).await
    }

    /// A request that puts so much into the cart.
    pub async fn fill(&mut self, cart: u32) -> Answer {
        self.visit::<Account>(move |account| account.set_cart(cart)).await
    }

    /// What a request sees: `7, 2 in the cart`, or `nobody, 0 in the cart`.
    pub async fn sees(&mut self) -> String {
        let show = async |handle: SessionHandle| {
            let account = load::<Account>(&handle).await;
            let user = account.user().map_or_else(|| "nobody".to_owned(), |user| user.to_string());
            format!("{user}, {} in the cart", account.cart())
        };
        self.act(show).await.text().to_owned()
    }
}

impl Heard {
    /// The layer, told to tell.
    pub fn listens(&self, layer: SessionLayer) -> SessionLayer {
        let heard = self.clone();
        layer.on_event(move |event| {
            heard.0.lock().expect("not poisoned").push((event.kind(), event.fingerprint()));
        })
    }

    /// What was told since the last time that this was asked, such as `loaded, lost`.
    pub fn told(&self) -> String {
        let told: Vec<_> = self.take().into_iter().map(|(kind, _)| kind.name()).collect();
        told.join(", ")
    }

    /// The same, with the sessions that it was told of.
    pub fn take(&self) -> Vec<Told> {
        std::mem::take(&mut *self.0.lock().expect("not poisoned"))
    }
}
