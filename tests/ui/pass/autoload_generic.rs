#![deny(warnings)]

use axum::response::IntoResponse;
use axum::routing::get;
use session_runtime::{Schema, Session, TypedSession, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[session(autoload)]
async fn any<T: Schema, const LIMIT: usize>(session: &mut Session<T>) -> impl IntoResponse
where
    Session<T>: std::fmt::Debug,
{
    format!("{:.LIMIT$}", format!("{session:?}"))
}

#[session(autoload)]
async fn any_session<S: TypedSession>(session: Option<&S>) -> &'static str
where
    S::Schema: Send,
{
    session.map_or("none", |_| "some")
}

type Lent = Session<Visits>;

#[session(autoload)]
async fn alias(lent: &mut Lent) {
    lent.set_hits(1);
}

fn main() {
    let _: axum::Router = axum::Router::new().route("/1", get(any::<Visits, 3>)).route("/2", get(alias));
    let _ = any_session::<Lent>;
}
