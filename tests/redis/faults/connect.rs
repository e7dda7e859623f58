//! Addresses that lead to no Redis, or to one that does not let in: what `connect` says.

use std::time::Duration;

use session_runtime::RedisStore;
use session_servers::{Cluster, Redis, Sentinels};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::{connected, order};
use crate::support::{Guest, in_time, told};

/// `connect` waits for no longer than this.
const LIMIT: Duration = Duration::from_secs(5);

/// What connecting to a URL that is wrong fails with.
async fn refused(url: &str) -> String {
    let error = in_time(LIMIT, RedisStore::connect(url)).await.expect_err("nothing to connect to");
    told(&error)
}

/// What the first request of a user is told who is let in.
async fn refused_later(url: &str) -> String {
    Guest::over(RedisStore::connect(url).await.expect("a connection")).fail("/hit").await
}

#[tokio::test]
async fn a_text_that_is_no_url_is_rejected() {
    for url in [
        "",
        "localhost",
        "http://127.0.0.1",
        "redis://",
        "redis:///0",
        "redis://127.0.0.1:port",
        "redis://127.0.0.1/zero",
    ] {
        let told = refused(url).await;
        assert!(told.starts_with("rejected: "), "{url}: {told}");
    }
}

#[tokio::test]
async fn nobody_there_is_unreachable() {
    let told = refused("redis://127.0.0.1:1").await;
    assert!(told.starts_with("unreachable: "), "{told}");
    let told = refused("redis://nobody.invalid").await;
    assert!(told.starts_with("unreachable: "), "{told}");
}

#[tokio::test]
async fn passwords_and_users_that_are_wrong_are_rejected() {
    let server = Redis::with(&["--requirepass", "open-sesame"]).expect("a server");
    let port = server.port();
    let said = "Redis does not accept the user or the password of the URL";
    for who in [":wrong@", "nobody:open-sesame@"] {
        let told = refused(&format!("redis://{who}127.0.0.1:{port}")).await;
        assert!(told.starts_with("rejected: ") && told.contains(said), "{told}");
        assert!(!told.contains("open-sesame"), "no password is in a log");
    }
}

#[tokio::test]
async fn no_password_is_rejected() {
    let server = Redis::with(&["--requirepass", "open-sesame"]).expect("a server");
    let told = refused(&format!("redis://127.0.0.1:{}", server.port())).await;
    assert!(
        told.starts_with("rejected: ") && told.contains("Redis asks for a password: `redis://:password@host`"),
        "{told}"
    );
}

#[tokio::test]
async fn a_password_where_none_is_needed_is_rejected() {
    let server = Redis::start().expect("a server");
    let told = refused(&format!("redis://:open-sesame@127.0.0.1:{}", server.port())).await;
    assert!(told.starts_with("rejected: "), "{told}");
}

#[tokio::test]
async fn a_user_who_may_run_neither_functions_nor_scripts_is_told_so() {
    let server = Redis::start().expect("a server");
    order(&server, &["ACL", "SETUSER", "reader", "on", ">secret", "~*", "+@all", "-@scripting"]);
    let url = format!("redis://reader:secret@127.0.0.1:{}", server.port());
    let told = refused_later(&url).await;
    assert!(told.starts_with("rejected: "), "{told}");
    assert!(told.contains("the user of the URL may not run the commands that sessions need"), "{told}");
}

#[tokio::test]
async fn a_user_who_may_not_touch_these_keys_is_told_so() {
    let server = Redis::start().expect("a server");
    order(&server, &["ACL", "SETUSER", "other", "on", ">secret", "~other:*", "+@all"]);
    let url = format!("redis://other:secret@127.0.0.1:{}", server.port());
    let told = refused_later(&url).await;
    assert!(told.starts_with("rejected: "), "{told}");
    assert!(told.contains("the user of the URL may not"), "{told}");
}

#[tokio::test]
async fn a_database_that_is_not_there_is_rejected() {
    let server = Redis::start().expect("a server");
    let told = refused(&format!("redis://127.0.0.1:{}/99", server.port())).await;
    assert!(told.starts_with("rejected: "), "{told}");
}

