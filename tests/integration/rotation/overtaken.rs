//! Requests that loaded the session under the id before a rotation, and end after it.

use session_runtime::Session;
use session_tests::{Gate, Logs};

use super::{Account, GRACE, MILLISECOND, Rotating, SECOND, SPAN, Slow, almost, hourly, read, renew};

/// A request that is overtaken by a rotation, due for one itself or not; it ends at once.
async fn overtaken<F>(due: bool, act: impl FnOnce(Session<Account>) -> F + Send + 'static) -> Rotating
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut site = Rotating::new(hourly()).await;
    site.clock.advance(if due { SPAN } else { almost(SPAN) });
    let slow = Slow::request(&site.visitor, act).await;
    site.clock.advance(MILLISECOND);
    site.rotate().await;
    assert!(slow.finish().await.sets_no_cookie(), "the response that rotated brings the new id");
    site
}

#[tokio::test]
async fn of_two_requests_that_are_due_one_rotates_and_both_changes_are_stored() {
    let mut site = Rotating::due().await;
    let first = Slow::request(&site.visitor, async |mut account| account.set_hits(1)).await;
    let second = Slow::request(&site.visitor, async |mut account| account.set_user(8_u32)).await;
    let (first, second) = (first.finish().await, second.finish().await);
    assert_eq!(site.asked(), "load; load; rename hits=1; rename user=8; update user=8");
    assert!(second.sets_no_cookie());
    site.visitor.take(&first);
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 8 1");
    assert_eq!(site.store.len(), 1);
}

/// Else the next rotation could come within the grace of this one, and leave somebody two ids behind.
#[tokio::test]
async fn a_request_that_follows_a_rotation_makes_the_id_no_older() {
    let mut site = Rotating::new(hourly().rotate_every(GRACE)).await;
    site.clock.advance(GRACE);
    let (in_the_store, open) = (Gate::default(), Gate::default());
    site.store.waits("rename", &in_the_store);
    let follower = Slow::request(&site.visitor, async |mut account| account.set_hits(1)).await;
    follower.gate.open();
    in_the_store.arrived().await;
    site.clock.advance(SECOND);
    site.store.waits("rename", &open);
    open.open();
    let mut before = site.visitor.clone();
    site.rotate().await;
    in_the_store.open();
    assert!(follower.finish().await.sets_no_cookie());
    site.clock.advance(almost(GRACE));
    open.open();
    assert!(read(&mut site.visitor).await.sets_no_cookie());
    assert_eq!(read(&mut before).await.text(), "Loaded 7 1");
}

#[tokio::test]
async fn of_many_requests_that_are_due_one_response_brings_a_new_id() {
    let mut site = Rotating::due().await;
    let mut requests = Vec::new();
    for _ in 0..8 {
        requests.push(Slow::request(&site.visitor, async |account| drop(account)).await);
    }
    let mut cookies = 0;
    for request in requests {
        let answer = request.finish().await;
        cookies += answer.set_cookies().len();
        site.visitor.take(&answer);
    }
    assert_eq!(cookies, 1);
    site.clock.advance(GRACE);
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
}

#[tokio::test]
async fn a_slow_reader_sends_no_cookie() {
    for due in [false, true] {
        let mut site = overtaken(due, async |account| assert_eq!(account.user(), Some(7))).await;
        assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
    }
}

#[tokio::test]
async fn the_changes_of_a_slow_writer_reach_the_session() {
    for due in [false, true] {
        let mut site = overtaken(due, async |mut account| account.set_hits(1)).await;
        assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 1");
    }
}

#[tokio::test]
async fn what_a_slow_request_saves_reaches_the_session_and_so_does_what_it_changes_after_that() {
    for due in [false, true] {
        let save = async |mut account: Session<Account>| {
            account.set_hits(1);
            account.save().await.expect("saved");
            account.set_user(8_u32);
        };
        let mut site = overtaken(due, save).await;
        assert_eq!(site.asked().matches("rename").count(), 0, "a session that moved is not rotated again");
        assert_eq!(read(&mut site.visitor).await.text(), "Loaded 8 1");
    }
}

#[tokio::test]
async fn a_slow_regenerate_id_ends_the_id_that_the_rotation_made() {
    let mut site = Rotating::due().await;
    let mut before = site.visitor.clone();
    let slow = Slow::request(&site.visitor, async |mut account| renew(&mut account)).await;
    site.rotate().await;
    let mut rotated = site.visitor.clone();
    site.visitor.take(&slow.finish().await);
    assert_ne!(site.visitor.held(), rotated.held());
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0");
    assert_eq!(read(&mut rotated).await.text(), "UnknownId 0 0");
    assert_eq!(read(&mut before).await.text(), "UnknownId 0 0");
}

#[tokio::test]
async fn a_rotation_that_a_regenerate_id_overtakes_sends_no_cookie() {
    let mut site = Rotating::due().await;
    let slow = Slow::request(&site.visitor, async |mut account| account.set_hits(1)).await;
    site.visitor.visit::<Account>(renew).await;
    assert!(slow.finish().await.sets_no_cookie());
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 0", "what came under a dead id is dropped");
}

#[tokio::test]
async fn a_request_that_ends_after_the_grace_loses_its_changes_and_sends_no_cookie() {
    for wait in [almost(GRACE), GRACE] {
        let mut site = Rotating::due().await;
        let slow = Slow::request(&site.visitor, async |mut account| account.set_hits(1)).await;
        site.rotate().await;
        site.clock.advance(wait);
        let logs = Logs::capture();
        assert!(slow.finish().await.sets_no_cookie());
        let (kept, traced) = if wait < GRACE { ("Loaded 7 1", 0) } else { ("Loaded 7 0", 1) };
        assert_eq!(logs.text().matches("its changes are dropped").count(), traced, "{wait:?}: {}", logs.text());
        assert_eq!(read(&mut site.visitor).await.text(), kept, "{wait:?}");
        assert_eq!(site.store.len(), 1);
    }
}

#[tokio::test]
async fn a_request_that_saved_within_the_grace_may_end_after_it() {
    let mut site = Rotating::due().await;
    let clock = site.clock.clone();
    let slow = Slow::request(&site.visitor, async move |mut account| {
        account.set_hits(1);
        account.save().await.expect("saved");
        clock.advance(GRACE);
        account.set_hits(2);
    });
    let slow = slow.await;
    site.rotate().await;
    assert!(slow.finish().await.sets_no_cookie());
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 2");
}

/// Each rotation is followed in its turn, however many there were before.
#[tokio::test]
async fn a_long_request_writes_within_the_grace_of_each_rotation() {
    let mut site = Rotating::new(hourly()).await;
    let (clock, mut other) = (site.clock.clone(), site.visitor.clone());
    let (rotated, newest) = tokio::sync::oneshot::channel();
    let long = Slow::request(&site.visitor, async move |mut account| {
        for hits in 1..=3 {
            clock.advance(SPAN);
            assert!(!read(&mut other).await.sets_no_cookie(), "rotated");
            account.set_hits(hits);
            account.save().await.expect("saved");
            assert_eq!(read(&mut other).await.text(), format!("Loaded 7 {hits}"));
        }
        assert!(rotated.send(other).is_ok());
    })
    .await;
    assert!(long.finish().await.sets_no_cookie());
    site.visitor = newest.await.expect("the request ran");
    assert_eq!(read(&mut site.visitor).await.text(), "Loaded 7 3");
}
