//! A name under which another server answers from some moment on, while the one before it lives on as a replica: what managed services do.

use session_servers::Redis;

use super::stage::{Watch, cached, plant, see, set, until};
use super::wire::Wire;

#[tokio::test]
async fn what_this_store_writes_to_the_new_master_is_not_read_from_the_old_one() {
    let [old, new] = [Redis::start().expect("a server"), Redis::start().expect("a server")];
    let wire = Wire::to(old.port()).await;
    let store = cached(&wire.url()).await;
    let key = plant(&store, 1).await;
    let mut watch = Watch::over([&old]);
    watch.until_kept(&store, &key).await;
    follow(&new, Some(old.port())).await;

    wire.lead_to(new.port());
    follow(&new, None).await;
    // Its clients stay, and it learns nothing any more.
    old.command(&["REPLICAOF", "127.0.0.1", "1"]).expect("an answer");
    for number in 2..10 {
        set(&store, &key, number).await;
        assert_eq!(see(&store, &key).await, number.to_string());
    }
    Watch::over([&new]).until_kept(&store, &key).await;
    new.command(&["HSET", &super::stage::hash(&key), "number", "77"]).expect("an answer");
    until("the change", async || (see(&store, &key).await == "77").then_some(())).await;
}

/// Makes a server the replica of another, and waits until it has what that has; or makes it a master.
async fn follow(server: &Redis, master: Option<u16>) {
    let Some(port) = master else {
        server.command(&["REPLICAOF", "NO", "ONE"]).expect("an answer");
        return;
    };
    server.command(&["REPLICAOF", "127.0.0.1", &port.to_string()]).expect("an answer");
    until("the replica follows", async || {
        let info = server.command(&["INFO", "replication"]).expect("an answer").text();
        info.contains("master_link_status:up").then_some(())
    })
    .await;
}
