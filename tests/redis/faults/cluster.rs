//! A master of a cluster that is killed under load, and its replica that takes its place.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::http::StatusCode;
use session_runtime::{RedisStore, SessionId, SessionStore as _, StoreKey};
use session_servers::Cluster;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::{hits_of, order, until_served};
use crate::support::{Guest, PREFIX, in_time, name_of, until};

const LIMIT: Duration = Duration::from_secs(3);

/// Visitors of an application over a cluster, told apart by whether their session is on the master that is to be killed.
struct Visitors {
    cluster: Cluster,
    victim: usize,
    hit: Vec<Guest>,
    spared: Vec<Guest>,
}

impl Visitors {
    /// So many, each signed in, with one hit that the replicas have too.
    async fn of(count: usize, replicas: usize) -> Self {
        let cluster = Cluster::start().expect("a cluster");
        for node in cluster.nodes() {
            // Slots that nobody serves do not make those unavailable that somebody does.
            order(node, &["CONFIG", "SET", "cluster-require-full-coverage", "no"]);
        }
        let store = RedisStore::connect_cluster(cluster.urls()).await.expect("a cluster").replicas(replicas);
        let first = Guest::patient_for(store, LIMIT);
        let mut guests = JoinSet::new();
        for number in 0..count {
            let mut guest = first.other();
            guests.spawn(async move {
                guest.see(&format!("/sign-in/{number}")).await;
                guest.see("/hit").await;
                guest
            });
        }
        let guests = guests.join_all().await;
        let master_of = |guest: &Guest| cluster.master_of(&name_of(&guest.key())).expect("a master");
        let victim = master_of(&guests[0]);
        let (hit, spared) = guests.into_iter().partition(|guest| master_of(guest) == victim);
        let visitors = Self { cluster, victim, hit, spared };
        visitors.until_replicated().await;
        visitors
    }

    /// Waits until the victim's replica has what it has.
    async fn until_replicated(&self) {
        let node = &self.cluster.nodes()[self.victim];
        let number = |info: &str, name: &str| {
            let mut parts = info.split(['\r', '\n', ',']);
            parts.find_map(|part| part.strip_prefix(name)?.parse::<u64>().ok())
        };
        until("the replica has everything", async || {
            let info = order(node, &["INFO", "replication"]);
            (number(&info, "master_repl_offset:")? <= number(&info, "offset=")?).then_some(())
        })
        .await;
    }

    fn kill(&self) {
        self.cluster.nodes()[self.victim].kill().expect("killed");
    }
}

