//! This project, with each of its stores.

use axum::{Router, extract::Path, routing::get};
use session_benches::{Place, stores::ours as stores};
use session_runtime::{MemoryStore, Session, SessionLayer, SessionStore, session};

use super::{Handlers, NAME, Subject, work};
use crate::gate;

pub(super) const MEMORY: Subject =
    Subject { name: "ours, memory", place: Place::Process, router: |_| Ok(router(MemoryStore::new())) };

pub(super) const REDIS: Subject =
    Subject { name: "ours, Redis", place: Place::Redis, router: |site| Ok(router(stores::redis(site)?)) };

pub(super) const REDIS_NEAR_CACHE: Subject = Subject {
    name: "ours, Redis with near cache",
    place: Place::Redis,
    router: |site| Ok(router(stores::redis(site)?.near_cache(1_000))),
};

pub(super) const SQLITE: Subject =
    Subject { name: "ours, SQLite", place: Place::Sqlite, router: |site| Ok(router(stores::sqlite(site)?)) };

pub(super) const POSTGRES: Subject =
    Subject { name: "ours, PostgreSQL", place: Place::Postgres, router: |site| Ok(router(stores::postgres(site)?)) };

pub(super) const MARIADB: Subject =
    Subject { name: "ours, MariaDB", place: Place::MariaDb, router: |site| Ok(router(stores::mariadb(site)?)) };

fn router(store: impl SessionStore) -> Router {
    Handlers {
        sign_in: get(sign_in),
        sign_out: get(sign_out),
        user: get(user),
        slow: get(slow),
        set: get(set),
        fields: get(fields),
        add: get(add),
        counter: get(counter),
    }
    .into_router()
    .layer(SessionLayer::new(store))
}

#[derive(Session)]
struct Visitor {
    user: Option<String>,
    note: Option<String>,
    first: u64,
    second: u64,
    third: u64,
    fourth: u64,
    fifth: u64,
    sixth: u64,
    seventh: u64,
    eighth: u64,
    #[session(merge = sum)]
    counter: u64,
}

#[session(autoload)]
async fn sign_in(visitor: &mut Session<Visitor>) {
    visitor.set_user(NAME);
}

#[session(autoload)]
async fn sign_out(visitor: &mut Session<Visitor>) {
    visitor.destroy();
}

#[session(autoload)]
async fn user(visitor: &Session<Visitor>) -> String {
    visitor.user().cloned().unwrap_or_default()
}

#[session(autoload)]
async fn slow(visitor: &mut Session<Visitor>) {
    let note = format!("written for {}", visitor.user().map_or("nobody", String::as_str));
    gate::pass().await;
    visitor.set_note(note);
}

#[session(autoload)]
async fn set(visitor: &mut Session<Visitor>, Path((field, value)): Path<(usize, u64)>) {
    work().await;
    match field {
        0 => visitor.set_first(value),
        1 => visitor.set_second(value),
        2 => visitor.set_third(value),
        3 => visitor.set_fourth(value),
        4 => visitor.set_fifth(value),
        5 => visitor.set_sixth(value),
        6 => visitor.set_seventh(value),
        _ => visitor.set_eighth(value),
    }
}

#[session(autoload)]
async fn fields(visitor: &Session<Visitor>) -> String {
    let fields = [
        visitor.first(),
        visitor.second(),
        visitor.third(),
        visitor.fourth(),
        visitor.fifth(),
        visitor.sixth(),
        visitor.seventh(),
        visitor.eighth(),
    ];
    fields.map(|field| field.to_string()).join(" ")
}

#[session(autoload)]
async fn add(visitor: &mut Session<Visitor>) {
    let counter = visitor.counter();
    work().await;
    visitor.set_counter(counter + 1);
}

#[session(autoload)]
async fn counter(visitor: &Session<Visitor>) -> String {
    visitor.counter().to_string()
}