#[tokio::test]
async fn a_server_that_is_full_of_clients_is_unreachable() {
    let server = Redis::with(&["--maxclients", "1"]).expect("a server");
    let _only = connected(&server).await;
    let told = refused(&server.url()).await;
    assert!(told.starts_with("unreachable: "), "{told}");
}

/// What a listener does with a connection.
#[derive(Clone, Copy)]
enum Listener {
    Http,
    Echo,
    Silent,
    Closing,
}

#[tokio::test]
async fn what_is_not_redis_is_told_from_it() {
    for (listener, kinds) in [
        (Listener::Http, ["rejected: ", "unreachable: "]),
        (Listener::Echo, ["rejected: ", "unreachable: "]),
        (Listener::Silent, ["timed out: ", "unreachable: "]),
        (Listener::Closing, ["unreachable: ", "unreachable: "]),
    ] {
        let port = listen(listener).await;
        let told = refused(&format!("redis://127.0.0.1:{port}")).await;
        assert!(kinds.iter().any(|kind| told.starts_with(kind)), "{told}");
    }
}

#[tokio::test]
async fn tls_and_none_do_not_go_together() {
    let (plain, secret) = (Redis::start().expect("a server"), Redis::tls().expect("a server"));
    for url in [format!("rediss://127.0.0.1:{}", plain.port()), format!("redis://127.0.0.1:{}", secret.port())] {
        let told = refused(&url).await;
        assert!(told.starts_with("unreachable: ") && told.contains("TLS"), "{url}: {told}");
    }
    // Nobody has said that its certificate is to be trusted.
    let told = refused(&secret.url()).await;
    assert!(told.starts_with("unreachable: ") && told.contains("certificate"), "{told}");
}

#[tokio::test]
async fn a_server_that_does_not_know_hello_is_too_old() {
    let server = Redis::with(&["--rename-command", "HELLO", ""]).expect("a server");
    let told = refused(&server.url()).await;
    assert!(told.starts_with("rejected: ") && told.contains("Redis 7"), "{told}");
}

#[tokio::test]
async fn what_is_neither_a_cluster_nor_sentinels_is_told_from_them() {
    let server = Redis::start().expect("a server");
    let one = server.url();
    let cases: [(&[&str], &str); 4] = [
        (&[&one], "rejected: "),
        (&["redis://127.0.0.1:1"], "unreachable: "),
        (&["nowhere"], "rejected: "),
        (&[], "rejected: "),
    ];
    for (urls, kind) in cases {
        let error = in_time(LIMIT, RedisStore::connect_cluster(urls)).await.expect_err("no cluster");
        assert!(told(&error).starts_with(kind), "{urls:?}: {}", told(&error));
        let error = in_time(LIMIT, RedisStore::connect_sentinel(urls, "mymaster")).await.expect_err("no sentinels");
        assert!(told(&error).starts_with(kind), "{urls:?}: {}", told(&error));
    }
}

#[tokio::test]
async fn a_server_of_another_kind_is_rejected_with_how_to_connect_to_it() {
    let (cluster, sentinels) = (Cluster::start().expect("a cluster"), Sentinels::start().expect("sentinels"));
    for (url, advice) in [(&cluster.urls()[0], "connect_cluster"), (&sentinels.urls()[0], "connect_sentinel")] {
        let told = refused(url).await;
        assert!(told.starts_with("rejected: ") && told.contains(advice), "{told}");
    }
}

/// Listens, and does so to everybody.
async fn listen(listener: Listener) -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = socket.local_addr().expect("an address").port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = socket.accept().await {
            tokio::spawn(listener.meet(stream));
        }
    });
    port
}

impl Listener {
    /// The other end may go whenever it likes.
    async fn meet(self, mut stream: TcpStream) {
        let mut buffer = vec![0; 1_024];
        while let Ok(length @ 1..) = stream.read(&mut buffer).await {
            let _ = match self {
                Self::Http => stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n").await,
                Self::Echo => stream.write_all(&buffer[..length]).await,
                Self::Silent => Ok(()),
                Self::Closing => return,
            };
        }
    }
}
