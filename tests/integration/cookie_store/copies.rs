//! What a cookie cannot do, as the docs say: a copy of it outlives the sign-out, and of two requests at once one is lost.

use session_runtime::{CookieStore, Expiry, MemoryStore, SessionLayer};
use session_tests::{Notes, Visits};
use std::time::Duration;

use super::{key, visitor};

#[tokio::test]
async fn s19_a_copy_that_was_kept_is_worth_something_until_its_end_and_no_longer() {
    let minute = Duration::from_mins(1);
    let expiry = Expiry::idle(minute).max_lifetime(2 * minute);
    let (mut visitor, clock) = visitor(CookieStore::new(key()), |layer| layer.expiry(expiry));
    visitor.get("/update?some=data").await;
    let copy = visitor.held();
    visitor.visit::<Notes>(|notes| notes.regenerate_id()).await;
    visitor.get("/destroy").await;
    visitor.set_cookie("__Host-id", &copy);
    assert_eq!(visitor.get("/view").await.text(), r#"{"some":"data"}"#);
    for _ in 0..2 {
        clock.advance(Duration::from_secs(59));
        assert_eq!(visitor.get("/view").await.text(), r#"{"some":"data"}"#);
    }
    clock.advance(Duration::from_secs(2));
    for token in [visitor.held(), copy] {
        visitor.set_cookie("__Host-id", &token);
        assert_eq!(visitor.get("/view").await.text(), "{}");
    }
}

#[tokio::test]
async fn of_two_requests_at_once_the_answer_that_arrives_last_is_what_the_browser_keeps() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/update?some=data").await;
    let first = visitor.send(visitor.request("/count")).await;
    let second = visitor.send(visitor.request("/update?key=value")).await;
    visitor.take(&first);
    visitor.take(&second);
    assert_eq!(visitor.get("/view").await.text(), r#"{"some":"data","key":"value"}"#);
    visitor.visit::<Visits>(|visits| assert_eq!(visits.hits(), 0)).await;
}

#[tokio::test]
async fn a_session_in_its_cookie_has_no_id() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/update?some=data").await;
    visitor.visit::<Notes>(|notes| assert!(notes.id().is_none())).await;
}

#[test]
#[should_panic(expected = "`signed_ids` is for stores on the server")]
fn t72_ids_are_not_signed_where_there_are_none() {
    let _ = SessionLayer::new(CookieStore::new(key())).signed_ids(key());
}

#[tokio::test]
async fn a_store_on_the_server_takes_no_cookie_that_holds_a_session_and_the_other_way_round() {
    let (mut visitor, _) = visitor(CookieStore::new(key()), |layer| layer);
    visitor.get("/update?some=data").await;
    let layer = SessionLayer::new(MemoryStore::new());
    let mut server = session_tests::Client::new(session_tests::routes().layer(layer));
    server.set_cookie("__Host-id", &visitor.held());
    assert_eq!(server.get("/view").await.text(), "{}");
    assert_eq!(server.get("/count").await.text(), "1");
    visitor.set_cookie("__Host-id", server.id().expect("an id"));
    assert_eq!(visitor.get("/view").await.text(), "{}");
}
