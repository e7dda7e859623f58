//! Fields whose values have a time of their own.

use session_runtime::{Clock, Expiry, Session, SessionLayer};
use std::time::Duration;

use session_tests::{Gate, Scripted, Visitor, load};

#[derive(Session)]
struct Login {
    user: Option<u32>,
    #[session(ttl = "10m")]
    otp: Option<String>,
    #[session(ttl = "1m30s", default = 3)]
    tries: u8,
    #[session(ttl = "1h", merge = sum)]
    failures: u32,
}

const TEN_MINUTES: Duration = Duration::from_mins(10);
const MILLISECOND: Duration = Duration::from_millis(1);

struct Timed {
    store: Scripted,
    clock: Clock,
    visitor: Visitor,
}

impl Timed {
    fn new() -> Self {
        let clock = Clock::manual();
        let store = Scripted::with_clock(&clock);
        // The session itself lives on, and is not touched.
        let layer = SessionLayer::new(store.clone()).clock(clock.clone()).expiry(Expiry::lifetime(Expiry::MAX));
        Self { visitor: Visitor::through(layer), store, clock }
    }

    async fn with_otp() -> Self {
        let mut timed = Self::new();
        timed.visitor.visit::<Login>(|login| login.set_otp("123456")).await;
        timed.store.asked();
        timed
    }

    async fn with_a_hundred_failures() -> Self {
        let mut timed = Self::new();
        timed.visitor.visit::<Login>(|login| login.set_failures(100_u32)).await;
        timed
    }

    async fn assert_otp(&mut self, otp: Option<&'static str>) {
        self.visitor.visit::<Login>(move |login| assert_eq!(login.otp().map(String::as_str), otp)).await;
    }
}

#[tokio::test]
async fn a_value_is_absent_from_the_millisecond_on_at_which_its_time_is_over() {
    let mut timed = Timed::with_otp().await;
    timed.clock.advance(Duration::from_millis(599_999));
    timed.assert_otp(Some("123456")).await;
    timed.clock.advance(MILLISECOND);
    timed.assert_otp(None).await;
    timed.visitor.visit::<Login>(|login| assert_eq!(login.take_otp(), None)).await;
    assert_eq!(timed.store.asked(), "load; load; load");
}

#[tokio::test]
async fn a_field_that_is_no_option_is_its_default_again() {
    let mut timed = Timed::new();
    timed.visitor.visit::<Login>(|login| *login.tries_mut() -= 1).await;
    timed.clock.advance(Duration::from_millis(89_999));
    timed.visitor.visit::<Login>(|login| assert_eq!(login.tries(), 2)).await;
    timed.clock.advance(MILLISECOND);
    timed.visitor.visit::<Login>(|login| assert_eq!(login.tries(), 3)).await;
}

#[tokio::test]
async fn setting_begins_the_time_anew_and_lending_does_not() {
    let mut timed = Timed::with_otp().await;
    timed.clock.advance(Duration::from_mins(6));
    timed.visitor.visit::<Login>(|login| login.otp_mut().get_or_insert_default().push_str("")).await;
    assert_eq!(timed.store.asked(), "load");
    timed.visitor.visit::<Login>(|login| login.set_otp("123456")).await;
    assert!(timed.store.asked().starts_with("load; update otp="));
    timed.clock.advance(Duration::from_mins(6));
    timed.assert_otp(Some("123456")).await;
    timed.clock.advance(Duration::from_mins(4));
    timed.assert_otp(None).await;
}

#[tokio::test]
async fn a_value_that_is_over_is_written_again_where_the_new_one_is_equal() {
    let mut timed = Timed::with_otp().await;
    timed.clock.advance(TEN_MINUTES);
    timed.visitor.visit::<Login>(|login| *login.otp_mut() = Some("123456".to_owned())).await;
    timed.assert_otp(Some("123456")).await;
}

#[tokio::test]
async fn taking_a_value_in_its_time_removes_it() {
    let mut timed = Timed::with_otp().await;
    timed.visitor.visit::<Login>(|login| login.set_user(7_u32)).await;
    timed.visitor.visit::<Login>(|login| assert_eq!(login.take_otp().as_deref(), Some("123456"))).await;
    assert_eq!(timed.store.fields(&timed.visitor.held()).await, "user=7");
}

