//! When sessions end: T30 to T37. Time passes by `Clock::advance`.

use axum::Router;
use axum::routing::get;
use session_runtime::record::Record;
use session_runtime::{Clock, Expiry, MemoryStore, Session, SessionLayer, session};
use std::time::Duration;

use session_tests::{Client, Logs, Notes, Site, delta, routes};

const SECOND: Duration = Duration::from_secs(1);

fn site(expiry: Expiry) -> Site {
    Site::with(|layer| layer.expiry(expiry))
}

#[tokio::test]
async fn t30_s15_every_use_moves_the_end_of_an_idle_session() {
    let mut site = site(Expiry::idle(10 * SECOND));
    site.get("/update?some=data").await;
    let before = site.stored(&site.id()).await.expect("a record").expires();
    site.calls();
    site.wait(2 * SECOND);
    let answer = site.get("/view").await;
    assert_eq!(answer.set_cookie().value, site.id());
    assert_eq!(answer.set_cookie().max_age(), Some(10));
    assert_eq!(site.calls(), "1 load, 1 touch");
    let after = site.stored(&site.id()).await.expect("a record").expires();
    assert_eq!(after, before + 2 * SECOND);
}

#[tokio::test]
async fn t30_a_write_moves_the_end_in_the_same_update() {
    let mut site = site(Expiry::idle(10 * SECOND));
    site.get("/count").await;
    site.calls();
    site.wait(2 * SECOND);
    assert_eq!(site.get("/count").await.set_cookie().max_age(), Some(10));
    assert_eq!(site.calls(), "1 load, 1 update");
}

