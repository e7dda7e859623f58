//! This project: with its memory store, once with each serializer, with Redis and with databases, and with the session in the cookie.

use axum::Router;
use session_runtime::{CookieStore, Key, MemoryStore};

use super::{SetsCookie, Subject};
use crate::{Place, Result, Site, stores::ours as stores};

/// The application, with another serializer or shorter names.
macro_rules! application {
    (
        $(#[$serializer:meta])?
        $(names: $user_id:literal $user:literal $roles:literal $counter:literal
            $text:literal $locale:literal $token:literal $seen_at:literal)?
    ) => {
        use std::hint::black_box;

        use axum::{Router, routing::get};
        use session_runtime::{Session, SessionLayer, backend::Backend, session};

        use crate::{
            payload::{COUNTER, LOCALE, NAME, ROLES, SEEN_AT, TEXT, TOKEN, USER_ID},
            subjects::{BODY, Handlers},
        };

        pub(crate) fn router(store: impl Backend) -> Router {
            Handlers { read: get(read), add_one: get(add_one), create: get(create), counter: get(counter) }
                .into_router()
                .layer(SessionLayer::new(store))
        }

        #[derive(Session)]
        $(#[$serializer])?
        struct Payload {
            $(#[session(rename = $user_id)])?
            user_id: u64,
            $(#[session(rename = $user)])?
            name: String,
            $(#[session(rename = $roles)])?
            roles: Vec<String>,
            $(#[session(rename = $counter)])?
            counter: u64,
            $(#[session(rename = $text)])?
            text: String,
            $(#[session(rename = $locale)])?
            locale: String,
            $(#[session(rename = $token)])?
            token: String,
            $(#[session(rename = $seen_at)])?
            seen_at: i64,
        }

        #[session(autoload)]
        async fn read(session: &Session<Payload>) -> &'static str {
            black_box(session.user_id());
            BODY
        }

        #[session(autoload)]
        async fn add_one(session: &mut Session<Payload>) -> &'static str {
            *session.counter_mut() += 1;
            BODY
        }

        #[session(autoload)]
        async fn create(session: &mut Session<Payload>) -> &'static str {
            session.set_user_id(USER_ID);
            session.set_name(NAME);
            session.set_roles(ROLES.map(str::to_owned));
            session.set_counter(COUNTER);
            session.set_text(TEXT);
            session.set_locale(LOCALE);
            session.set_token(TOKEN);
            session.set_seen_at(SEEN_AT);
            BODY
        }

        #[session(autoload)]
        async fn counter(session: &Session<Payload>) -> String {
            session.counter().to_string()
        }
    };
}

pub(crate) mod json {
    //! Values as JSON, the default.
    application!();
}

mod bincode {
    //! Values as Bincode.
    use session_runtime::Bincode;
    application!(#[session(serializer = Bincode)]);
}

mod short_names {
    //! Values as Bincode, each under a name of one letter.
    use session_runtime::Bincode;
    application!(#[session(serializer = Bincode)] names: "u" "n" "r" "c" "t" "l" "k" "s");
}

pub(super) const JSON: Subject = on_server("ours", Place::Process, |_| Ok(json::router(MemoryStore::new())));

pub(super) const BINCODE: Subject =
    on_server("ours-bincode", Place::Process, |_| Ok(bincode::router(MemoryStore::new())));

pub(super) const REDIS: Subject = on_server("ours-redis", Place::Redis, |site| Ok(json::router(stores::redis(site)?)));

pub(super) const REDIS_NEAR_CACHE: Subject = on_server("ours-redis-near-cache", Place::Redis, |site| {
    Ok(json::router(stores::redis(site)?.key_prefix("near:").near_cache(1_000)))
});

pub(super) const SQLITE: Subject =
    on_server("ours-sqlite", Place::Sqlite, |site| Ok(json::router(stores::sqlite(site)?)));

pub(super) const POSTGRES: Subject =
    on_server("ours-postgres", Place::Postgres, |site| Ok(json::router(stores::postgres(site)?)));

pub(super) const MARIADB: Subject =
    on_server("ours-mariadb", Place::MariaDb, |site| Ok(json::router(stores::mariadb(site)?)));

pub(super) const SEALED: Subject = in_cookie("ours-sealed", |_| Ok(bincode::router(CookieStore::new(key()))));

pub(super) const SEALED_SHORT_NAMES: Subject =
    in_cookie("ours-sealed-short", |_| Ok(short_names::router(CookieStore::new(key()))));

pub(super) const SEALED_COMPRESSED: Subject =
    in_cookie("ours-sealed-compressed", |_| Ok(bincode::router(CookieStore::new(key()).compress(32))));

pub(super) const SIGNED: Subject = in_cookie("ours-signed", |_| Ok(bincode::router(CookieStore::signed(key()))));

const fn on_server(name: &'static str, place: Place, router: fn(Site<'_>) -> Result<Router>) -> Subject {
    Subject { name, place, sets_cookie: SetsCookie::WhenNeeded, router }
}

const fn in_cookie(name: &'static str, router: fn(Site<'_>) -> Result<Router>) -> Subject {
    Subject { name, place: Place::Process, sets_cookie: SetsCookie::WithEveryChange, router }
}

fn key() -> Key {
    Key::from_bytes([7; Key::MIN_LEN]).expect("long enough")
}
