//! A browser of little more than a socket: it has to cost less than the server that it asks.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    Result,
    case::Case,
    subjects::{COUNTER_PATH, SetsCookie, Subject},
};

/// One visitor over one connection that stays open.
pub(super) struct Visitor {
    stream: TcpStream,
    /// The session's, where one is kept.
    cookie: Option<String>,
    /// How often it had one added.
    additions: u64,
    answer: Vec<u8>,
}

/// What is sent where no sessions are kept: as long as a session's cookie.
const STRANGER: &str = "__Host-id=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// No answer is longer.
const CAPACITY: usize = 4_096;

impl Visitor {
    /// Connects and begins a session.
    pub(super) async fn new(subject: &Subject, server: SocketAddr) -> Result<Visitor> {
        let stream = TcpStream::connect(server).await?;
        stream.set_nodelay(true)?;
        let mut visitor = Visitor { stream, cookie: None, additions: 0, answer: Vec::with_capacity(CAPACITY) };
        if subject.sets_cookie != SetsCookie::Never {
            let create = format!("GET {} HTTP/1.1\r\nhost: localhost\r\n\r\n", Case::Create.path());
            visitor.send(create.as_bytes()).await?;
            visitor.cookie = Some(visitor.answered_cookie().ok_or("`create` sets no cookie")?);
        }
        Ok(visitor)
    }

    /// What [`ask`](Self::ask) sends: the same bytes each time.
    pub(super) fn request(&self, path: &str) -> Vec<u8> {
        let cookie = self.cookie.as_deref().unwrap_or(STRANGER);
        format!("GET {path} HTTP/1.1\r\nhost: localhost\r\ncookie: {cookie}\r\n\r\n").into_bytes()
    }

    /// Sends a request of one case, and waits until it is answered well.
    pub(super) async fn ask(&mut self, case: Case, request: &[u8]) -> Result<()> {
        self.send(request).await?;
        self.additions += u64::from(case == Case::AddOne);
        Ok(())
    }

    /// Fails unless the session holds all that was added to it.
    pub(super) async fn check(&mut self) -> Result<()> {
        if self.cookie.is_none() {
            return Ok(());
        }
        let added = self.additions;
        let counter = self.send(&self.request(COUNTER_PATH)).await?;
        if counter != added.to_string().as_bytes() {
            return Err(format!("after {added} `add-one` the counter is {}", String::from_utf8_lossy(counter)).into());
        }
        Ok(())
    }

    /// The body of the answer.
    async fn send(&mut self, request: &[u8]) -> Result<&[u8]> {
        self.stream.write_all(request).await?;
        self.answer.clear();
        loop {
            if self.stream.read_buf(&mut self.answer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            if let Some(body) = body(&self.answer)? {
                return Ok(&self.answer[body..]);
            }
        }
    }

    fn answered_cookie(&self) -> Option<String> {
        let answer = str::from_utf8(&self.answer).ok()?;
        let (_, header) = answer.split_once("set-cookie: ")?;
        header.split([';', '\r']).next().map(str::to_owned)
    }
}

/// Where the body of an answer begins, as soon as all of it is there.
fn body(answer: &[u8]) -> Result<Option<usize>> {
    let Some(end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else {
        return Ok(None);
    };
    let head = str::from_utf8(&answer[..end])?;
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(format!("an answer begins with {head}").into());
    }
    let length = head.split_once("content-length: ").and_then(|(_, rest)| rest.split('\r').next());
    let length: usize = length.ok_or("an answer without its length")?.parse()?;
    let body = end + 4;
    Ok((answer.len() >= body + length).then_some(body))
}
