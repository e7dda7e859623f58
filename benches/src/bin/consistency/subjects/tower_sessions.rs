//! tower-sessions, with each of its stores: a key per field.

use session_benches::{Place, stores::tower_sessions as stores};
use tower_sessions::MemoryStore;

use super::Subject;

/// The application, for one version of tower-sessions.
macro_rules! application {
    ($tower_sessions:ident) => {
        use axum::{
            Router,
            extract::Path,
            http::StatusCode,
            response::{IntoResponse, Response},
            routing::get,
        };
        use $tower_sessions::{Session, SessionManagerLayer, SessionStore, session::Error};

        use super::key;
        use crate::{
            fields::FIELDS,
            gate,
            subjects::{Handlers, NAME, work},
        };

        pub(super) fn router(store: impl SessionStore + Clone) -> Router {
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
            .layer(SessionManagerLayer::new(store))
        }

        async fn sign_in(session: Session) -> Result<(), Failed> {
            Ok(session.insert("user", NAME).await?)
        }

        async fn sign_out(session: Session) -> Result<(), Failed> {
            Ok(session.flush().await?)
        }

        async fn user(session: Session) -> Result<String, Failed> {
            Ok(session.get("user").await?.unwrap_or_default())
        }

        async fn slow(session: Session) -> Result<(), Failed> {
            let user: Option<String> = session.get("user").await?;
            let note = format!("written for {}", user.as_deref().unwrap_or("nobody"));
            gate::pass().await;
            Ok(session.insert("note", note).await?)
        }

        async fn set(session: Session, Path((field, value)): Path<(usize, u64)>) -> Result<(), Failed> {
            let _before: Option<u64> = session.get(&key(field)).await?;
            work().await;
            Ok(session.insert(&key(field), value).await?)
        }

        async fn fields(session: Session) -> Result<String, Failed> {
            let mut fields = Vec::new();
            for field in 0..FIELDS {
                let value: Option<u64> = session.get(&key(field)).await?;
                fields.push(value.unwrap_or_default().to_string());
            }
            Ok(fields.join(" "))
        }

        async fn add(session: Session) -> Result<(), Failed> {
            let counter: Option<u64> = session.get("counter").await?;
            work().await;
            Ok(session.insert("counter", counter.unwrap_or_default() + 1).await?)
        }

        async fn counter(session: Session) -> Result<String, Failed> {
            let counter: Option<u64> = session.get("counter").await?;
            Ok(counter.unwrap_or_default().to_string())
        }

        /// A failure as axum answers it.
        struct Failed(Error);

        impl From<Error> for Failed {
            fn from(error: Error) -> Failed {
                Failed(error)
            }
        }

        impl IntoResponse for Failed {
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

pub(super) const MEMORY: Subject = Subject {
    name: "tower-sessions, memory",
    place: Place::Process,
    router: |_| Ok(newest::router(MemoryStore::default())),
};

pub(super) const REDIS: Subject = Subject {
    name: "tower-sessions, Redis",
    place: Place::Redis,
    router: |site| Ok(of_stores::router(stores::redis(site)?)),
};

pub(super) const SQLITE: Subject = Subject {
    name: "tower-sessions, SQLite",
    place: Place::Sqlite,
    router: |site| Ok(of_stores::router(stores::sqlite(site)?)),
};

pub(super) const POSTGRES: Subject = Subject {
    name: "tower-sessions, PostgreSQL",
    place: Place::Postgres,
    router: |site| Ok(of_stores::router(stores::postgres(site)?)),
};

pub(super) const MARIADB: Subject = Subject {
    name: "tower-sessions, MariaDB",
    place: Place::MariaDb,
    router: |site| Ok(of_stores::router(stores::mariadb(site)?)),
};

fn key(field: usize) -> String {
    format!("field {field}")
}
