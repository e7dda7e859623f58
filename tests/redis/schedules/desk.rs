//! Takes commands as a server does, and leaves it to the test when each is done and what is answered.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

/// What a server of a cluster says where the keys of a rename are on two.
const TWO_SERVERS: &[u8] = b"-CROSSSLOT Keys in request don't hash to the same slot\r\n";

/// What it says that to.
const RENAME: &[u8] = b"$3\r\ns1r\r\n";

/// A command that waits.
pub(super) struct Asked {
    pub(super) command: Vec<u8>,
    answer: oneshot::Sender<Vec<u8>>,
}

impl Asked {
    /// Answers; whoever asked may be gone.
    pub(super) fn answer(self, bytes: Vec<u8>) {
        let _ = self.answer.send(bytes);
    }
}

/// Where a client asks.
pub(super) struct Desk {
    port: u16,
    asked: mpsc::UnboundedReceiver<Asked>,
}

impl Desk {
    pub(super) async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (asking, asked) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serve(client, asking.clone()));
            }
        });
        Self { port, asked }
    }

    pub(super) fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// The next command.
    pub(super) async fn next(&mut self) -> Asked {
        self.asked.recv().await.expect("a desk that is open")
    }
}

/// Until the client is gone, or the test.
async fn serve(client: TcpStream, asking: mpsc::UnboundedSender<Asked>) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (from, mut to) = client.into_split();
    let mut from = BufReader::new(from);
    loop {
        let command = value(&mut from).await?;
        if command.windows(RENAME.len()).any(|word| word == RENAME) {
            to.write_all(TWO_SERVERS).await?;
            continue;
        }
        let (answer, answered) = oneshot::channel();
        asking.send(Asked { command, answer }).map_err(io::Error::other)?;
        to.write_all(&answered.await.map_err(io::Error::other)?).await?;
    }
}

/// A connection to the server itself.
pub(super) struct Server(BufReader<TcpStream>);

impl Server {
    pub(super) async fn at(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
        stream.set_nodelay(true).expect("a connection");
        Self(BufReader::new(stream))
    }

    /// What it answers to a command.
    pub(super) async fn ask(&mut self, command: &[u8]) -> Vec<u8> {
        self.0.write_all(command).await.expect("a server");
        value(&mut self.0).await.expect("an answer")
    }
}

/// The bytes of a command, or of an answer.
async fn value(from: &mut (impl AsyncBufRead + Unpin)) -> io::Result<Vec<u8>> {
    let (mut bytes, mut left) = (Vec::new(), 1_usize);
    while left > 0 {
        let start = bytes.len();
        from.read_until(b'\n', &mut bytes).await?;
        let line = bytes[start..].strip_suffix(b"\r\n").ok_or(io::ErrorKind::UnexpectedEof)?;
        let number: Option<usize> = str::from_utf8(&line[1..]).ok().and_then(|digits| digits.parse().ok());
        left -= 1;
        match (line[0], number) {
            (b'*', Some(count)) => left += count,
            (b'$', Some(length)) => {
                let start = bytes.len();
                bytes.resize(start + length + 2, 0);
                from.read_exact(&mut bytes[start..]).await?;
            }
            _ => {}
        }
    }
    Ok(bytes)
}
