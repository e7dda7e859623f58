//! Web sockets: the head is the upgrade, and the session lives on in the socket's task.

use axum::Router;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use session_runtime::{Session, SessionHandle, SessionLayer};
use session_tests::{Logs, Scripted, load};
use std::net::SocketAddr;
use tokio::net::{TcpListener, TcpStream};

use super::{Counter, planted};

async fn talk(upgrade: WebSocketUpgrade, handle: SessionHandle) -> Response {
    upgrade.on_upgrade(move |socket| answer(socket, handle))
}

async fn sign_in_and_talk(upgrade: WebSocketUpgrade, handle: SessionHandle, mut counter: Session<Counter>) -> Response {
    counter.set_user(7_u32);
    upgrade.on_upgrade(move |socket| answer(socket, handle))
}

async fn answer(mut socket: WebSocket, handle: SessionHandle) {
    while let Some(Ok(Message::Text(asked))) = socket.recv().await {
        let mut counter = load::<Counter>(&handle).await;
        match asked.as_str() {
            "add" => *counter.hits_mut() += 1,
            "renew" => counter.regenerate_id(),
            "sign out" => counter.destroy(),
            other => panic!("asked to {other}"),
        }
        let answer = match counter.save().await {
            Ok(()) => counter.hits().to_string(),
            Err(error) => {
                assert!(error.is_head_sent());
                counter.discard();
                "head sent".to_owned()
            }
        };
        let sent = socket.send(Message::Text(answer.into())).await;
        sent.expect("a client that listens");
    }
}

/// Serves the routes on a port of this machine.
async fn serve(store: &Scripted) -> SocketAddr {
    let app =
        Router::new().route("/", get(talk)).route("/in", get(sign_in_and_talk)).layer(SessionLayer::new(store.clone()));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async { axum::serve(listener, app).await });
    address
}

/// The client's side of a socket, as far as these tests need one (RFC 6455).
struct Socket {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Socket {
    /// Upgrades; the head of the answer.
    async fn open(address: SocketAddr, path: &str, id: Option<&str>) -> (Self, String) {
        let stream = TcpStream::connect(address).await.expect("a server");
        let cookie = id.map_or_else(String::new, |id| format!("Cookie: __Host-id={id}\r\n"));
        let head = format!(
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{cookie}\r\n"
        );
        let mut socket = Self { stream, read: Vec::new() };
        socket.write(head.as_bytes()).await;
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.extend(socket.take(1).await);
        }
        let head = String::from_utf8(head).expect("text");
        assert!(head.starts_with("HTTP/1.1 101"), "{head}");
        (socket, head.to_ascii_lowercase())
    }

    /// Says something in a masked text frame, and reads the text frame that answers it.
    async fn ask(&mut self, text: &str) -> String {
        let length = u8::try_from(text.len()).expect("short");
        let mut frame = vec![0x81, 0x80 | length, 0, 0, 0, 0];
        frame.extend(text.as_bytes());
        self.write(&frame).await;
        let head = self.take(2).await;
        assert_eq!(head[0], 0x81, "a text frame");
        String::from_utf8(self.take(head[1].into()).await).expect("text")
    }

    async fn write(&self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            self.stream.writable().await.expect("open");
            if let Ok(written) = self.stream.try_write(bytes) {
                bytes = &bytes[written..];
            }
        }
    }

    async fn take(&mut self, length: usize) -> Vec<u8> {
        while self.read.len() < length {
            self.stream.readable().await.expect("open");
            let mut buffer = [0; 1024];
            if let Ok(read) = self.stream.try_read(&mut buffer) {
                assert!(read > 0, "the server closed the connection");
                self.read.extend(&buffer[..read]);
            }
        }
        self.read.drain(..length).collect()
    }
}

#[tokio::test]
async fn a_socket_writes_fields_of_a_session_that_exists() {
    let logs = Logs::capture();
    let (store, id) = planted(&[("hits", b"3")]).await;
    let address = serve(&store).await;
    let (mut socket, head) = Socket::open(address, "/", Some(&id)).await;
    assert!(!head.contains("set-cookie"), "{head}");
    assert_eq!(socket.ask("add").await, "4");
    assert_eq!(socket.ask("add").await, "5");
    assert_eq!(store.fields(&id).await, "hits=5");
    assert_eq!(store.asked(), "load; update hits=4; update hits=5");
    assert_eq!(logs.text(), "");
}

#[tokio::test]
async fn a_socket_cannot_begin_or_rename_a_session() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let address = serve(&store).await;
    let (mut stranger, _) = Socket::open(address, "/", None).await;
    assert_eq!(stranger.ask("add").await, "head sent");
    let (mut socket, _) = Socket::open(address, "/", Some(&id)).await;
    assert_eq!(socket.ask("renew").await, "head sent");
    assert_eq!(store.asked(), "load");
    assert_eq!(store.len(), 1);
}

#[tokio::test]
async fn a_socket_signs_out() {
    let (store, id) = planted(&[("hits", b"3")]).await;
    let address = serve(&store).await;
    let (mut socket, _) = Socket::open(address, "/", Some(&id)).await;
    assert_eq!(socket.ask("sign out").await, "0");
    assert_eq!(store.len(), 0);
}

#[tokio::test]
async fn what_is_set_before_the_upgrade_is_stored_and_its_cookie_is_in_the_head() {
    let store = Scripted::default();
    let address = serve(&store).await;
    let (mut socket, head) = Socket::open(address, "/in", None).await;
    assert!(head.contains("set-cookie: __host-id="), "{head}");
    assert_eq!(store.asked(), "insert user=7");
    assert_eq!(socket.ask("add").await, "1");
    assert_eq!(store.asked(), "update hits=1");
    assert_eq!(store.len(), 1);
}
