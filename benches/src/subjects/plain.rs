//! An axum application without any layer: what every other figure is "over".

use axum::{Router, routing::get};

use super::{Handlers, SetsCookie, Subject, ok};
use crate::Place;

pub(super) const SUBJECT: Subject =
    Subject { name: "plain", place: Place::Process, sets_cookie: SetsCookie::Never, router: |_| Ok(router()) };

pub(super) fn router() -> Router {
    Handlers { read: get(ok), add_one: get(ok), create: get(ok), counter: get(ok) }.into_router()
}
