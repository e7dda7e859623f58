//! tower-sessions with its memory store: a key per field.

use std::hint::black_box;

use axum::routing::get;
use tower_sessions::{MemoryStore, Session, SessionManagerLayer, session::Error};

use super::{BODY, Handlers, SetsCookie, Subject};
use crate::payload::{COUNTER, LOCALE, NAME, ROLES, SEEN_AT, TEXT, TOKEN, USER_ID};

pub(super) const SUBJECT: Subject = Subject {
    name: "tower-sessions",
    sets_cookie: SetsCookie::WhenNeeded,
    router: |_| {
        Handlers { read: get(read), add_one: get(add_one), create: get(create), counter: get(counter) }
            .into_router()
            .layer(SessionManagerLayer::new(MemoryStore::default()))
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

impl axum::response::IntoResponse for Answer {
    fn into_response(self) -> axum::response::Response {
        (axum::http::StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}
