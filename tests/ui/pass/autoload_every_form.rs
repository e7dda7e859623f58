#![deny(warnings)]

use axum::Json;
use axum::extract::{Path, Request, State};
use axum::routing::{get, post};
use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[derive(Session)]
struct Cart {
    items: Vec<String>,
}

#[session(autoload)]
async fn exclusive(visits: &mut Session<Visits>) -> String {
    *visits.hits_mut() += 1;
    visits.hits().to_string()
}

#[session(autoload)]
async fn shared(visits: &Session<Visits>) -> String {
    visits.hits().to_string()
}

#[session(autoload)]
async fn optional(visits: Option<&Session<Visits>>) -> String {
    visits.map_or(0, |visits| visits.hits()).to_string()
}

#[session(autoload)]
async fn optional_exclusive(visits: Option<&mut Session<Visits>>) {
    let Some(visits) = visits else { return };
    visits.set_hits(0);
}

#[session(autoload)]
async fn beside_others(
    State(limit): State<u32>,
    cart: &mut Session<Cart>,
    Path(item): Path<String>,
    visits: std::option::Option<&Session<Visits>>,
    mut names: Json<Vec<String>>,
) -> String {
    names.push(item);
    cart.items_mut().append(&mut names);
    let hits = visits.map_or(limit, |visits| visits.hits());
    tokio::task::yield_now().await;
    format!("{hits} {}", cart.items().len())
}

#[session(autoload)]
async fn with_the_request(visits: &mut Session<Visits>, owned: Session<Cart>, request: Request) {
    visits.set_hits(owned.items().len() as u32);
    drop((owned, request));
}

#[session(autoload)]
async fn twice_shared(a: &Session<Visits>, b: &Session<Visits>) -> String {
    (a.hits() + b.hits()).to_string()
}

// A handler and its parameter often have one name.
#[session(autoload)]
async fn visits(visits: &mut Session<Visits>, body: String) -> String {
    visits.set_hits(1);
    body
}

struct Handlers;

impl Handlers {
    #[session(autoload)]
    async fn associated(visits: &Session<Visits>) -> String {
        visits.hits().to_string()
    }
}

fn main() {
    let _: axum::Router = axum::Router::new()
        .route("/1", get(exclusive).post(shared))
        .route("/2", get(optional).post(optional_exclusive))
        .route("/3/{item}", post(beside_others))
        .route("/4", get(with_the_request).post(twice_shared))
        .route("/5", post(visits).get(Handlers::associated))
        .with_state(3);
}
