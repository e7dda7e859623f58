//! What requests ask of Redis: how many commands, as the server counts them, and how many bytes.

use std::time::{Duration, Instant};

use session_runtime::{Session, SessionHandle};
use session_tests::Visitor;

use crate::support::Watched;

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

/// A visitor with a session, of a server that has run every script once.
async fn seen_before() -> Watched {
    let mut watched = Watched::new().await;
    for _ in 0..2 {
        watched.visit::<Payload>(fill).await;
        add_one(&mut watched).await;
        due(&watched);
        add_one(&mut watched).await;
        watched.visit::<Payload>(PayloadSession::destroy).await;
    }
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

/// How often commands of these names were sent, and no others.
fn count(commands: &[String], names: &[&str]) -> Vec<usize> {
    let is = |line: &String, name: &str| line.contains(&format!("] \"{name}\" "));
    let known = |line: &String| names.iter().any(|name| is(line, name));
    assert!(commands.iter().all(known), "{:?}", commands.iter().find(|line| !known(line)));
    names.iter().map(|name| commands.iter().filter(|line| is(line, name)).count()).collect()
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
    assert_eq!(count(&seen, &["HGETALL"]), [REQUESTS]);
}

#[tokio::test]
async fn a_request_that_changes_sends_two_commands() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| add_one(watched).await).await;
    assert_eq!(count(&seen, &["HGETALL", "EVALSHA"]), [REQUESTS, REQUESTS]);
}

#[tokio::test]
async fn a_request_that_creates_a_session_sends_one_command() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        watched.other().visit::<Payload>(fill).await;
    });
    assert_eq!(count(&seen.await, &["EVALSHA"]), [REQUESTS]);
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
    let seen = seen.await;
    let [loads, scripts] = count(&seen, &["HGETALL", "EVALSHA"])[..] else { panic!("two counts") };
    assert!(loads + scripts <= (1 + 2) * REQUESTS, "{loads} loads, {scripts} scripts, inserts among them");
}

#[tokio::test]
async fn a_request_that_extends_its_session_sends_no_command_more() {
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        due(watched);
        read(watched).await;
    });
    assert_eq!(count(&seen.await, &["EVALSHA"]), [REQUESTS]);
    let mut watched = seen_before().await;
    let seen = commands(&mut watched, async |watched| {
        due(watched);
        add_one(watched).await;
    });
    assert_eq!(count(&seen.await, &["EVALSHA"]), [2 * REQUESTS]);
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
        if !monitor.seen().unwrap().iter().any(|line| line.contains("HGETALL")) {
            break;
        }
        assert!(Instant::now() < end, "nothing is kept");
    }
    let seen = commands(&mut watched, async |watched| read(watched).await).await;
    assert_eq!(count(&seen, &["HGETALL", "EVALSHA", "PING"])[..2], [0, 0]);

    add_one(&mut watched).await;
    let seen = commands(&mut watched, async |watched| {
        watched.visit::<Payload>(|payload| assert_eq!(payload.counter(), 1)).await;
    });
    let [loads, scripts, _] = count(&seen.await, &["HGETALL", "EVALSHA", "PING"])[..] else { panic!("three counts") };
    // Twice where Redis tells of the change only while it is being read: then that answer is not kept.
    assert!((1..=2).contains(&loads) && scripts == 0, "what changed is read anew: {loads} loads, {scripts} scripts");
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
