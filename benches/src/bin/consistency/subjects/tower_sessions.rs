//! tower-sessions, with each of its stores: a key per field.

use session_benches::{Result, Site};
use tower_sessions_redis_store::{
    RedisStore,
    fred::prelude::{ClientLike, Config, Pool},
};

/// The same subject with another store, which may be one for another version of tower-sessions.
macro_rules! subject {
    ($name:literal, $processes:expr, $tower_sessions:ident, |$site:pat_param| $store:expr) => {
        use axum::{
            extract::Path,
            http::StatusCode,
            response::{IntoResponse, Response},
            routing::get,
        };
        use $tower_sessions::{Session, SessionManagerLayer, session::Error};

        use super::key;
        use crate::{
            fields::FIELDS,
            gate,
            subjects::{Handlers, NAME, Subject, work},
        };

        pub(in crate::subjects) const SUBJECT: Subject = Subject {
            name: $name,
            processes: $processes,
            router: |$site| {
                let layer = SessionManagerLayer::new($store);
                let router = Handlers {
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
                .layer(layer);
                Ok(router)
            },
        };

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

pub(super) mod memory {
    //! In memory.
    use tower_sessions::MemoryStore;
    subject!("tower-sessions, memory", &[1], tower_sessions, |_| MemoryStore::default());
}

pub(super) mod redis {
    //! In Redis.
    subject!("tower-sessions, Redis", &[1, 2], tower_sessions_of_stores, |site| super::redis(site)?);
}

/// As its documentation has it: six connections.
fn redis(site: Site<'_>) -> Result<RedisStore<Pool>> {
    let pool = Pool::new(Config::from_url(site.redis()?)?, None, None, None, 6)?;
    site.runtime.block_on(pool.init())?;
    Ok(RedisStore::new(pool))
}

fn key(field: usize) -> String {
    format!("field {field}")
}