#[tokio::test]
async fn t30_a_use_within_a_tenth_of_the_idle_time_writes_nothing() {
    let mut site = site(Expiry::idle(10 * SECOND));
    site.get("/update?some=data").await;
    site.calls();
    site.wait(SECOND);
    assert!(site.get("/view").await.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
}

#[tokio::test]
async fn t30_what_counts_as_a_due_use_can_be_set() {
    let mut site = site(Expiry::idle(10 * SECOND).touch_after(5 * SECOND));
    site.get("/update?some=data").await;
    site.calls();
    site.wait(5 * SECOND);
    assert!(site.get("/view").await.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
    site.wait(SECOND);
    assert_eq!(site.get("/view").await.set_cookie().max_age(), Some(10));
}

#[tokio::test]
async fn t30_a_browser_session_is_extended_by_its_load_and_sends_no_cookie() {
    let mut site = site(Expiry::idle(10 * SECOND).browser_session());
    site.get("/update?some=data").await;
    site.calls();
    for _ in 0..4 {
        site.wait(8 * SECOND);
        let answer = site.get("/view").await;
        assert_eq!(answer.text(), r#"{"some":"data"}"#);
        assert!(answer.sets_no_cookie());
        assert_eq!(site.calls(), "1 load");
    }
}

#[tokio::test]
async fn t31_s16_no_use_moves_the_end_of_a_fixed_lifetime() {
    let mut site = site(Expiry::lifetime(10 * SECOND));
    site.get("/count").await;
    let before = site.stored(&site.id()).await.expect("a record").expires();
    site.calls();
    site.wait(2 * SECOND);
    assert!(site.get("/view").await.sets_no_cookie());
    assert_eq!(site.calls(), "1 load");
    assert!(site.get("/count").await.sets_no_cookie());
    assert_eq!(site.calls(), "1 load, 1 update");
    let after = site.stored(&site.id()).await.expect("a record").expires();
    assert_eq!(after, before);
    site.wait(8 * SECOND);
    assert_eq!(site.get("/view").await.text(), "{}");
}

#[tokio::test]
async fn t32_after_its_lifetime_a_session_begins_anew_under_a_new_id() {
    let mut site = site(Expiry::lifetime(10 * SECOND));
    site.get("/count").await;
    assert_eq!(site.get("/count").await.text(), "2");
    let old = site.id();
    site.wait(10 * SECOND);
    assert_eq!(site.get("/count").await.text(), "1");
    assert_ne!(site.id(), old);
    assert!(site.stored(&old).await.is_none());
    assert_eq!(site.memory.len(), 1);
}

#[tokio::test]
async fn t33_s15_a_session_that_is_not_used_ends() {
    let millis = Duration::from_millis;
    let mut site = site(Expiry::idle(millis(200)).max_lifetime(SECOND));
    site.get("/count").await;
    for (waited, expected) in [(100, "2"), (150, "3"), (200, "1")] {
        site.wait(millis(waited));
        assert_eq!(site.get("/count").await.text(), expected, "{waited} ms");
    }
}

#[tokio::test]
async fn t33_s16_use_never_passes_the_absolute_limit() {
    let millis = Duration::from_millis;
    let mut site = site(Expiry::idle(millis(200)).max_lifetime(SECOND));
    site.get("/count").await;
    for expected in 2..=10 {
        site.wait(millis(100));
        assert_eq!(site.get("/count").await.text(), expected.to_string());
    }
    site.wait(millis(100));
    assert_eq!(site.get("/count").await.text(), "1");
}

#[tokio::test]
async fn t33_s18_the_cookie_ends_when_the_session_ends() {
    let mut site = site(Expiry::idle(100 * SECOND).max_lifetime(150 * SECOND));
    let answer = site.get("/count").await;
    assert_eq!(answer.set_cookie().max_age(), Some(100));
    site.wait(90 * SECOND);
    assert_eq!(site.get("/count").await.set_cookie().max_age(), Some(60));
    site.wait(30 * SECOND);
    assert!(site.get("/count").await.sets_no_cookie());
}

#[tokio::test]
async fn s18_the_cookie_never_ends_before_the_session() {
    for (millis, seconds) in [(1, 1), (999, 1), (1_000, 1), (1_500, 2)] {
        let mut site = site(Expiry::lifetime(Duration::from_millis(millis)));
        let answer = site.get("/update?some=data").await;
        assert_eq!(answer.set_cookie().max_age(), Some(seconds), "{millis} ms");
    }
}

/// Created and expiring, in milliseconds from now; and the session's own lifetime.
#[session(autoload)]
async fn metadata(notes: &Session<Notes>) -> String {
    let metadata = notes.metadata();
    let (created, expires) = (metadata.created(), metadata.expires());
    let own = metadata.own_lifetime();
    format!("{} {} {own:?}", created.as_millis(), expires.as_millis())
}

#[tokio::test]
async fn t34_metadata_tells_when_it_was_created_and_when_it_ends() {
    let app = routes().route("/metadata", get(metadata));
    let mut site = Site::of(app, |layer| layer.expiry(Expiry::idle(10 * SECOND)));
    let start = site.clock.now().as_millis();
    let fresh = site.get("/metadata").await;
    assert_eq!(fresh.text(), format!("{start} {} None", start + 10_000));
    site.get("/update?some=data").await;
    site.wait(5 * SECOND);
    site.get("/view").await;
    let used = site.get("/metadata").await;
    assert_eq!(used.text(), format!("{start} {} None", start + 15_000));
}

#[tokio::test]
async fn t34_a_stored_end_does_not_override_the_configured_lifetime() {
    let mut site = site(Expiry::lifetime(10 * SECOND));
    let now = site.clock.now();
    let record = Record::new(now, now + Duration::from_hours(1));
    let record = record.apply(&delta(&[("some", br#""data""#)]));
    site.plant_record(&record).await;
    site.wait(9 * SECOND);
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data"}"#);
    site.wait(SECOND);
    assert_eq!(site.get("/view").await.text(), "{}");
    assert_eq!(site.get("/origin").await.text(), "Expired");
}

#[test]
#[should_panic(expected = "would end every session before its next request")]
fn t35_an_idle_time_of_nothing_does_not_start() {
    let _ = Expiry::idle(Duration::ZERO);
}

#[test]
#[should_panic(expected = "would end every session before its next request")]
fn t35_a_lifetime_of_nothing_does_not_start() {
    let _ = Expiry::idle(SECOND).max_lifetime(Duration::ZERO);
}

#[tokio::test]
async fn t35_no_cookie_outlives_400_days() {
    let longest = Expiry::MAX.as_secs();
    let mut site = site(Expiry::lifetime(Duration::MAX));
    let answer = site.get("/update?some=data").await;
    assert_eq!(answer.set_cookie().max_age(), Some(longest));
    site.wait(Expiry::MAX);
    assert_eq!(site.get("/view").await.text(), "{}");
}

#[tokio::test]
async fn t36_s18_a_cookie_that_is_kept_past_the_end_is_worth_nothing() {
    for expiry in [Expiry::idle(10 * SECOND), Expiry::lifetime(10 * SECOND)] {
        let mut site = site(expiry);
        site.get("/update?some=data").await;
        site.wait(10 * SECOND);
        assert_eq!(site.get("/view").await.text(), "{}");
        assert!(site.get("/update?key=value").await.text().contains("key"));
        assert_eq!(site.get("/view").await.text(), r#"{"key":"value"}"#);
    }
}

#[tokio::test]
async fn t36_s18_the_end_does_not_rest_on_the_store() {
    for expiry in [Expiry::idle(10 * SECOND), Expiry::lifetime(10 * SECOND)] {
        let clock = Clock::manual();
        let store = MemoryStore::new().clock(Clock::manual());
        let layer = SessionLayer::new(store.clone()).clock(clock.clone());
        let mut client = Client::new(routes().layer(layer.expiry(expiry)));
        client.get("/update?some=data").await;
        clock.advance(10 * SECOND);
        assert_eq!(client.get("/view").await.text(), "{}");
        assert_eq!(client.get("/origin").await.text(), "Expired");
        assert_eq!(store.len(), 1);
    }
}

/// "Remember me", and its opposite.
fn remembering() -> Router {
    #[session(autoload)]
    async fn remember(notes: &mut Session<Notes>) {
        notes.set_some("data");
        notes.set_lifetime(100 * SECOND);
    }
    #[session(autoload)]
    async fn forget(notes: &mut Session<Notes>) {
        notes.reset_lifetime();
    }
    let app = routes().route("/remember", get(remember));
    app.route("/forget", get(forget)).route("/metadata", get(metadata))
}

#[tokio::test]
async fn t37_remember_me_keeps_the_cookie_and_the_session_for_its_own_lifetime() {
    let expiry = Expiry::idle(10 * SECOND).browser_session();
    let mut site = Site::of(remembering(), |layer| layer.expiry(expiry));
    let normal = site.get("/update?some=data").await;
    assert_eq!(normal.set_cookie().max_age(), None);
    let remembered = site.get("/remember").await;
    assert_eq!(remembered.set_cookie().value, normal.set_cookie().value);
    assert_eq!(remembered.set_cookie().max_age(), Some(100));
    site.wait(99 * SECOND);
    let answer = site.get("/metadata").await;
    assert!(answer.text().ends_with("Some(100s)"), "{}", answer.text());
    assert!(answer.sets_no_cookie());
    site.wait(SECOND);
    assert_eq!(site.get("/view").await.text(), "{}");
}

#[tokio::test]
async fn t37_a_new_session_is_remembered_from_its_first_cookie() {
    let mut site = Site::of(remembering(), |layer| layer);
    let answer = site.get("/remember").await;
    assert_eq!(answer.set_cookie().max_age(), Some(100));
}

#[tokio::test]
async fn t37_what_is_no_longer_remembered_ends_as_configured() {
    let expiry = Expiry::idle(10 * SECOND).browser_session();
    let mut site = Site::of(remembering(), |layer| layer.expiry(expiry));
    site.get("/remember").await;
    let forgotten = site.get("/forget").await;
    assert_eq!(forgotten.set_cookie().max_age(), None);
    assert!(!forgotten.set_cookie().has("Expires"));
    site.wait(9 * SECOND);
    assert_eq!(site.get("/view").await.text(), r#"{"some":"data"}"#);
    site.wait(10 * SECOND);
    assert_eq!(site.get("/view").await.text(), "{}");
}

#[tokio::test]
async fn t37_a_lifetime_of_its_own_is_capped_like_any_other() {
    #[session(autoload)]
    async fn forever(notes: &mut Session<Notes>) {
        notes.set_some("data");
        notes.set_lifetime(Duration::MAX);
    }
    let app = Router::new().route("/", get(forever));
    let mut site = Site::of(app, |layer| layer);
    let answer = site.get("/").await;
    assert_eq!(answer.set_cookie().max_age(), Some(Expiry::MAX.as_secs()));
}

#[tokio::test]
async fn t32_an_end_is_no_error() {
    let logs = Logs::capture();
    let mut site = site(Expiry::lifetime(10 * SECOND));
    site.get("/update?some=data").await;
    site.wait(10 * SECOND);
    site.get("/view").await;
    assert_eq!(logs.text(), "");
}
