//! The application: sign-ins with and without a limit, and the list.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::Path,
    http::{HeaderValue, Request, header::COOKIE},
    response::Response,
    routing::get,
};
use session_runtime::{Clock, Evict, Session, SessionLayer, SessionRegistry, session, store::SessionStore};
use tower::ServiceExt as _;

use super::people::{self, MOST};
use crate::{
    Result,
    client::cookie,
    payload::{LOCALE, NAME, ROLES, SEEN_AT},
};

const SIGN_IN: &str = "/sign-in/";
const SIGN_OUT: &str = "/sign-out";

#[derive(Session)]
struct Account {
    #[session(principal)]
    user: Option<String>,
    name: String,
    roles: Vec<String>,
    locale: String,
    seen_at: i64,
}

/// What is measured.
#[derive(Clone, Copy)]
pub(super) enum Act {
    /// `registry.sessions_of(user)`.
    List,
    /// `registry.count(user)`.
    Count,
    /// A request that signs somebody in who has no session yet.
    SignIn,
    /// The same under `.limit(10, Evict::Oldest)`.
    SignInUnderLimit,
}

/// Two applications over one store, of which the second has a limit.
pub(super) struct App {
    free: Router,
    limited: Router,
    registry: SessionRegistry,
    clock: Clock,
}

/// What an act leaves behind: the cookie of a session that was not there before.
pub(super) struct Left(Option<HeaderValue>);

impl App {
    pub(super) fn over<S: SessionStore>(store: &Arc<S>) -> App {
        let clock = Clock::manual();
        let sessions = || SessionLayer::new(store.clone()).clock(clock.clone());
        let routes = || Router::new().route(&format!("{SIGN_IN}{{user}}"), get(sign_in)).route(SIGN_OUT, get(sign_out));
        App {
            free: routes().layer(sessions()).with_state(()),
            limited: routes().layer(sessions().limit(MOST, Evict::Oldest)).with_state(()),
            registry: sessions().registry(),
            clock,
        }
    }

    /// Signs the first family in.
    pub(super) async fn begin(&self) -> Result<()> {
        for (user, held) in people::of_a_family().enumerate() {
            for _ in 0..held {
                self.perform(Act::SignIn, &people::name(0, user), held).await?;
            }
        }
        Ok(())
    }

    /// Does it once, for a user who has so many sessions.
    pub(super) async fn perform(&self, act: Act, user: &str, held: usize) -> Result<Left> {
        match act {
            Act::List => check(user, self.registry.sessions_of(user).await?.len(), held),
            Act::Count => check(user, self.registry.count(user).await?, held),
            Act::SignIn => signed_in(&self.free, user).await,
            Act::SignInUnderLimit => signed_in(&self.limited, user).await,
        }
    }

    /// Takes away what is one session too many, and looks whether there are as many as before.
    pub(super) async fn tidy(&self, left: Left, user: &str, held: usize) -> Result<()> {
        let Left(Some(cookie)) = left else { return Ok(()) };
        // Who signs in next does so later: among those of one millisecond it is not the oldest that a limit ends.
        self.clock.advance(Duration::from_millis(1));
        if held < MOST {
            let mut request = request(SIGN_OUT);
            request.headers_mut().insert(COOKIE, cookie);
            answer(&self.free, request).await?;
        }
        self.perform(Act::Count, user, held).await.map(drop)
    }
}

#[session(autoload)]
async fn sign_in(Path(user): Path<String>, account: &mut Session<Account>) {
    account.set_user(user);
    account.set_name(NAME);
    account.set_roles(ROLES.map(str::to_owned));
    account.set_locale(LOCALE);
    account.set_seen_at(SEEN_AT);
    account.describe("Firefox on Linux");
}

#[session(autoload)]
async fn sign_out(account: &mut Session<Account>) {
    account.destroy();
}

async fn signed_in(router: &Router, user: &str) -> Result<Left> {
    let response = answer(router, request(&format!("{SIGN_IN}{user}"))).await?;
    Ok(Left(Some(cookie(response.headers())?)))
}

fn check(user: &str, found: usize, held: usize) -> Result<Left> {
    if found == held {
        Ok(Left(None))
    } else {
        Err(format!("{user} has {held} sessions, but {found} were found").into())
    }
}

fn request(path: &str) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().expect("a path");
    request
}

async fn answer(router: &Router, request: Request<Body>) -> Result<Response> {
    let path = request.uri().clone();
    let Ok(response) = router.clone().oneshot(request).await;
    if response.status().is_success() {
        Ok(response)
    } else {
        Err(format!("{path} answers {}", response.status()).into())
    }
}