/// Each visitor of the spared masters hits until it is told to stop: how many hits were served, and how many were 503.
fn keep_hitting(spared: Vec<Guest>, over: &Arc<AtomicBool>) -> JoinSet<(u32, u32)> {
    let mut visitors = JoinSet::new();
    for mut guest in spared {
        let over = over.clone();
        visitors.spawn(async move {
            let (mut served, mut failed) = (0, 0);
            while !over.load(Ordering::SeqCst) {
                match in_time(2 * LIMIT, guest.get("/hit")).await.status {
                    StatusCode::OK => served += 1,
                    _ => failed += 1,
                }
            }
            (served, failed)
        });
    }
    visitors
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_go_on_where_the_replica_takes_over() {
    let mut visitors = Visitors::of(60, 0).await;
    let over = Arc::new(AtomicBool::new(false));
    let spared = keep_hitting(std::mem::take(&mut visitors.spared), &over);
    visitors.kill();
    let mut back = JoinSet::new();
    for mut guest in std::mem::take(&mut visitors.hit) {
        back.spawn(async move {
            let (gap, failed) = until_served(&mut guest, LIMIT).await;
            let hits = hits_of(&guest.see("/read").await);
            assert!(
                (2..=2 + failed).contains(&hits),
                "{hits} hits, of which the replica had one and {failed} were 503"
            );
            (gap, failed)
        });
    }
    let back = back.join_all().await;
    over.store(true, Ordering::SeqCst);
    let spared = spared.join_all().await;
    let (served, others_failed): (Vec<u32>, Vec<u32>) = spared.into_iter().unzip();
    let (served, others_failed): (u32, u32) = (served.iter().sum(), others_failed.iter().sum());
    let gap = back.iter().map(|(gap, _)| *gap).max().expect("a session");
    let failed: u32 = back.iter().map(|(_, failed)| failed).sum();
    println!("the gap was {gap:?}: {failed} requests of {} sessions were 503", back.len());
    println!("of the other masters' {served} were served and {others_failed} were 503");
    assert!(failed > 0, "a master that is gone is missed");
    assert!(served > 0 && others_failed == 0, "what other masters have is there all the time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_out_that_was_answered_holds_where_replicas_are_waited_for() {
    let mut visitors = Visitors::of(300, 1).await;
    let (turns, done) = (Arc::new(Semaphore::new(16)), Arc::new(AtomicUsize::new(0)));
    let mut leaving = JoinSet::new();
    for guest in std::mem::take(&mut visitors.hit) {
        let (turns, done) = (turns.clone(), done.clone());
        leaving.spawn(async move {
            let _turn = turns.acquire().await.expect("open");
            // A load, and a commit.
            let answer = in_time(2 * LIMIT, guest.clone().get("/sign-out")).await;
            done.fetch_add(1, Ordering::SeqCst);
            (guest, answer.status == StatusCode::OK)
        });
    }
    let third = leaving.len() / 3;
    until("a third is signed out", async || (done.load(Ordering::SeqCst) >= third).then_some(())).await;
    visitors.kill();
    let began = Instant::now();
    let outcomes = leaving.join_all().await;
    let (mut answered, mut open) = (0, 0);
    for (guest, was_answered) in outcomes {
        let seen = until("the replica is the master", async || {
            let answer = in_time(LIMIT, guest.clone().get("/read")).await;
            (answer.status == StatusCode::OK).then(|| answer.text().to_owned())
        })
        .await;
        assert!(!was_answered || seen == "0 hits of nobody", "who was told so is signed out");
        *(if was_answered { &mut answered } else { &mut open }) += 1;
    }
    println!("{answered} sign-outs were answered, {open} were 503; all were seen after {:?}", began.elapsed());
    assert!(answered >= third && open > 0);
}

/// It knows no other node any more, as one that comes back with an old list of them.
#[tokio::test]
async fn a_node_that_lost_its_cluster_takes_no_other_with_it() {
    let cluster = Cluster::start().expect("a cluster");
    let keys = [0, 1, 2].map(|master| key_at(&cluster, master));
    let mut stores = Vec::new();
    for _ in 0..8 {
        let store = RedisStore::connect_cluster(&cluster.urls()[1..]).await.expect("a cluster").key_prefix(PREFIX);
        for key in &keys {
            assert!(store.load(key, None).await.expect("an answer").is_none());
        }
        stores.push(store);
    }
    let (lost, others) = cluster.nodes().split_first().expect("nodes");
    for other in others {
        order(lost, &["CLUSTER", "FORGET", &order(other, &["CLUSTER", "MYID"])]);
    }
    until("it serves nobody", async || order(lost, &["CLUSTER", "INFO"]).contains("cluster_state:fail").then_some(()))
        .await;
    for store in &stores {
        // What it does, or says, is no matter.
        let _ = in_time(LIMIT, store.load(&keys[0], None)).await;
        for key in &keys[1..] {
            assert!(in_time(LIMIT, store.load(key, None)).await.expect("an answer of the others").is_none());
        }
    }
}

/// A key of this master.
fn key_at(cluster: &Cluster, master: usize) -> StoreKey {
    loop {
        let key = SessionId::generate().expect("random bytes").store_key();
        if cluster.master_of(&name_of(&key)).expect("a master") == master {
            return key;
        }
    }
}

/// A slot is given to another master while its sessions are in use: `ASK` in the middle, `MOVED` in the end.
#[tokio::test]
async fn a_session_is_found_wherever_its_slot_is_on_the_way() {
    let cluster = Cluster::start().expect("a cluster");
    let store = RedisStore::connect_cluster(cluster.urls()).await.expect("a cluster");
    let mut guest = Guest::patient_for(store, LIMIT);
    guest.see("/hit").await;
    let key = name_of(&guest.key());
    let from = cluster.master_of(&key).expect("a master");
    let to = (from + 1) % 3;
    let (old, new) = (&cluster.nodes()[from], &cluster.nodes()[to]);
    let (old_id, new_id) = (order(old, &["CLUSTER", "MYID"]), order(new, &["CLUSTER", "MYID"]));
    let slot = order(old, &["CLUSTER", "KEYSLOT", &key]);

    order(new, &["CLUSTER", "SETSLOT", &slot, "IMPORTING", &old_id]);
    order(old, &["CLUSTER", "SETSLOT", &slot, "MIGRATING", &new_id]);
    assert_eq!(guest.see("/hit").await, "2 hits of nobody", "it is where it was");
    order(old, &["MIGRATE", "127.0.0.1", &new.port().to_string(), &key, "0", "5000"]);
    assert_eq!(guest.see("/hit").await, "3 hits of nobody", "it is there already, its slot is not");
    for node in [new, old] {
        order(node, &["CLUSTER", "SETSLOT", &slot, "NODE", &new_id]);
    }
    assert_eq!(guest.see("/hit").await, "4 hits of nobody", "its slot is there, too");
    assert_eq!(guest.see("/sign-in/7").await, "4 hits of 7");
    assert_eq!(guest.see("/sign-out").await, "signed out");
}
