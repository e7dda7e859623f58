//! The subjects: one file each, all with the same routes.

mod ours;
mod tower_sessions;

use std::time::Duration;

use axum::{Router, routing::MethodRouter};
use tokio::time::sleep;

use session_benches::{Place, Result, Site};

/// What takes part: an application and where it keeps its sessions.
pub(super) struct Subject {
    pub(super) name: &'static str,
    pub(super) place: Place,
    pub(super) router: fn(Site<'_>) -> Result<Router>,
}

impl Subject {
    /// How many servers it is run with, one run each: more than one where processes can share the store.
    pub(super) fn processes(&self) -> &'static [usize] {
        if self.place == Place::Process { &[1] } else { &[1, 2] }
    }
}

pub(super) const SUBJECTS: [&Subject; 11] = [
    &ours::MEMORY,
    &ours::REDIS,
    &ours::REDIS_NEAR_CACHE,
    &ours::SQLITE,
    &ours::POSTGRES,
    &ours::MARIADB,
    &tower_sessions::MEMORY,
    &tower_sessions::REDIS,
    &tower_sessions::SQLITE,
    &tower_sessions::POSTGRES,
    &tower_sessions::MARIADB,
];

pub(super) fn by_name(name: &str) -> Result<&'static Subject> {
    let found = SUBJECTS.into_iter().find(|subject| subject.name == name);
    found.ok_or_else(|| format!("no subject `{name}`").into())
}

pub(super) const SIGN_IN_PATH: &str = "/sign-in";
pub(super) const SIGN_OUT_PATH: &str = "/sign-out";
pub(super) const USER_PATH: &str = "/user";
pub(super) const SLOW_PATH: &str = "/slow";
pub(super) const FIELDS_PATH: &str = "/fields";
pub(super) const ADD_PATH: &str = "/add";
pub(super) const COUNTER_PATH: &str = "/counter";

/// Who signs in.
pub(super) const NAME: &str = "Ada";

/// A subject's handlers, by the request that they answer.
struct Handlers {
    sign_in: MethodRouter,
    sign_out: MethodRouter,
    /// Who is signed in.
    user: MethodRouter,
    /// Reads, waits at the gate, and writes.
    slow: MethodRouter,
    /// Writes a number into a field.
    set: MethodRouter,
    /// All fields, with spaces between them.
    fields: MethodRouter,
    add: MethodRouter,
    counter: MethodRouter,
}

impl Handlers {
    fn into_router(self) -> Router {
        Router::new()
            .route(SIGN_IN_PATH, self.sign_in)
            .route(SIGN_OUT_PATH, self.sign_out)
            .route(USER_PATH, self.user)
            .route(SLOW_PATH, self.slow)
            .route("/set/{field}/{value}", self.set)
            .route(FIELDS_PATH, self.fields)
            .route(ADD_PATH, self.add)
            .route(COUNTER_PATH, self.counter)
    }
}

/// What a handler does between reading and writing: most of them ask a database.
async fn work() {
    sleep(Duration::from_millis(5)).await;
}
