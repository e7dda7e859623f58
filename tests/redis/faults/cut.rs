//! Connections that break in the middle of an answer, when what was asked is done.

use std::time::Duration;

use session_runtime::{RedisStore, SessionStore as _};
use session_servers::Redis;

use super::order;
use crate::support::{Fault, Guest, Proxy, in_time, until};

const LIMIT: Duration = Duration::from_secs(5);

/// A visit whose answers from the server are cut.
struct Visit {
    /// Where the visitor has been before.
    before: &'static [&'static str],
    path: &'static str,
    /// What it shows.
    shows: &'static str,
    /// What the visitor reads after it.
    read: &'static str,
    /// What is read under the id that the visitor had before.
    old: &'static str,
    /// How many hashes there are after it.
    hashes: &'static str,
}

const NOTHING: &str = "0 hits of nobody";

#[tokio::test]
async fn a_new_session_is_stored_once() {
    let (shows, read) = ("1 hits of nobody", "1 hits of nobody");
    cut_everywhere(Visit { before: &[], path: "/hit", shows, read, old: NOTHING, hashes: "1" }).await;
}

#[tokio::test]
async fn an_update_is_done_once() {
    let (shows, read, old) = ("2 hits of nobody", "2 hits of nobody", "2 hits of nobody");
    cut_everywhere(Visit { before: &["/hit"], path: "/hit", shows, read, old, hashes: "1" }).await;
}

/// The second hash is a pointer.
#[tokio::test]
async fn a_new_id_leads_to_the_session_and_the_old_one_does_not() {
    let (shows, read) = ("1 hits of 7", "1 hits of 7");
    cut_everywhere(Visit { before: &["/hit"], path: "/sign-in/7", shows, read, old: NOTHING, hashes: "2" }).await;
}

/// The hash says that a session ended here.
#[tokio::test]
async fn a_sign_out_is_answered() {
    let (shows, read) = ("signed out", NOTHING);
    cut_everywhere(Visit { before: &["/hit"], path: "/sign-out", shows, read, old: NOTHING, hashes: "1" }).await;
}

/// Makes a visit again and again, the answers cut after no byte, after one, after two, until nothing is left to be cut.
async fn cut_everywhere(visit: Visit) {
    let (server, proxy, guest) = proxied(LIMIT).await;
    for after in 0.. {
        order(&server, &["FLUSHALL"]);
        let mut visitor = guest.other();
        for path in visit.before {
            visitor.see(path).await;
        }
        let mut old = visitor.clone();
        let made = proxy.made();
        proxy.set(Fault::CutOnce(after));
        assert_eq!(visitor.see(visit.path).await, visit.shows, "cut after {after} bytes");
        let was_cut = !proxy.is_armed();
        proxy.set(Fault::None);
        assert_eq!(proxy.made() - made, u64::from(was_cut), "one connection in the place of one that broke");
        assert_eq!(visitor.see("/read").await, visit.read, "cut after {after} bytes");
        assert_eq!(old.see("/read").await, visit.old, "cut after {after} bytes");
        assert_eq!(order(&server, &["DBSIZE"]), visit.hashes, "cut after {after} bytes");
        if !was_cut {
            assert!(after >= 4, "the shortest answer has four bytes");
            return;
        }
    }
}

/// No byte, a part of what is said when a connection begins, and parts of what follows.
#[tokio::test]
async fn a_network_that_cuts_every_answer_is_503() {
    let (server, proxy, mut guest) = proxied(LIMIT).await;
    guest.see("/hit").await;
    let (mut other, ran) = (guest.clone(), guest.ran());
    for after in [0, 1, 5, 10, 11, 20, 40] {
        proxy.set(Fault::CutEvery(after));
        let error = in_time(Duration::ZERO, guest.fail("/hit")).await;
        assert!(error.starts_with("unreachable: "), "cut after {after} bytes: {error}");
        let error = guest.store.load(&guest.key(), None).await.expect_err("no answer");
        assert!(error.is_unreachable(), "cut after {after} bytes");
    }
    assert_eq!(guest.ran(), ran, "no handler runs without its session");
    assert_eq!(order(&server, &["DBSIZE"]), "1");
    proxy.set(Fault::None);
    assert_eq!(other.see("/hit").await, "2 hits of nobody");
}

/// All of the call's tries are done, and none of them is answered.
#[tokio::test]
async fn a_session_that_nobody_was_told_of_is_stored_once_at_most() {
    let (server, proxy, guest) = proxied(LIMIT).await;
    for after in 0..20 {
        order(&server, &["FLUSHALL"]);
        // The connection is new, so that as many bytes have passed over it as over the next.
        proxy.set(Fault::CutOnce(0));
        guest.other().see("/hit").await;
        order(&server, &["FLUSHALL"]);
        proxy.set(Fault::CutEvery(after));
        let answer = guest.other().get("/hit").await;
        let hashes = order(&server, &["DBSIZE"]);
        assert!(answer.status.is_success() || ["0", "1"].contains(&hashes.as_str()), "{hashes} after {after} bytes");
        proxy.set(Fault::None);
    }
}

/// The other end of a connection may be gone without a word: what stands between confirms what it is sent, and no more comes.
#[tokio::test]
async fn a_connection_that_gives_no_answers_is_given_up() {
    let limit = Duration::from_millis(200);
    let (_server, proxy, mut guest) = proxied(limit).await;
    guest.see("/hit").await;
    proxy.set(Fault::Hang);
    let error = in_time(limit, guest.fail("/hit")).await;
    assert!(error.starts_with("timed out: "), "{error}");
    until("another connection is made", async || guest.get("/read").await.status.is_success().then_some(())).await;
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

/// A server, and the application over it by way of a proxy. The server knows all scripts, so that each call has one answer.
async fn proxied(limit: Duration) -> (Redis, Proxy, Guest) {
    let server = Redis::start().expect("a server");
    let proxy = Proxy::to(server.port()).await;
    let store = RedisStore::connect(proxy.instead_of(&server.url())).await.expect("a connection");
    let guest = Guest::patient_for(store, limit);
    let mut first = guest.other();
    for path in ["/hit", "/hit", "/sign-in/7", "/sign-out"] {
        first.see(path).await;
    }
    order(&server, &["FLUSHALL"]);
    (server, proxy, guest)
}
