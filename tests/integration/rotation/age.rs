//! When an id is renewed, and by which requests.

use axum::http::{StatusCode, header};
use session_runtime::{Expiry, Session, SessionHandle};
use session_tests::{Gate, Visitor, load};

use super::{Account, GRACE, MILLISECOND, Rotating, SPAN, almost, hourly, is_removal, layer, read, renew};

#[tokio::test]
async fn an_id_younger_than_the_span_is_kept() {
    let mut site = Rotating::new(hourly()).await;
    site.clock.advance(almost(SPAN));
    assert!(read(&mut site.visitor).await.sets_no_cookie());
    assert_eq!(site.asked(), "load");
}

#[tokio::test]
async fn at_the_span_a_request_gets_a_new_id_and_the_session_keeps_its_data() {
    let mut site = Rotating::due().await;
    let old = site.visitor.held();
    let answer = read(&mut site.visitor).await;
    assert_eq!(answer.text(), "Loaded 7 0");
    assert_eq!(answer.set_cookie().name, "__Host-id");
    assert_ne!(answer.set_cookie().value, old);
    assert_eq!(answer.set_cookie().max_age(), None, "a browser session stays one");
    assert_eq!(answer.lines(&header::CACHE_CONTROL), ["no-store"]);
    assert_eq!(site.asked(), "load; rename");
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
    assert_eq!(site.store.len(), 1);
}

#[tokio::test]
async fn what_the_request_changed_goes_with_the_new_id_in_one_call() {
    let mut site = Rotating::due().await;
    let answer = site.visitor.visit::<Account>(|account| account.set_hits(1)).await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_eq!(site.asked(), "load; rename hits=1");
    assert_eq!(site.fields().await, "hits=1 user=7");
}

#[tokio::test]
async fn without_rotate_every_no_age_is_too_old() {
    let mut site = Rotating::new(Expiry::default()).await;
    for _ in 0..24 {
        site.clock.advance(SPAN);
        assert!(read(&mut site.visitor).await.sets_no_cookie());
        assert_eq!(site.store.asked(), "load");
    }
}

#[tokio::test]
async fn a_request_that_does_not_ask_for_its_session_rotates_nothing() {
    let mut site = Rotating::due().await;
    let answer = site.visitor.act(async |_: SessionHandle| "plain").await;
    assert!(answer.sets_no_cookie());
    assert_eq!(site.asked(), "");
}

#[tokio::test]
async fn a_failed_response_rotates_nothing_and_the_next_success_does() {
    let mut site = Rotating::due().await;
    let failed = site
        .visitor
        .act(async |handle: SessionHandle| {
            load::<Account>(&handle).await.set_hits(1);
            StatusCode::INTERNAL_SERVER_ERROR
        })
        .await;
    assert!(failed.sets_no_cookie());
    assert_eq!(site.asked(), "load");
    let succeeded = read(&mut site.visitor).await;
    assert_eq!(succeeded.text(), "Loaded 7 0");
    assert_eq!(succeeded.set_cookies().len(), 1);
    assert_eq!(site.asked(), "load; rename");
}

/// Asserts that the visitor's id, new just now, is kept for the span and no longer.
async fn assert_new(site: &mut Rotating) {
    site.store.asked();
    for (waited, asked) in [(almost(SPAN), "load"), (MILLISECOND, "load; rename")] {
        site.clock.advance(waited);
        read(&mut site.visitor).await;
        assert_eq!(site.asked(), asked);
    }
}

#[tokio::test]
async fn after_a_rotation_the_next_comes_a_span_later() {
    let mut site = Rotating::due().await;
    site.clock.advance(SPAN / 2);
    site.rotate().await;
    for _ in 0..3 {
        assert_new(&mut site).await;
    }
}

#[tokio::test]
async fn after_regenerate_id_the_next_rotation_comes_a_span_later() {
    let mut site = Rotating::new(hourly()).await;
    site.clock.advance(SPAN / 2);
    site.visitor.visit::<Account>(renew).await;
    assert_new(&mut site).await;
}

#[tokio::test]
async fn writes_do_not_make_an_id_younger() {
    let mut site = Rotating::new(hourly()).await;
    site.clock.advance(almost(SPAN));
    site.visitor.visit::<Account>(|account| account.set_hits(1)).await;
    site.clock.advance(MILLISECOND);
    assert_eq!(read(&mut site.visitor).await.set_cookies().len(), 1);
}

