//! tower-sessions, with each of its stores: a key per field.

use tower_sessions_redis_store::{
    RedisStore,
    fred::prelude::{ClientLike, Config, Pool},
};

use crate::{Result, site::Site};

/// The same subject with another store, which may be one for another version of tower-sessions.
macro_rules! subject {
    ($name:literal, $tower_sessions:ident, |$site:pat_param| $store:expr) => {
        use std::hint::black_box;

        use axum::{
            http::StatusCode,
            response::{IntoResponse, Response},
            routing::get,
        };
        use $tower_sessions::{Session, SessionManagerLayer, session::Error};

        use crate::{
            payload::{COUNTER, LOCALE, NAME, ROLES, SEEN_AT, TEXT, TOKEN, USER_ID},
            subjects::{BODY, Handlers, SetsCookie, Subject},
        };

        pub(in crate::subjects) const SUBJECT: Subject = Subject {
            name: $name,
            sets_cookie: SetsCookie::WhenNeeded,
            router: |$site| {
                let layer = SessionManagerLayer::new($store);
                let router =
                    Handlers { read: get(read), add_one: get(add_one), create: get(create), counter: get(counter) }
                        .into_router()
                        .layer(layer);
                Ok(router)
            },
        };

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

pub(super) mod memory {
    //! In memory.
    use tower_sessions::MemoryStore;
    subject!("tower-sessions", tower_sessions, |_| MemoryStore::default());
}

pub(super) mod redis {
    //! In Redis.
    subject!("tower-sessions-redis", tower_sessions_of_stores, |site| super::redis(site)?);
}

/// As its documentation has it: six connections.
fn redis(site: Site<'_>) -> Result<RedisStore<Pool>> {
    let pool = Pool::new(Config::from_url(site.redis()?)?, None, None, None, 6)?;
    site.runtime.block_on(pool.init())?;
    Ok(RedisStore::new(pool))
}
