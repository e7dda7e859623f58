//! A proxy before a server that can hold up the connections which that server tracks, and no others.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// What becomes of what goes over tracked connections.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Way {
    Open,
    /// What the server says waits until the way is open again.
    Held,
    /// What either side says waits.
    Frozen,
}

/// A proxy; it ends with the value, and with it all connections.
pub(super) struct Wire {
    port: u16,
    way: watch::Sender<Way>,
    server: watch::Sender<u16>,
    accepting: JoinHandle<()>,
}

impl Wire {
    /// A proxy to the server at this port of this machine.
    pub(super) async fn to(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (way, server) = (watch::Sender::new(Way::Open), watch::Sender::new(server));
        let accepting = tokio::spawn(accept(listener, server.subscribe(), way.subscribe()));
        Self { port, way, server, accepting }
    }

    /// Where a client finds the server, by way of this.
    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub(super) fn set(&self, way: Way) {
        self.way.send_replace(way);
    }

    /// Connections that are made from now on lead to the server at this port, as a name does that is given to another one.
    pub(super) fn lead_to(&self, server: u16) {
        self.server.send_replace(server);
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(listener: TcpListener, server: watch::Receiver<u16>, way: watch::Receiver<Way>) {
    while let Ok((client, _)) = listener.accept().await {
        let server = *server.borrow();
        // Where the server is gone, so is the connection.
        if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
            tokio::spawn(pass(client, server, way.clone()));
        }
    }
}

/// Passes on what either side says until one of them, or the proxy, ends the connection.
async fn pass(client: TcpStream, server: TcpStream, way: watch::Receiver<Way>) {
    let _ = client.set_nodelay(true).and_then(|()| server.set_nodelay(true));
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let tracked = watch::Sender::new(false);
    let answers =
        Side { from: from_server, to: to_client, way: way.clone(), waits_if: [Way::Held, Way::Frozen].as_slice() };
    let requests = Side { from: from_client, to: to_server, way, waits_if: &[Way::Frozen] };
    // A side that is gone is how a connection ends.
    let _ = tokio::select! {
        end = requests.pass(&tracked) => end,
        end = answers.pass(&tracked) => end,
    };
}

/// One direction of a connection.
struct Side {
    from: OwnedReadHalf,
    to: OwnedWriteHalf,
    way: watch::Receiver<Way>,
    waits_if: &'static [Way],
}

impl Side {
    async fn pass(mut self, tracked: &watch::Sender<bool>) -> io::Result<()> {
        let mut buffer = vec![0; 64 * 1024];
        loop {
            let length = self.from.read(&mut buffer).await?;
            if length == 0 {
                return Ok(());
            }
            let said = &buffer[..length];
            if said.windows(8).any(|word| word == b"TRACKING") {
                tracked.send_replace(true);
            }
            if *tracked.borrow() {
                self.way.wait_for(|way| !self.waits_if.contains(way)).await.map_err(io::Error::other)?;
            }
            self.to.write_all(said).await?;
        }
    }
}
