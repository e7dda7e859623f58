//! A master and a replica, and the sentinels that choose which of them is the master.

use std::io;

use crate::{
    client::Answer,
    redis::{Redis, words},
    wait,
};

const MASTER_NAME: &str = "mymaster";
const QUORUM: &str = "2";
/// Milliseconds without an answer after which a master counts as failed.
const DOWN_AFTER: &str = "1500";
/// How often, in milliseconds, a sentinel pings, asks and tells. By default it is up to ten seconds, and so is every wait.
const PERIOD: &str = "250";
/// Milliseconds, after twice of which a failover that failed is tried again.
const FAILOVER_TIMEOUT: &str = "2000";

/// A master, its replica and three sentinels, who make the replica the master a few seconds after the master is killed.
#[derive(Debug)]
pub struct Sentinels {
    nodes: Vec<Redis>,
    sentinels: Vec<Redis>,
}

impl Sentinels {
    /// Starts all five and waits until the sentinels know each other and the replica, and could replace the master.
    ///
    /// # Errors
    ///
    /// As those of [`Redis::start`], or if they do not find together.
    pub fn start() -> io::Result<Self> {
        let node = |more: &[&str]| Redis::with(&[&["--repl-diskless-sync-delay", "0"], more].concat());
        let master = node(&[])?;
        let port = master.port().to_string();
        let replica = node(&["--replicaof", &format!("127.0.0.1 {port}")])?;
        wait::until("the replica follows its master", || Ok(follows(&replica).then_some(())))?;
        let sentinels = (0..3).map(|_| sentinel(&port)).collect::<io::Result<_>>()?;
        let all = Self { nodes: vec![master, replica], sentinels };
        all.wait()?;
        Ok(all)
    }

    /// The name under which the sentinels know the master.
    pub fn master_name(&self) -> &'static str {
        MASTER_NAME
    }

    /// Where a client finds each sentinel.
    pub fn urls(&self) -> Vec<String> {
        self.sentinels.iter().map(Redis::url).collect()
    }

    /// The two servers, by which index they are named here; the first was the master at the start.
    pub fn nodes(&self) -> &[Redis] {
        &self.nodes
    }

    /// The sentinels themselves.
    pub fn sentinels(&self) -> &[Redis] {
        &self.sentinels
    }

    /// Which server all sentinels take for the master; nothing while they do not agree.
    ///
    /// # Errors
    ///
    /// If a sentinel does not run.
    pub fn master(&self) -> io::Result<Option<usize>> {
        let mut ports = Vec::new();
        for sentinel in &self.sentinels {
            let address = sentinel.command(&["SENTINEL", "GET-MASTER-ADDR-BY-NAME", MASTER_NAME])?;
            ports.push(address.texts().pop().unwrap_or_default());
        }
        ports.dedup();
        let is_master = |node: &Redis| ports == [node.port().to_string()];
        Ok(self.nodes.iter().position(is_master))
    }

    /// Waits until one server is the master, the other follows it, and each sentinel knows and reaches all.
    ///
    /// # Errors
    ///
    /// If that takes too long, as it does while a server does not run.
    pub fn wait(&self) -> io::Result<()> {
        wait::until("the sentinels know all", || Ok(self.is_settled().then_some(())))
    }

    fn is_settled(&self) -> bool {
        let follows = |(index, node)| self.master().is_ok_and(|master| master == Some(index)) || follows(node);
        self.nodes.iter().enumerate().all(follows) && self.sentinels.iter().all(knows_all)
    }
}

fn sentinel(master: &str) -> io::Result<Redis> {
    let sentinel = Redis::launch(|_, port| Ok(words(&format!("--sentinel --port {port}"))))?;
    let periods = ["info-period", "ping-period", "publish-period", "ask-period"];
    let periods: Vec<&str> = periods.iter().flat_map(|name| [name, PERIOD]).collect();
    sentinel.command(&[&["SENTINEL", "DEBUG"], &periods[..]].concat())?;
    sentinel.command(&["SENTINEL", "MONITOR", MASTER_NAME, "127.0.0.1", master, QUORUM])?;
    for (option, value) in [("down-after-milliseconds", DOWN_AFTER), ("failover-timeout", FAILOVER_TIMEOUT)] {
        sentinel.command(&["SENTINEL", "SET", MASTER_NAME, option, value])?;
    }
    Ok(sentinel)
}

/// Whether a server follows its master.
fn follows(node: &Redis) -> bool {
    node.command(&["INFO", "replication"]).is_ok_and(|info| info.text().contains("master_link_status:up"))
}

/// Whether a sentinel reaches the other two, and knows a replica that could become the master.
fn knows_all(sentinel: &Redis) -> bool {
    let ask = |what| sentinel.command(&["SENTINEL", what, MASTER_NAME]);
    let is_replica = |replica: &Answer| {
        // Names and values.
        let words = replica.texts();
        [["flags", "slave"], ["master-link-status", "ok"]].iter().all(|pair| words.chunks(2).any(|words| words == pair))
    };
    ask("CKQUORUM").is_ok_and(|answer| answer.text().starts_with("OK 3 "))
        && ask("REPLICAS").is_ok_and(|replicas| replicas.list().iter().any(is_replica))
}
