//! The subjects: one file each, all with the same routes.

mod axum_session;
mod jars;
mod noop;
mod ours;
mod plain;
mod tower_sessions;

use crate::{Result, case::Case, site::Site};
use axum::{
    Router,
    routing::{MethodRouter, get},
};

/// What is measured: an axum application, with or without a layer.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    pub(crate) sets_cookie: SetsCookie,
    pub(crate) router: fn(Site<'_>) -> Result<Router>,
}

/// When a subject's answers carry `Set-Cookie`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetsCookie {
    /// It keeps no sessions.
    Never,
    /// When there is something to tell the browser.
    WhenNeeded,
    /// With every answer, whether the session was touched or not.
    Always,
    /// Whenever the session changed: it is kept in the cookie.
    WithEveryChange,
}

impl Subject {
    /// Whether the browser keeps the session, rather than the server.
    pub(crate) fn keeps_sessions_in_cookies(&self) -> bool {
        self.sets_cookie == SetsCookie::WithEveryChange
    }

    /// Whether a Redis server keeps the session.
    pub(crate) fn asks_redis(&self) -> bool {
        IN_REDIS.iter().any(|subject| subject.name == self.name)
    }
}

pub(crate) const SUBJECTS: [&Subject; 12] = [
    &plain::SUBJECT,
    &noop::SUBJECT,
    &ours::json::SUBJECT,
    &ours::bincode::SUBJECT,
    &tower_sessions::memory::SUBJECT,
    &axum_session::SUBJECT,
    &ours::sealed::SUBJECT,
    &ours::sealed_short_names::SUBJECT,
    &ours::sealed_compressed::SUBJECT,
    &jars::private::SUBJECT,
    &ours::signed::SUBJECT,
    &jars::signed::SUBJECT,
];

/// Those whose sessions a Redis server keeps. They are measured over HTTP only: most of what they cost is sockets.
pub(crate) const IN_REDIS: [&Subject; 3] =
    [&ours::redis::SUBJECT, &ours::redis_near_cache::SUBJECT, &tower_sessions::redis::SUBJECT];

/// Those that are measured over HTTP.
pub(crate) fn over_http() -> impl Iterator<Item = &'static Subject> {
    [&plain::SUBJECT, &ours::json::SUBJECT, &tower_sessions::memory::SUBJECT].into_iter().chain(IN_REDIS)
}

pub(crate) fn by_name(name: &str) -> Option<&'static Subject> {
    SUBJECTS.into_iter().chain(IN_REDIS).find(|subject| subject.name == name)
}

/// What every handler answers.
const BODY: &str = "ok";

/// Answers the counter as text: not measured, only there to check that the others did what they say.
pub(crate) const COUNTER_PATH: &str = "/counter";

/// A subject's handlers, by the request that they answer.
struct Handlers {
    read: MethodRouter,
    add_one: MethodRouter,
    create: MethodRouter,
    counter: MethodRouter,
}

impl Handlers {
    fn into_router(self) -> Router {
        Router::new()
            .route(Case::Untouched.path(), get(ok))
            .route(Case::Read.path(), self.read)
            .route(Case::AddOne.path(), self.add_one)
            .route(Case::Create.path(), self.create)
            .route(COUNTER_PATH, self.counter)
    }
}

async fn ok() -> &'static str {
    BODY
}
