//! `axum_session` in memory, without a database: a key per field.

use std::hint::black_box;

use axum::{Router, routing::get};
use axum_session::{SessionConfig, SessionLayer, SessionNullPool, SessionNullSession, SessionStore};

use super::{BODY, Handlers, SetsCookie, Subject};
use crate::{
    Place, Result,
    payload::{COUNTER, LOCALE, NAME, ROLES, SEEN_AT, TEXT, TOKEN, USER_ID},
    site::Site,
};

pub(super) const SUBJECT: Subject =
    Subject { name: "axum_session", place: Place::Process, sets_cookie: SetsCookie::Always, router };

fn router(site: Site<'_>) -> Result<Router> {
    let store = SessionStore::<SessionNullPool>::new(None, SessionConfig::default());
    let layer = SessionLayer::new(site.runtime.block_on(store)?);
    let router = Handlers { read: get(read), add_one: get(add_one), create: get(create), counter: get(counter) }
        .into_router()
        .layer(layer);
    Ok(router)
}

async fn read(session: SessionNullSession) -> &'static str {
    black_box(session.get::<u64>("user_id"));
    BODY
}

async fn add_one(session: SessionNullSession) -> &'static str {
    let counter = session.get::<u64>("counter").unwrap_or_default();
    session.set("counter", counter + 1);
    BODY
}

async fn create(session: SessionNullSession) -> &'static str {
    session.set("user_id", USER_ID);
    session.set("name", NAME);
    session.set("roles", ROLES);
    session.set("counter", COUNTER);
    session.set("text", TEXT);
    session.set("locale", LOCALE);
    session.set("token", TOKEN);
    session.set("seen_at", SEEN_AT);
    BODY
}

async fn counter(session: SessionNullSession) -> String {
    session.get::<u64>("counter").unwrap_or_default().to_string()
}
