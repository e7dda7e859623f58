#![deny(warnings)]

use axum::routing::get;
use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

#[derive(Session)]
struct Cart {
    items: u32,
}

#[session(autoload)]
async fn ignored(_: &mut Session<Visits>, _cart: &mut Session<Cart>) {}

#[session(autoload)]
async fn rebound(mut visits: &mut Session<Visits>, ref cart: Option<&Session<Cart>>) -> String {
    visits = {
        visits.set_hits(1);
        visits
    };
    (visits.hits() + cart.map_or(0, |cart| cart.items())).to_string()
}

#[session(autoload)]
async fn whole(visits @ VisitsSession(..): &mut Session<Visits>) {
    visits.set_hits(1);
}

#[session(autoload)]
async fn allowed(#[allow(unused_variables)] visits: &mut Session<Visits>) {
    #![expect(unused_variables)]
    let nothing = ();
}

fn main() {
    let _: axum::Router =
        axum::Router::new().route("/1", get(ignored).post(rebound)).route("/2", get(whole).post(allowed));
}
