//! Three masters, each with a replica.

use std::{fmt::Debug, io};

use crate::{
    port,
    redis::{Redis, words},
    wait,
};

const MASTERS: usize = 3;
const SLOTS: usize = 16_384;
/// Milliseconds without an answer after which a node counts as failed.
const NODE_TIMEOUT: u32 = 1_500;

/// A Redis cluster: three masters that share the slots, and a replica of each, which takes its master's place about two seconds after that
/// one is killed.
#[derive(Debug)]
pub struct Cluster {
    nodes: Vec<Redis>,
}

impl Cluster {
    /// Starts a cluster and waits until it is whole: every node knows all others, and every replica follows its master.
    ///
    /// # Errors
    ///
    /// As those of [`Redis::start`], or if the nodes do not find together.
    pub fn start() -> io::Result<Self> {
        let nodes = (0..2 * MASTERS).map(|_| node()).collect::<io::Result<_>>()?;
        let cluster = Self { nodes };
        let (masters, replicas) = cluster.nodes.split_at(MASTERS);
        for (number, master) in masters.iter().enumerate() {
            let slots = [number * SLOTS / MASTERS, (number + 1) * SLOTS / MASTERS - 1].map(|slot| slot.to_string());
            master.command(&["CLUSTER", "ADDSLOTSRANGE", &slots[0], &slots[1]])?;
            // Nodes whose epochs are equal would have to agree on others first.
            master.command(&["CLUSTER", "SET-CONFIG-EPOCH", &(number + 1).to_string()])?;
        }
        cluster.introduce()?;
        for (master, replica) in masters.iter().zip(replicas) {
            let master = master.command(&["CLUSTER", "MYID"])?.text();
            wait::until("a replica knows its master", || Ok(replica.command(&["CLUSTER", "REPLICATE", &master]).ok()))?;
        }
        cluster.wait()?;
        Ok(cluster)
    }

    /// The nodes, by which index they are named here; the first three were masters at the start.
    pub fn nodes(&self) -> &[Redis] {
        &self.nodes
    }

    /// Where a client finds each of them.
    pub fn urls(&self) -> Vec<String> {
        self.nodes.iter().map(Redis::url).collect()
    }

    /// Which node is the master for a key now, as the others see it.
    ///
    /// # Errors
    ///
    /// If no node that runs knows.
    pub fn master_of(&self, key: &str) -> io::Result<usize> {
        let unknown = || io::Error::new(io::ErrorKind::NotFound, "no node knows the master");
        let running =
            self.nodes.iter().filter_map(|node| node.command(&["CLUSTER", "KEYSLOT", key]).ok().zip(Some(node)));
        let (slot, node) = running.last().ok_or_else(unknown)?;
        let slot: i64 = slot.text().parse().map_err(|_| unknown())?;
        let slots = node.command(&["CLUSTER", "SLOTS"])?;
        // Each is the first slot, the last slot, and the nodes, the master before its replicas: address, port, …
        let port = slots.list().iter().find_map(|range| {
            let range = range.list();
            let number = |index: usize| range.get(index)?.text().parse().ok();
            (number(0)? <= slot && slot <= number(1)?).then(|| Some(range.get(2)?.list().get(1)?.text()))?
        });
        let port = port.ok_or_else(unknown)?;
        self.nodes.iter().position(|node| node.port().to_string() == port).ok_or_else(unknown)
    }

    /// Waits until every node that runs says that all slots are served, and follows its master if it is a replica.
    ///
    /// # Errors
    ///
    /// If that takes too long.
    pub fn wait(&self) -> io::Result<()> {
        for node in &self.nodes {
            wait::until("the cluster is whole", || Ok(is_settled(node).then_some(())))?;
        }
        Ok(())
    }

    /// Tells the nodes of each other, and waits until each knows all.
    fn introduce(&self) -> io::Result<()> {
        let (first, others) = self.nodes.split_first().ok_or(io::ErrorKind::NotFound)?;
        for other in others {
            let bus = other.command(&["CONFIG", "GET", "cluster-port"])?;
            let bus = bus.texts().pop().unwrap_or_default();
            first.command(&["CLUSTER", "MEET", "127.0.0.1", &other.port().to_string(), &bus])?;
        }
        let all = format!("cluster_known_nodes:{}\r\n", self.nodes.len());
        for node in &self.nodes {
            wait::until("each node knows the others", || {
                let info = node.command(&["CLUSTER", "INFO"])?.text();
                Ok((info.contains(&all)).then_some(()))
            })?;
        }
        Ok(())
    }
}

fn node() -> io::Result<Redis> {
    Redis::launch(|_, port| {
        let cluster =
            format!("--cluster-enabled yes --cluster-port {} --cluster-node-timeout {NODE_TIMEOUT}", port::free()?);
        // Replicas are never too old to take over, and stay with their masters; they are sent data at once.
        let replicas =
            "--cluster-replica-validity-factor 0 --cluster-allow-replica-migration no --repl-diskless-sync-delay 0";
        Ok(words(&format!("--port {port} {cluster} {replicas}")))
    })
}

/// Whether a node has nothing to wait for; one that does not run has not.
fn is_settled(node: &Redis) -> bool {
    let Ok(info) = node.command(&["CLUSTER", "INFO"]) else { return true };
    let role = node.command(&["INFO", "replication"]).map(|info| info.text()).unwrap_or_default();
    info.text().contains("cluster_state:ok") && (role.contains("role:master") || role.contains("master_link_status:up"))
}
