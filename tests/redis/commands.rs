//! What requests ask of Redis: how many commands, as the server counts them, and how many bytes.

use std::time::{Duration, Instant};

use session_runtime::{Session, SessionHandle, SessionStore as _};
use session_tests::Visitor;

use crate::support::Watched;
use crate::support::functions::{
    ANNOUNCE, CONFIRM, INSERT, LOAD, READ, REMOVE, RENAME, SESSIONS, UNLIST, UPDATE, calls,
};

const REQUESTS: usize = 100;
const PATIENCE: Duration = Duration::from_secs(30);

/// Eight fields, 389 bytes as JSON: what all figures of this project are about.
#[derive(Session)]
struct Payload {
    user_id: u64,
    name: String,
    roles: Vec<String>,
    counter: u64,
    text: String,
    locale: String,
    token: String,
    seen_at: i64,
}

fn fill(payload: &mut Session<Payload>) {
    payload.set_user_id(123_456_789_u64);
    payload.set_name("Augusta Ada of Ockham");
    payload.set_roles(["moderator", "reviewer", "verified"].map(str::to_owned));
    payload.set_counter(0_u64);
    payload.set_text("The engine weaves patterns. ".repeat(8).split_at(200).0);
    payload.set_locale("en-GB");
    payload.set_token("q7Zp2Xv9Lr4Tn8Ks1Wd6Yg");
    payload.set_seen_at(1_764_000_000_i64);
}

async fn read(visitor: &mut Visitor) {
    visitor.visit::<Payload>(|payload| assert_eq!(payload.user_id(), 123_456_789)).await;
}

async fn add_one(visitor: &mut Visitor) {
    visitor.visit::<Payload>(|payload| *payload.counter_mut() += 1).await;
}

/// A visitor with a session, of a server that has been given the functions.
async fn seen_before() -> Watched {
    let mut watched = Watched::new().await;
    watched.visit::<Payload>(fill).await;
    watched
}

/// Lets more than a tenth of the idle time pass.
fn due(watched: &Watched) {
    watched.wait(Duration::from_hours(3));
}

/// What the server was sent by clients while so many requests were made; not what its scripts did.
async fn commands(watched: &mut Watched, mut request: impl AsyncFnMut(&mut Watched)) -> Vec<String> {
    let mut monitor = watched.redis.monitor().unwrap();
    for _ in 0..REQUESTS {
        request(watched).await;
    }
    let mut seen = monitor.seen().unwrap();
    seen.retain(|line| !line.contains(" lua] "));
    seen
}

/// How often these functions were called, and that nothing else was asked.
fn count<const N: usize>(commands: &[String], functions: [&str; N]) -> [usize; N] {
    let other = commands.iter().find(|line| functions.iter().all(|function| !calls(line, function)));
    assert_eq!(other, None);
    functions.map(|function| commands.iter().filter(|line| calls(line, function)).count())
}

#[tokio::test]
async fn a_request_that_does_not_ask_for_its_session_sends_nothing() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        watched.act(async |_: SessionHandle| "untouched").await;
    });
    assert_eq!(seen.await, [""; 0]);
}

#[tokio::test]
async fn a_request_that_reads_sends_one_command() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| read(watched).await).await;
    assert_eq!(count(&seen, [READ]), [REQUESTS]);
}

#[tokio::test]
async fn a_request_that_changes_sends_two_commands() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| add_one(watched).await).await;
    assert_eq!(count(&seen, [READ, UPDATE]), [REQUESTS, REQUESTS]);
}

#[tokio::test]
async fn a_request_that_creates_a_session_sends_one_command() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        watched.other().visit::<Payload>(fill).await;
    });
    assert_eq!(count(&seen.await, [INSERT]), [REQUESTS]);
    assert!(watched.keys().len() > REQUESTS);
}

#[tokio::test]
async fn a_sign_out_sends_two_commands() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        let mut other = watched.other();
        other.visit::<Payload>(fill).await;
        other.visit::<Payload>(PayloadSession::destroy).await;
    });
    assert_eq!(count(&seen.await, [INSERT, READ, REMOVE]), [REQUESTS; 3]);
}

#[tokio::test]
async fn a_request_that_extends_its_session_sends_no_command_more() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        due(watched);
        read(watched).await;
    });
    assert_eq!(count(&seen.await, [LOAD]), [REQUESTS]);
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        due(watched);
        add_one(watched).await;
    });
    assert_eq!(count(&seen.await, [LOAD, UPDATE]), [REQUESTS, REQUESTS]);
}

/// Somebody who is signed in.
#[derive(Session)]
struct Account {
    #[session(principal)]
    user: Option<u64>,
    counter: u64,
}

