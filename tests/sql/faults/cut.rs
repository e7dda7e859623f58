//! Connections that break in the middle of an answer, when what was asked is done.

use std::time::Duration;

use session_runtime::store::SqlStore;
use session_tests::proxy::{Fault, Proxy};
use session_tests::{Guest, in_time};
use sqlx::Pool;

use super::scene::{CALLS, Scene};
use crate::support::{Server, idle, pooled};

over_servers!(
    every_call_answers_as_if_no_answer_had_been_lost,
    a_new_session_is_stored_once,
    an_update_is_done_once,
    a_new_id_leads_to_the_session_and_the_old_one_does_not,
    a_sign_out_is_answered,
    an_update_that_empties_is_answered,
    a_network_that_cuts_every_answer_is_503,
);

const LIMIT: Duration = Duration::from_secs(5);
/// So many bytes further each time: less than the shortest answer has.
const STEP: usize = 5;

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
    /// How many rows there are after it, of sessions and of all.
    rows: [&'static str; 2],
}

const NOTHING: &str = "0 hits of nobody";
const HIT: &str = "1 hits of nobody";

async fn a_new_session_is_stored_once<S: Server>() {
    let visit = Visit { before: &[], path: "/hit", shows: HIT, read: HIT, old: NOTHING, rows: ["1", "1"] };
    cut_everywhere::<S>(visit).await;
}

async fn an_update_is_done_once<S: Server>() {
    let twice = "2 hits of nobody";
    let visit = Visit { before: &["/hit"], path: "/hit", shows: twice, read: twice, old: twice, rows: ["1", "1"] };
    cut_everywhere::<S>(visit).await;
}

/// The second row is a pointer.
async fn a_new_id_leads_to_the_session_and_the_old_one_does_not<S: Server>() {
    let (shows, read) = ("1 hits of 7", "1 hits of 7");
    let visit = Visit { before: &["/hit"], path: "/sign-in/7", shows, read, old: NOTHING, rows: ["1", "2"] };
    cut_everywhere::<S>(visit).await;
}

/// The row says that a session ended here.
async fn a_sign_out_is_answered<S: Server>() {
    let shows = "signed out";
    let visit = Visit { before: &["/hit"], path: "/sign-out", shows, read: NOTHING, old: NOTHING, rows: ["0", "1"] };
    cut_everywhere::<S>(visit).await;
}

async fn an_update_that_empties_is_answered<S: Server>() {
    let shows = "cleared";
    let visit = Visit { before: &["/hit"], path: "/clear", shows, read: NOTHING, old: NOTHING, rows: ["0", "1"] };
    cut_everywhere::<S>(visit).await;
}

/// Makes a visit again and again, the answers cut after so many bytes, until nothing is left to be cut.
async fn cut_everywhere<S: Server>(visit: Visit) {
    let (server, proxy, pool, guest) = proxied::<S>().await;
    let mut hand = server.connection().await;
    for after in (0..).step_by(STEP) {
        S::say(&mut hand, "DELETE FROM sessions").await;
        let mut visitor = guest.other();
        for path in visit.before {
            visitor.see(path).await;
        }
        let mut old = visitor.clone();
        idle(&pool).await;
        let made = proxy.made();
        proxy.set(Fault::CutOnce(after));
        assert_eq!(visitor.see(visit.path).await, visit.shows, "cut after {after} bytes");
        idle(&pool).await;
        let was_cut = !proxy.is_armed();
        proxy.set(Fault::None);
        assert_eq!(visitor.see("/read").await, visit.read, "cut after {after} bytes");
        assert_eq!(old.see("/read").await, visit.old, "cut after {after} bytes");
        assert_eq!(proxy.made() - made, u64::from(was_cut), "one connection in the place of one that broke");
        let sessions = server.sql("SELECT COUNT(*) FROM sessions WHERE state <= 1");
        let rows = [sessions, server.sql("SELECT COUNT(*) FROM sessions")];
        assert_eq!(rows, visit.rows, "cut after {after} bytes");
        if !was_cut {
            assert!(after > STEP, "there are answers");
            return;
        }
    }
}

/// Each call is made again, by the store itself, and does nothing more.
async fn every_call_answers_as_if_no_answer_had_been_lost<S: Server>() {
    let (server, proxy, pool, guest) = proxied::<S>().await;
    let (beside, _) = pooled::<S::DB>(&server.url(), 1).await;
    for call in CALLS {
        for after in (0..).step_by(STEP) {
            let scene = Scene::of(call, &beside).await;
            idle(&pool).await;
            proxy.set(Fault::CutOnce(after));
            let answer = scene.call(&guest.store).await.expect("an answer");
            idle(&pool).await;
            let was_cut = !proxy.is_armed();
            proxy.set(Fault::None);
            assert_eq!(answer, scene.answer(), "{call:?} cut after {after} bytes");
            assert_eq!(scene.seen(&beside).await, scene.expected()[1], "{call:?} cut after {after} bytes");
            if !was_cut {
                assert!(after > STEP, "there are answers");
                break;
            }
        }
    }
}

/// No byte, a part of what is said when a connection begins, and parts of what follows.
async fn a_network_that_cuts_every_answer_is_503<S: Server>() {
    let (server, proxy, pool, mut guest) = proxied::<S>().await;
    guest.see("/hit").await;
    idle(&pool).await;
    let ran = guest.ran();
    for after in [0, 1, 5, 20, 100, 300] {
        proxy.set(Fault::CutEvery(after));
        let error = in_time(LIMIT, guest.fail("/hit")).await;
        assert!(error.starts_with("unreachable: ") || error.starts_with("timed out: "), "{after} bytes: {error}");
    }
    assert_eq!(guest.ran(), ran, "no handler runs without its session");
    assert_eq!(server.sql("SELECT COUNT(*) FROM sessions"), "1");
    proxy.set(Fault::None);
    assert_eq!(guest.see("/hit").await, "2 hits of nobody");
}

/// A server, and the application over it by way of a proxy, over one connection.
async fn proxied<S: Server>() -> (S, Proxy, Pool<S::DB>, Guest<SqlStore<S::DB>>) {
    let server = S::start();
    let proxy = Proxy::to(server.port()).await;
    let (store, pool) = pooled(&proxy.instead_of(&server.url()), 1).await;
    (server, proxy, pool, Guest::patient_for(store, LIMIT))
}
