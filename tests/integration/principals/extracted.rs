//! The registry that a handler is given.

use axum::Router;
use axum::http::StatusCode;
use axum::routing::get;
use session_runtime::{CookieStore, Key, MemoryStore, SessionError, SessionLayer, SessionRegistry};
use session_tests::{Account, Visitor};

async fn count(registry: SessionRegistry) -> Result<String, SessionError> {
    Ok(registry.count(7).await?.to_string())
}

fn visitor(layer: SessionLayer) -> Visitor {
    Visitor::to(Router::new().route("/count", get(count)).merge(Visitor::routes()).layer(layer))
}

#[tokio::test]
async fn it_is_that_of_the_layer_which_the_request_has_passed() {
    let mut ada = visitor(SessionLayer::new(MemoryStore::new()));
    ada.visit::<Account>(|account| account.set_user(7)).await;
    assert_eq!(ada.get("/count").await.text(), "1");
}

#[tokio::test]
async fn there_is_none_where_sessions_are_in_cookies() {
    let key = Key::generate().expect("random bytes");
    let mut ada = visitor(SessionLayer::new(CookieStore::new(key)));
    ada.visit::<Account>(|account| account.set_user(7)).await;
    assert_eq!(ada.get("/count").await.status, StatusCode::INTERNAL_SERVER_ERROR);
}