async fn sign_in(visitor: &mut Visitor) {
    visitor.visit::<Account>(|account| account.set_user(7_u64)).await;
}

#[tokio::test]
async fn a_sign_in_sends_three_commands() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| sign_in(&mut watched.other()).await).await;
    assert_eq!(count(&seen, [ANNOUNCE, INSERT, CONFIRM, SESSIONS]), [REQUESTS, REQUESTS, REQUESTS, REQUESTS / 64]);
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| sign_in(watched).await).await;
    // Nobody has seen yet when a session under a new id ends.
    let [reads, loads, sign_ins @ ..] = count(&seen, [READ, LOAD, ANNOUNCE, RENAME, CONFIRM]);
    assert_eq!((reads + loads, sign_ins), (REQUESTS, [REQUESTS; 3]));
}

#[tokio::test]
async fn somebody_who_is_signed_in_sends_what_everybody_does() {
    let mut watched = seen_before().await;
    sign_in(&mut watched).await;
    watched.visit::<Account>(|account| assert_eq!(account.counter(), 0)).await;
    let seen = commands(&mut watched, async |watched| {
        watched.visit::<Account>(|account| assert!(account.user().is_some())).await;
        watched.visit::<Account>(|account| *account.counter_mut() += 1).await;
    });
    assert_eq!(count(&seen.await, [READ, UPDATE]), [2 * REQUESTS, REQUESTS]);
}

#[tokio::test]
async fn a_sign_out_of_somebody_sends_three_commands() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        sign_in(watched).await;
        watched.visit::<Account>(AccountSession::destroy).await;
    });
    let seen = seen.await;
    assert_eq!(count(&seen[seen.len() - 3..], [READ, REMOVE, UNLIST]), [1; 3]);
}

#[tokio::test]
async fn all_sessions_of_somebody_are_one_command() {
    let mut watched = seen_before().await;
    for _ in 0..10 {
        sign_in(&mut watched.other()).await;
    }
    let seen = commands(&mut watched, async |watched| {
        let index = watched.store.index().expect("an index");
        assert_eq!(index.sessions("7").await.expect("an answer").len(), 10);
    });
    assert_eq!(count(&seen.await, [SESSIONS]), [REQUESTS]);
}

#[tokio::test]
async fn repeated_reads_over_a_near_cache_send_nothing_but_signs_of_life() {
    let mut watched = Watched::over(|store| store.near_cache(100), |layer| layer).await;
    watched.visit::<Payload>(fill).await;
    // The first read starts the cache; when it is connected, the one after the next read sends nothing.
    let mut monitor = watched.redis.monitor().unwrap();
    let end = Instant::now() + PATIENCE;
    loop {
        read(&mut watched).await;
        if !monitor.seen().unwrap().iter().any(|line| calls(line, READ)) {
            break;
        }
        assert!(Instant::now() < end, "nothing is kept");
    }
    assert_eq!(reads(&mut watched, 0).await, 0);

    add_one(&mut watched).await;
    let reads = reads(&mut watched, 1).await;
    // Twice where Redis tells of the change only while it is being read: then that answer is not kept.
    assert!((1..=2).contains(&reads), "what changed is read anew: {reads} reads");
}

/// How often the session was read while so many requests saw this counter; beside that there are only signs of life.
async fn reads(watched: &mut Watched, counter: u64) -> usize {
    let seen = commands(watched, async |watched| {
        watched.visit::<Payload>(move |payload| assert_eq!(payload.counter(), counter)).await;
    });
    let mut seen = seen.await;
    seen.retain(|line| !line.contains("] \"PING\""));
    let [reads] = count(&seen, [READ]);
    reads
}

/// All bytes that the server has received.
fn received(watched: &Watched) -> usize {
    let info = watched.ask(&["INFO", "stats"]).text();
    let line = info.lines().find_map(|line| line.strip_prefix("total_net_input_bytes:"));
    line.expect("a count of bytes").parse().expect("a number")
}

#[tokio::test]
async fn adding_one_sends_260_bytes_at_most() {
    let mut watched = seen_before().await;
    add_one(&mut watched).await;
    let question = {
        let before = received(&watched);
        received(&watched) - before
    };
    let before = received(&watched);
    for _ in 0..REQUESTS {
        add_one(&mut watched).await;
    }
    let bytes = received(&watched) - before - question;
    println!("load and update of a request that adds one: {} bytes to Redis", bytes.div_ceil(REQUESTS));
    assert!(bytes <= 260 * REQUESTS, "{bytes} bytes in {REQUESTS} requests");
    assert!(bytes > 100 * REQUESTS, "{bytes} bytes in {REQUESTS} requests are too few to be true");
}
