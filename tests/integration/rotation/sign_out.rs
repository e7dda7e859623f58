//! A sign-out wins over every rotation, whichever comes first.

use std::time::Duration;

use session_runtime::store::POINTER_LIFE;
use session_runtime::{Session, SessionHandle};
use session_tests::{Answer, Gate, Logs, Visitor, load};

use super::{Account, GRACE, Rotating, SECOND, SPAN, Slow, almost, hourly, is_removal, read, renew};

async fn sign_out(visitor: &mut Visitor) -> Answer {
    visitor.visit::<Account>(Session::<Account>::destroy).await
}

async fn destroy(mut account: Session<Account>) {
    account.destroy();
}

/// Asserts that nobody is signed in any more.
async fn assert_ended(site: &mut Rotating) {
    assert_eq!(site.store.len(), 0, "{}", site.asked());
    assert_eq!(read(&mut site.visitor).await.text(), "UnknownId 0 0");
}

#[tokio::test]
async fn a_sign_out_through_the_old_id_ends_the_session() {
    let (mut site, mut before) = Rotating::rotated().await;
    assert!(is_removal(&sign_out(&mut before).await));
    assert_ended(&mut site).await;
}

#[tokio::test]
async fn a_sign_out_that_a_rotation_overtakes_ends_the_session() {
    let mut site = Rotating::due().await;
    let slow = Slow::request(&site.visitor, destroy).await;
    site.rotate().await;
    assert!(is_removal(&slow.finish().await));
    assert_eq!(site.asked(), "remove; remove");
    assert_ended(&mut site).await;
}

#[tokio::test]
async fn a_sign_out_on_its_way_wins_over_a_rotation_however_short_a_grace_is_asked_for() {
    for grace in [Duration::ZERO, SECOND] {
        let mut site = Rotating::new(hourly().rotation_grace(grace)).await;
        site.clock.advance(SPAN);
        let slow = Slow::request(&site.visitor, destroy).await;
        site.rotate().await;
        site.clock.advance(almost(POINTER_LIFE));
        assert!(is_removal(&slow.finish().await), "{grace:?}");
        assert_ended(&mut site).await;
    }
}

#[tokio::test]
async fn a_sign_out_that_a_rotation_overtakes_in_the_store_ends_the_session() {
    let mut site = Rotating::due().await;
    let in_the_store = Gate::default();
    site.store.waits("remove", &in_the_store);
    let slow = Slow::request(&site.visitor, destroy).await;
    slow.gate.open();
    in_the_store.arrived().await;
    site.rotate().await;
    in_the_store.open();
    in_the_store.arrived().await;
    in_the_store.open();
    assert!(is_removal(&slow.finish().await));
    assert_ended(&mut site).await;
}

#[tokio::test]
async fn a_sign_out_that_a_rotation_and_a_new_id_overtake_ends_the_session() {
    let mut site = Rotating::due().await;
    let in_the_store = Gate::default();
    let slow = Slow::request(&site.visitor, destroy).await;
    site.rotate().await;
    site.store.waits("remove", &in_the_store);
    slow.gate.open();
    in_the_store.arrived().await;
    in_the_store.open();
    in_the_store.arrived().await;
    // It knows where the rotation went, and has not been there yet.
    site.visitor.visit::<Account>(renew).await;
    in_the_store.open();
    in_the_store.arrived().await;
    in_the_store.open();
    assert!(is_removal(&slow.finish().await));
    assert_ended(&mut site).await;
}

#[tokio::test]
async fn a_rotation_that_a_sign_out_overtakes_revives_nothing() {
    let logs = Logs::capture();
    let mut site = Rotating::due().await;
    let slow = Slow::request(&site.visitor, async |mut account| account.set_hits(1)).await;
    let mut other = site.visitor.clone();
    assert!(is_removal(&sign_out(&mut other).await));
    assert!(slow.finish().await.sets_no_cookie());
    assert!(logs.text().contains("its changes are dropped"), "{}", logs.text());
    assert_ended(&mut site).await;
}

#[tokio::test]
async fn a_rotation_that_a_sign_out_overtakes_in_the_store_revives_nothing() {
    let mut site = Rotating::due().await;
    let in_the_store = Gate::default();
    site.store.waits("rename", &in_the_store);
    let slow = Slow::request(&site.visitor, async |mut account| account.set_hits(1)).await;
    slow.gate.open();
    in_the_store.arrived().await;
    let mut other = site.visitor.clone();
    assert!(is_removal(&sign_out(&mut other).await));
    in_the_store.open();
    assert!(slow.finish().await.sets_no_cookie());
    assert_ended(&mut site).await;
}

#[tokio::test]
async fn a_sign_out_by_a_task_while_its_own_request_rotates_ends_the_session() {
    let mut site = Rotating::due().await;
    let (in_the_store, in_the_task) = (Gate::default(), Gate::default());
    site.store.waits("rename", &in_the_store);
    let (inside, (sender, receiver)) = (in_the_task.clone(), tokio::sync::oneshot::channel());
    let request = site.visitor.start(async move |handle: SessionHandle| {
        let mut account = load::<Account>(&handle).await;
        let task = tokio::spawn(async move {
            inside.pass().await;
            account.destroy();
        });
        sender.send(task).expect("a test that waits");
    });
    in_the_store.arrived().await;
    in_the_task.open();
    receiver.await.expect("a task").await.expect("no panic");
    in_the_store.open();
    assert!(is_removal(&request.await.expect("an answer")));
    assert_eq!(site.asked(), "load; rename; remove");
    assert_ended(&mut site).await;
}

#[tokio::test]
async fn what_is_set_after_a_sign_out_through_the_old_id_begins_another_session() {
    let (mut site, mut before) = Rotating::rotated().await;
    let answer = before
        .visit::<Account>(|account| {
            account.destroy();
            account.set_hits(1);
        })
        .await;
    assert_eq!(answer.set_cookies().len(), 1);
    assert_eq!(read(&mut before).await.text(), "Loaded 0 1");
    assert_eq!(read(&mut site.visitor).await.text(), "UnknownId 0 0");
    assert_eq!(site.store.len(), 1);
}

/// It ended nothing, and must not take the cookie of whoever has the new id.
#[tokio::test]
async fn a_sign_out_through_the_old_id_after_the_grace_sends_no_cookie() {
    let (mut site, mut before) = Rotating::rotated().await;
    site.clock.advance(GRACE);
    assert!(sign_out(&mut before).await.sets_no_cookie());
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
}
