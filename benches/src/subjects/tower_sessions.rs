//! tower-sessions, with each of its stores: a key per field.

use axum::Router;
use tower_sessions::MemoryStore;

use super::{SetsCookie, Subject};
use crate::{Place, Result, Site, stores::tower_sessions as stores};

/// The application, for one version of tower-sessions.
macro_rules! application {
    ($tower_sessions:ident) => {
        use std::hint::black_box;

        use axum::{
            Router,
            http::StatusCode,
            response::{IntoResponse, Response},
            routing::get,
        };
        use $tower_sessions::{Session, SessionManagerLayer, SessionStore, session::Error};

        use crate::{
            payload::{COUNTER, LOCALE, NAME, ROLES, SEEN_AT, TEXT, TOKEN, USER_ID},
            subjects::{BODY, Handlers},
        };

        pub(super) fn router(store: impl SessionStore + Clone) -> Router {
            Handlers { read: get(read), add_one: get(add_one), create: get(create), counter: get(counter) }
                .into_router()
                .layer(SessionManagerLayer::new(store))
        }

        async fn read(session: Session) -> Result<&'static str, Answer> {
            black_box(session.get::<u64>("user_id").await?);
            Ok(BODY)
        }

        async fn add_one(session: Session) -> Result<&'static str, Answer> {
            let counter = session.get::<u64>("counter").await?.unwrap_or_default();
            session.insert("counter", counter + 1).await?;
            Ok(BODY)
        }

        async fn create(session: Session) -> Result<&'static str, Answer> {
            session.insert("user_id", USER_ID).await?;
            session.insert("name", NAME).await?;
            session.insert("roles", ROLES).await?;
            session.insert("counter", COUNTER).await?;
            session.insert("text", TEXT).await?;
            session.insert("locale", LOCALE).await?;
            session.insert("token", TOKEN).await?;
            session.insert("seen_at", SEEN_AT).await?;
            Ok(BODY)
        }

        async fn counter(session: Session) -> Result<String, Answer> {
            Ok(session.get::<u64>("counter").await?.unwrap_or_default().to_string())
        }

        /// A failure as axum answers it.
        struct Answer(Error);

        impl From<Error> for Answer {
            fn from(error: Error) -> Answer {
                Answer(error)
            }
        }

        impl IntoResponse for Answer {
            fn into_response(self) -> Response {
                (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
            }
        }
    };
}

mod newest {
    //! The newest version.
    application!(tower_sessions);
}

mod of_stores {
    //! The version that the stores for servers take.
    application!(tower_sessions_of_stores);
}

pub(super) const MEMORY: Subject =
    subject("tower-sessions", Place::Process, |_| Ok(newest::router(MemoryStore::default())));

pub(super) const REDIS: Subject =
    subject("tower-sessions-redis", Place::Redis, |site| Ok(of_stores::router(stores::redis(site)?)));

pub(super) const SQLITE: Subject =
    subject("tower-sessions-sqlite", Place::Sqlite, |site| Ok(of_stores::router(stores::sqlite(site)?)));

pub(super) const POSTGRES: Subject =
    subject("tower-sessions-postgres", Place::Postgres, |site| Ok(of_stores::router(stores::postgres(site)?)));

pub(super) const MARIADB: Subject =
    subject("tower-sessions-mariadb", Place::MariaDb, |site| Ok(of_stores::router(stores::mariadb(site)?)));

const fn subject(name: &'static str, place: Place, router: fn(Site<'_>) -> Result<Router>) -> Subject {
    Subject { name, place, sets_cookie: SetsCookie::WhenNeeded, router }
}
