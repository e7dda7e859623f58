//! Sends requests over connections that stay open.

use std::net::SocketAddr;

use axum::{
    body::{Body, to_bytes},
    http::{
        HeaderValue, Request,
        header::{COOKIE, HOST, SET_COOKIE},
    },
};
use hyper::{
    Response,
    body::Incoming,
    client::conn::http1::{SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, task::JoinHandle};

use session_benches::Result;

use super::subjects::SIGN_IN_PATH;

/// One connection to a server.
pub(super) struct Connection {
    requests: SendRequest<Body>,
    host: HeaderValue,
}

/// What came back.
pub(super) struct Answer {
    pub(super) is_error: bool,
    pub(super) text: String,
    cookie: Option<HeaderValue>,
}

impl Connection {
    pub(super) async fn open(server: SocketAddr) -> Result<Connection> {
        let stream = TcpStream::connect(server).await?;
        let (requests, connection) = handshake(TokioIo::new(stream)).await?;
        tokio::spawn(connection);
        Ok(Connection { requests, host: server.to_string().parse()? })
    }

    /// Begins a session: its cookie.
    pub(super) async fn sign_in(&mut self) -> Result<HeaderValue> {
        self.get(SIGN_IN_PATH, None).await?.cookie.ok_or_else(|| "a sign-in sets no cookie".into())
    }

    pub(super) async fn get(&mut self, path: &str, cookie: Option<&HeaderValue>) -> Result<Answer> {
        self.start(path, cookie).await?.await?
    }

    /// Sends a request whose answer may be waited for later.
    pub(super) async fn start(
        &mut self,
        path: &str,
        cookie: Option<&HeaderValue>,
    ) -> Result<JoinHandle<Result<Answer>>> {
        self.requests.ready().await?;
        let mut request = Request::get(path).header(HOST, &self.host).body(Body::empty())?;
        if let Some(cookie) = cookie {
            request.headers_mut().insert(COOKIE, cookie.clone());
        }
        let response = self.requests.send_request(request);
        Ok(tokio::spawn(async { Answer::read(response.await?).await }))
    }
}

impl Answer {
    async fn read(response: Response<Incoming>) -> Result<Answer> {
        let is_error = !response.status().is_success();
        let cookie = response.headers().get(SET_COOKIE).map(pair).transpose()?;
        let body = to_bytes(Body::new(response.into_body()), 1_000).await?;
        Ok(Answer { is_error, text: String::from_utf8(body.into())?, cookie })
    }
}

/// What a browser sends back of a `Set-Cookie`.
fn pair(header: &HeaderValue) -> Result<HeaderValue> {
    let (pair, _attributes) = header.to_str()?.split_once(';').unwrap_or_default();
    Ok(pair.parse()?)
}

/// So many connections, to each server in turn.
pub(super) async fn connections(servers: &[SocketAddr], count: usize) -> Result<Vec<Connection>> {
    let mut connections = Vec::with_capacity(count);
    for server in servers.iter().cycle().take(count) {
        connections.push(Connection::open(*server).await?);
    }
    Ok(connections)
}

/// Sends a request over each connection before the first is answered; how many are answered with an error.
pub(super) async fn all_at_once(
    connections: &mut [Connection],
    paths: impl Iterator<Item = String>,
    cookie: &HeaderValue,
) -> Result<usize> {
    let mut started = Vec::new();
    for (connection, path) in connections.iter_mut().zip(paths) {
        started.push(connection.start(&path, Some(cookie)).await?);
    }
    let mut errors = 0;
    for request in started {
        errors += usize::from(request.await??.is_error);
    }
    Ok(errors)
}
