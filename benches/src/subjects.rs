//! The subjects: one file each, all with the same routes.

mod axum_session;
mod jars;
mod noop;
pub(crate) mod ours;
mod plain;
mod tower_sessions;

use crate::{Place, Result, Site, case::Case};
use axum::{
    Router,
    routing::{MethodRouter, get},
};

/// What is measured: an axum application, with or without a layer.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// Where it keeps its sessions.
    pub(crate) place: Place,
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
}

pub(crate) const SUBJECTS: [&Subject; 12] = [
    &plain::SUBJECT,
    &noop::SUBJECT,
    &ours::JSON,
    &ours::BINCODE,
    &tower_sessions::MEMORY,
    &axum_session::SUBJECT,
    &ours::SEALED,
    &ours::SEALED_SHORT_NAMES,
    &ours::SEALED_COMPRESSED,
    &jars::private::SUBJECT,
    &ours::SIGNED,
    &jars::signed::SUBJECT,
];

/// Those whose sessions a Redis server keeps. They, and those below, are measured over HTTP only: most of what they cost is sockets.
pub(crate) const IN_REDIS: [&Subject; 3] = [&ours::REDIS, &ours::REDIS_NEAR_CACHE, &tower_sessions::REDIS];

/// Those whose sessions a database keeps.
pub(crate) const IN_SQL: [&Subject; 6] = [
    &ours::SQLITE,
    &tower_sessions::SQLITE,
    &ours::POSTGRES,
    &tower_sessions::POSTGRES,
    &ours::MARIADB,
    &tower_sessions::MARIADB,
];

/// Those that are measured over HTTP, in groups that take turns: what a database still does in its background slows no other group down.
pub(crate) fn over_http() -> [Vec<&'static Subject>; 2] {
    [
        [&[&plain::SUBJECT, &ours::JSON, &tower_sessions::MEMORY][..], &IN_REDIS].concat(),
        [&[&plain::SUBJECT][..], &IN_SQL].concat(),
    ]
}

pub(crate) fn by_name(name: &str) -> Option<&'static Subject> {
    SUBJECTS.into_iter().chain(IN_REDIS).chain(IN_SQL).find(|subject| subject.name == name)
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