#[tokio::test]
async fn a_session_from_before_rotation_was_configured_counts_from_its_creation() {
    let old = Rotating::new(Expiry::default()).await;
    assert_eq!(old.store.fields(&old.visitor.held()).await, "user=7", "nothing tells of a renewal");
    let visitor = Visitor::through(layer(&old.store, &old.clock, hourly())).holding(&old.visitor.held());
    assert_new(&mut Rotating { visitor, ..old }).await;
}

#[tokio::test]
async fn a_save_rotates_nothing_and_the_end_of_its_request_does() {
    let mut site = Rotating::due().await;
    let old = site.visitor.held();
    site.visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            let held = account.id();
            account.set_hits(1);
            account.save().await.expect("saved");
            assert!(account.id() == held, "a save keeps the id");
        })
        .await;
    assert_eq!(site.asked(), "load; update hits=1; rename");
    assert_ne!(site.visitor.held(), old);
    assert_eq!(site.fields().await, "hits=1 user=7");
}

#[tokio::test]
async fn an_id_that_was_renewed_by_a_save_is_not_renewed_again() {
    let mut site = Rotating::due().await;
    site.visitor
        .act(async |handle: SessionHandle| {
            let mut account = load::<Account>(&handle).await;
            account.regenerate_id();
            account.save().await.expect("saved");
        })
        .await;
    assert_eq!(site.asked(), "load; rename");
    assert_new(&mut site).await;
}

#[tokio::test]
async fn after_the_head_of_the_response_nothing_rotates() {
    let site = Rotating::due().await;
    let (gate, done) = (Gate::default(), Gate::default());
    let (inside, inside_done) = (gate.clone(), done.clone());
    let request = site.visitor.start(async move |handle: SessionHandle| {
        let mut late = load::<Account>(&handle).await;
        tokio::spawn(async move {
            inside.pass().await;
            late.set_hits(1);
            late.save().await.expect("saved");
            inside_done.pass().await;
        });
        StatusCode::INTERNAL_SERVER_ERROR
    });
    assert!(request.await.expect("an answer").sets_no_cookie());
    gate.open();
    done.arrived().await;
    assert_eq!(site.asked(), "load; update hits=1");
    assert_eq!(site.fields().await, "hits=1 user=7", "under the id that the client holds");
}

#[tokio::test]
async fn a_session_that_is_destroyed_is_not_rotated() {
    let mut site = Rotating::due().await;
    let answer = site.visitor.visit::<Account>(Session::<Account>::destroy).await;
    assert!(is_removal(&answer));
    assert_eq!(site.asked(), "load; remove");
    assert_eq!(site.store.len(), 0);
}

#[tokio::test]
async fn a_session_that_is_emptied_gets_no_new_id_but_ends() {
    type Empty = fn(&mut Session<Account>);
    let ways: [Empty; 2] = [Session::<Account>::clear, |account| assert!(account.take_user().is_some())];
    for empty in ways {
        let mut site = Rotating::due().await;
        let mut before = site.visitor.clone();
        let answer = site.visitor.visit::<Account>(empty).await;
        assert!(is_removal(&answer), "{:?}", answer.set_cookies());
        assert_eq!(site.store.len(), 0);
        assert_eq!(read(&mut before).await.text(), "UnknownId 0 0");
    }
}

#[tokio::test]
async fn no_id_is_renewed_more_often_than_the_grace_lasts() {
    let mut site = Rotating::new(hourly().rotate_every(MILLISECOND)).await;
    let mut oldest = site.visitor.clone();
    for _ in 0..3 {
        let mut older = site.visitor.clone();
        site.clock.advance(almost(GRACE));
        assert!(read(&mut site.visitor).await.sets_no_cookie());
        site.clock.advance(MILLISECOND);
        site.rotate().await;
        assert_eq!(read(&mut older).await.text(), "Loaded 7 0", "one id behind");
        if oldest.held() != older.held() {
            assert_eq!(read(&mut oldest).await.text(), "UnknownId 0 0", "two ids behind");
        }
        oldest = older;
    }
}
