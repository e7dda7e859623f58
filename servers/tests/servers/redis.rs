//! Redis servers: alone, with TLS, a cluster, sentinels.

use std::{
    process::{Command, Stdio},
    thread,
};

use session_servers::{Cluster, Redis, Sentinels};

use crate::support::{listens, until};

#[test]
fn a_server_answers_as_soon_as_it_is_started() {
    let redis = Redis::start().unwrap();
    assert_eq!(redis.url(), format!("redis://127.0.0.1:{}", redis.port()));
    assert!(listens(redis.port()));
    redis.command(&["HSET", "visits", "hits", "7", "name", "Ada\r\n"]).unwrap();
    assert_eq!(redis.command(&["HGETALL", "visits"]).unwrap().texts(), ["hits", "7", "name", "Ada\r\n"]);
    assert_eq!(redis.command(&["GET", "nothing"]).unwrap().text(), "");
    assert!(redis.command(&["HGET", "visits"]).unwrap_err().to_string().contains("wrong number of arguments"));
}

#[test]
fn arguments_reach_the_server_and_what_is_wrong_with_them_reaches_the_test() {
    let redis = Redis::with(&["--maxmemory", "5000000", "--requirepass", "secret"]).unwrap();
    assert_eq!(redis.url(), format!("redis://:secret@127.0.0.1:{}", redis.port()));
    assert_eq!(redis.command(&["CONFIG", "GET", "maxmemory"]).unwrap().list()[1].text(), "5000000");
    let error = Redis::with(&["--maxmemory", "plenty"]).unwrap_err();
    assert!(error.to_string().contains("argument must be a memory value"), "{error}");
}

#[test]
fn a_server_with_tls_shows_a_certificate_for_this_machine() {
    let redis = Redis::tls().unwrap();
    let port = redis.port();
    assert_eq!(redis.url(), format!("rediss://:open-sesame@localhost:{port}"));
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", "-verify_return_error", "-verify_hostname", "localhost", "-brief"]);
    openssl.args(["-connect", &format!("127.0.0.1:{port}"), "-CAfile"]).arg(redis.certificate().unwrap());
    let output = openssl.stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("Verification: OK"), "{said}");
}

#[test]
fn a_server_that_is_killed_comes_back_empty_on_its_port() {
    let redis = Redis::start().unwrap();
    let (url, port) = (redis.url(), redis.port());
    redis.command(&["SET", "name", "Ada"]).unwrap();
    redis.kill().unwrap();
    assert!(!listens(port));
    assert!(redis.command(&["PING"]).is_err());
    redis.restart().unwrap();
    assert_eq!((redis.url(), listens(port)), (url, true));
    assert_eq!(redis.command(&["DBSIZE"]).unwrap().text(), "0");
}

#[test]
fn a_monitor_sees_what_ran_since_it_was_asked_last() {
    let redis = Redis::start().unwrap();
    redis.command(&["SET", "name", "before"]).unwrap();
    let mut monitor = redis.monitor().unwrap();
    redis.command(&["SET", "name", "Ada"]).unwrap();
    let seen = monitor.seen().unwrap();
    assert!(matches!(&seen[..], [line] if line.ends_with(r#""SET" "name" "Ada""#)), "{seen:?}");
    assert_eq!(monitor.seen().unwrap(), [""; 0]);
}

#[test]
fn a_server_that_is_dropped_is_gone() {
    let redis = Redis::start().unwrap();
    let port = redis.port();
    drop(redis);
    assert!(!listens(port));
}

#[test]
fn two_servers_started_at_once_have_ports_of_their_own() {
    let servers: Vec<Redis> = thread::scope(|scope| {
        let starting: Vec<_> = (0..8).map(|_| scope.spawn(|| Redis::start().unwrap())).collect();
        starting.into_iter().map(|starting| starting.join().unwrap()).collect()
    });
    let mut ports: Vec<u16> = servers.iter().map(Redis::port).collect();
    ports.sort_unstable();
    ports.dedup();
    assert_eq!(ports.len(), 8);
}

#[test]
fn a_cluster_serves_every_slot_and_outlives_a_master() {
    let cluster = Cluster::start().unwrap();
    assert_eq!((cluster.nodes().len(), cluster.urls().len()), (6, 6));
    for node in cluster.nodes() {
        let info = node.command(&["CLUSTER", "INFO"]).unwrap().text();
        assert!(info.contains("cluster_state:ok") && info.contains("cluster_slots_ok:16384"), "{info}");
    }
    let first = cluster.master_of("name").unwrap();
    set_on_replica(&cluster.nodes()[first], "name", "Ada");

    cluster.nodes()[first].kill().unwrap();
    until(|| cluster.master_of("name").is_ok_and(|master| master != first));
    cluster.wait().unwrap();
    let second = cluster.master_of("name").unwrap();
    assert_eq!(cluster.nodes()[second].command(&["GET", "name"]).unwrap().text(), "Ada");

    cluster.nodes()[first].restart().unwrap();
    cluster.wait().unwrap();
    let role = cluster.nodes()[first].command(&["ROLE"]).unwrap();
    assert_eq!(role.list()[0].text(), "slave");
}

#[test]
fn sentinels_make_the_replica_the_master() {
    let sentinels = Sentinels::start().unwrap();
    assert_eq!((sentinels.urls().len(), sentinels.master().unwrap()), (3, Some(0)));
    let [master, replica] = sentinels.nodes() else { panic!("a master and a replica") };
    set_on_replica(master, "name", "Ada");

    master.kill().unwrap();
    until(|| sentinels.master().unwrap() == Some(1));
    assert_eq!(replica.command(&["ROLE"]).unwrap().list()[0].text(), "master");
    assert_eq!(replica.command(&["GET", "name"]).unwrap().text(), "Ada");

    master.restart().unwrap();
    sentinels.wait().unwrap();
    assert_eq!(master.command(&["ROLE"]).unwrap().list()[0].text(), "slave");
}

/// Sets a value, and waits until one replica has it too.
fn set_on_replica(master: &Redis, key: &str, value: &str) {
    let mut connection = master.connect().unwrap();
    connection.command(&["SET", key, value]).unwrap();
    assert_eq!(connection.command(&["WAIT", "1", "10000"]).unwrap().text(), "1");
}