#[tokio::test]
async fn a_value_from_before_it_had_a_time_is_read_and_gets_one_when_it_is_written() {
    let timed = Timed::new();
    let id = timed.store.plant(&[("otp", br#""old""#)]).await;
    let mut timed = Timed { visitor: timed.visitor.holding(&id), ..timed };
    timed.assert_otp(Some("old")).await;
    timed.visitor.visit::<Login>(|login| login.set_otp("old")).await;
    timed.clock.advance(TEN_MINUTES);
    timed.assert_otp(None).await;
}

#[tokio::test]
async fn what_two_requests_add_counts_from_nothing_once_the_time_is_over() {
    let mut timed = Timed::new();
    timed.visitor.visit::<Login>(|login| *login.failures_mut() += 5).await;
    timed.clock.advance(Duration::from_hours(1));
    let first = timed.visitor.held_up::<Login>(|login| *login.failures_mut() += 1).await;
    timed.visitor.visit::<Login>(|login| *login.failures_mut() += 1).await;
    first.goes_on().await;
    timed.visitor.visit::<Login>(|login| assert_eq!(login.failures(), 2)).await;
}

#[tokio::test]
async fn what_was_read_in_its_time_is_what_a_merge_starts_from() {
    let mut timed = Timed::with_a_hundred_failures().await;
    timed.clock.advance(Duration::from_secs(3599));
    let gate = Gate::default();
    let passing = gate.clone();
    let first = timed.visitor.start(async move |handle| {
        let mut login = load::<Login>(&handle).await;
        assert_eq!(login.failures(), 100);
        passing.pass().await;
        *login.failures_mut() += 5;
    });
    gate.arrived().await;
    timed.visitor.visit::<Login>(|login| *login.failures_mut() += 30).await;
    timed.clock.advance(Duration::from_secs(2));
    gate.open();
    first.await.expect("an answer");
    timed.visitor.visit::<Login>(|login| assert_eq!(login.failures(), 135)).await;
}

#[tokio::test]
async fn a_value_that_was_read_in_its_time_stays_for_the_rest_of_the_request() {
    let mut timed = Timed::with_otp().await;
    let clock = timed.clock.clone();
    timed
        .visitor
        .visit::<Login>(move |login| {
            assert!(login.otp().is_some());
            clock.advance(Duration::from_hours(1));
            assert!(login.otp().is_some() && login.snapshot().otp.is_some());
            assert_eq!(login.failures(), 0, "what was not read is judged when it is");
        })
        .await;
    timed.assert_otp(None).await;
}

/// The same number, without a time of its own.
#[derive(Session)]
struct Counted {
    #[session(merge = sum)]
    failures: u32,
}

#[tokio::test]
async fn what_has_no_time_any_more_adds_up_from_what_was_read() {
    let mut timed = Timed::with_a_hundred_failures().await;
    timed.clock.advance(Duration::from_hours(1));
    let first = timed.visitor.held_up::<Counted>(|counted| *counted.failures_mut() += 5).await;
    timed.visitor.visit::<Counted>(|counted| counted.set_failures(counted.failures() + 30)).await;
    first.goes_on().await;
    timed.visitor.visit::<Counted>(|counted| assert_eq!(counted.failures(), 35)).await;
}

#[tokio::test]
async fn two_views_that_read_a_number_before_and_after_its_end_add_up() {
    let mut timed = Timed::with_a_hundred_failures().await;
    timed.clock.advance(Duration::from_secs(3599));
    let gate = Gate::default();
    let passing = gate.clone();
    let first = timed.visitor.start(async move |handle| {
        let mut before = load::<Login>(&handle).await;
        let mut after = load::<Login>(&handle).await;
        assert_eq!(before.failures(), 100);
        passing.pass().await;
        before.set_failures(before.failures() + 5);
        *after.failures_mut() += 7;
        drop(before);
    });
    gate.arrived().await;
    timed.visitor.visit::<Login>(|login| *login.failures_mut() += 30).await;
    timed.clock.advance(Duration::from_secs(2));
    gate.open();
    first.await.expect("an answer");
    timed.visitor.visit::<Login>(|login| assert_eq!(login.failures(), 142)).await;
}
