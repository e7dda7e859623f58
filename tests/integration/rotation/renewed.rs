//! Requests under an id that `regenerate_id` renewed a moment ago: they were on their way, and another response brings the new id.

use axum::http::header;
use session_runtime::store::POINTER_LIFE;
use session_runtime::{Session, SessionHandle};
use session_tests::{Logs, Visitor, load};

use super::{Account, Rotating, almost, hourly, is_removal, read, renew};

/// The visitor's id was renewed by a handler just now; and the visitor as they were before.
async fn renewed() -> (Rotating, Visitor) {
    let mut site = Rotating::new(hourly()).await;
    let before = site.visitor.clone();
    site.visitor.visit::<Account>(renew).await;
    site.store.asked();
    (site, before)
}

#[tokio::test]
async fn such_a_request_sees_no_session_and_sends_no_cookie() {
    let (mut site, mut before) = renewed().await;
    let answer = read(&mut before).await;
    assert_eq!(answer.text(), "UnknownId 0 0");
    assert!(answer.sets_no_cookie());
    assert_eq!(site.asked(), "load");
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
}

#[tokio::test]
async fn what_such_a_request_changes_is_dropped_and_traced() {
    let (mut site, mut before) = renewed().await;
    let logs = Logs::capture();
    let answer = before.visit::<Account>(|account| account.set_hits(1)).await;
    assert!(answer.sets_no_cookie());
    assert!(logs.text().contains("what it changes is dropped"), "{}", logs.text());
    assert!(!logs.text().contains(&before.held()), "an id is a secret");
    assert_eq!(site.asked(), "load");
    assert_eq!(site.store.len(), 1);
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
}

#[tokio::test]
async fn what_such_a_request_saves_is_dropped_without_an_error() {
    let (mut site, mut before) = renewed().await;
    let save = async |handle: SessionHandle| {
        let mut account = load::<Account>(&handle).await;
        account.set_hits(1);
        account.save().await.expect("dropped");
        account.set_hits(2);
    };
    assert!(before.act(save).await.sets_no_cookie());
    assert_eq!(site.asked(), "load");
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
}

#[tokio::test]
async fn such_a_request_has_no_existing_session() {
    let (_site, mut before) = renewed().await;
    let exists = async |handle: SessionHandle| {
        let existing = handle.load_existing::<Account>().await.expect("an answer");
        existing.is_some().to_string()
    };
    assert_eq!(before.act(exists).await.text(), "false");
}

#[tokio::test]
async fn such_a_request_may_sign_in_under_an_id_of_its_own() {
    let (site, mut before) = renewed().await;
    let sign_in = before.visit::<Account>(|account| {
        account.regenerate_id();
        account.set_user(8_u32);
    });
    assert_eq!(sign_in.await.set_cookies().len(), 1);
    assert_ne!(before.held(), site.visitor.held());
    assert_eq!(read(&mut before).await.text(), "Loaded 8 0");
}

#[tokio::test]
async fn a_sign_out_by_such_a_request_ends_the_session() {
    let (mut site, mut before) = renewed().await;
    let answer = before.visit::<Account>(Session::<Account>::destroy).await;
    assert_eq!(site.store.len(), 0, "{}", site.asked());
    assert!(is_removal(&answer));
    assert_eq!(read(&mut site.visitor).await.text(), "UnknownId 0 0");
}

#[tokio::test]
async fn another_cookie_of_such_a_request_may_stand_for_its_session() {
    let (mut site, before) = renewed().await;
    let (old, new) = (before.held(), site.visitor.held());
    let both = format!("__Host-id={old}; __Host-id={new}");
    let mut request = before.asking(async |handle: SessionHandle| load::<Account>(&handle).await.set_hits(1));
    request.headers_mut().insert(header::COOKIE, both.parse().expect("a header"));
    assert!(before.send(request).await.sets_no_cookie());
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 1");
}

#[tokio::test]
async fn after_a_while_such_an_id_is_like_any_unknown_one() {
    for (wait, cookies) in [(almost(POINTER_LIFE), 0), (POINTER_LIFE, 1)] {
        let (mut site, mut before) = renewed().await;
        let old = before.held();
        site.clock.advance(wait);
        let answer = before.visit::<Account>(|account| account.set_hits(1)).await;
        assert_eq!(answer.set_cookies().len(), cookies, "{wait:?}");
        assert_eq!(before.held() != old, cookies == 1, "{wait:?}");
        assert_eq!(site.store.len(), 1 + cookies, "{wait:?}");
        assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0", "{wait:?}");
    }
}
