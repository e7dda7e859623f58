//! What is asked of Redis, and what is not.

use std::sync::Arc;
use std::time::{Duration, Instant};

use session_runtime::record::Record;
use session_runtime::store::Loaded;
use session_runtime::{Clock, Expiry, Roll, SessionId, SessionStore as _};
use session_servers::Redis;

use super::app::App;
use super::stage::{Stage, Watch, cached, delta, hash, new_key, number, plant, record, until};
use crate::support::functions::{LOAD, READ, TOUCH, calls};

const HOUR: Duration = Duration::from_hours(1);

#[tokio::test]
async fn a_session_that_is_kept_is_read_without_a_command() {
    let mut stage = Stage::new().await;
    for _ in 0..100 {
        assert_eq!(stage.see().await, "1");
    }
    assert_eq!(stage.watch.seen(), [""; 0]);
}

#[tokio::test]
async fn a_session_is_read_from_redis_once() {
    let mut stage = Stage::new().await;
    let key = plant(&stage.elsewhere().await, 2).await;
    stage.watch.seen();
    for _ in 0..3 {
        assert_eq!(number(&stage.store, &key).await, 2);
    }
    let seen = stage.watch.seen();
    assert!(seen.len() == 1 && calls(&seen[0], READ) && seen[0].contains(&hash(&key)), "{seen:?}");
}

/// An application over a near cache, a browser that visits it, and the time, which is set by hand.
struct Visited {
    app: App,
    clock: Clock,
    watch: Watch,
    _server: Redis,
}

impl Visited {
    async fn new(expiry: Expiry) -> Self {
        let server = Redis::start().expect("a server");
        let clock = Clock::manual();
        clock.advance(Clock::system().now().saturating_since(clock.now()));
        let store = Arc::new(cached(&server.url()).await.clock(clock.clone()));
        let id = SessionId::generate().expect("random bytes");
        let session = Record::new(clock.now(), clock.now() + HOUR).apply(&delta(1)).at_version(1);
        store.insert(&id.store_key(), &session).await.expect("an answer");
        let app = App::over(&store, id, |layer| layer.clock(clock.clone()).expiry(expiry));
        let mut visited = Self { app, clock, watch: Watch::over([&server]), _server: server };
        visited.until_kept().await;
        visited
    }

    /// Visits until a visit costs nothing.
    async fn until_kept(&mut self) {
        until("a visit costs nothing", async || {
            self.watch.seen();
            self.app.get("/read").await;
            self.watch.seen().is_empty().then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn requests_that_read_cost_no_command() {
    let mut visited = Visited::new(idle()).await;
    for _ in 0..100 {
        visited.app.get("/read").await;
    }
    assert_eq!(visited.watch.seen(), [""; 0]);
}

/// A visit that extends its session calls this function, and no other.
async fn extending(expiry: Expiry, function: &str) {
    let mut visited = Visited::new(expiry).await;
    for _ in 0..4 {
        visited.clock.advance(Duration::from_mins(2));
        visited.app.get("/read").await;
        let seen = visited.watch.seen();
        assert!(seen.len() == 1 && calls(&seen[0], function), "{seen:?}");
        visited.until_kept().await;
    }
}

#[tokio::test]
async fn a_session_that_is_extended_when_it_is_read_costs_one_command() {
    extending(idle().browser_session(), LOAD).await;
}

#[tokio::test]
async fn a_session_that_is_extended_when_its_request_ends_costs_one_command() {
    extending(idle(), TOUCH).await;
}

/// Sessions end an hour after they were last asked for, and are extended a minute after that.
fn idle() -> Expiry {
    Expiry::idle(HOUR).touch_after(Duration::from_mins(1))
}

/// The server is asked when a session is due, whatever is kept.
#[tokio::test]
async fn a_session_that_is_due_is_extended_by_its_load() {
    let mut stage = Stage::new().await;
    let ends = record(&stage.store, &stage.key).await.expect("a session").expires();
    let idle = Duration::from_hours(2);
    let roll = Roll { now: Clock::system().now(), idle, threshold: Duration::from_mins(1), limit: None };
    let load = async || match stage.store.load(&stage.key, Some(roll)).await.expect("an answer") {
        Some(Loaded::Record { record, rolled }) => (record.expires(), rolled),
        other => panic!("{other:?}"),
    };
    assert_eq!(load().await, (roll.now + idle, true));
    assert!(roll.now + idle > ends);
    // Who reads right after it may be told what is kept: it is the same session, but for its end.
    until("the new end is kept", async || (load().await == (roll.now + idle, false)).then_some(())).await;
    stage.watch.until_kept(&stage.store, &stage.key).await;
}

/// Signs of life keep what is kept good for longer than the greatest age.
#[tokio::test]
async fn a_session_is_kept_as_long_as_its_connection_lives() {
    let mut stage = Stage::with(|store| store.near_cache_max_age(Duration::from_millis(200))).await;
    let (began, mut reads) = (Instant::now(), 0);
    while began.elapsed() < Duration::from_millis(1_200) {
        assert_eq!(stage.see().await, "1");
        reads += 1;
        // Reads as fast as they go would be so many before the greatest age that those after it weigh nothing.
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    // A machine that is busy may miss a sign or two.
    let asked = stage.watch.seen_of(&stage.key).len();
    assert!(asked * 2 < reads, "{asked} of {reads} reads cost a command");
}

#[tokio::test]
async fn what_was_never_there_is_asked_for_each_time() {
    let mut stage = Stage::new().await;
    let key = new_key();
    for _ in 0..2 {
        assert!(stage.store.load(&key, None).await.expect("an answer").is_none());
        assert_eq!(stage.watch.seen().len(), 1);
    }
}
