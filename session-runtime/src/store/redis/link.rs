//! How requests are made of a server.

mod cluster;
mod failure;
mod managed;
mod pulse;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use redis::{Cmd, RedisError, RedisResult, Value};

pub(super) use cluster::{Address, Cluster};
pub(super) use failure::is_cross_slot;
pub(super) use managed::{CONNECTING, Managed, Source, configuration};
pub(super) use wire::Wire;

use super::library::{Request, library};
use failure::{is_forbidden_or_unknown, is_unknown_function, is_unknown_script};

/// A way to the servers; a clone shares it.
#[derive(Clone)]
pub(super) struct Link {
    wire: Wire,
    /// Whether they have no functions, or none for this user: it is said in scripts then, whose every server is told each once.
    is_without_functions: Arc<AtomicBool>,
}

impl From<Wire> for Link {
    fn from(wire: Wire) -> Self {
        Self { wire, is_without_functions: Arc::default() }
    }
}

impl Link {
    pub(super) fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Other connections to the same servers; the same one where it is the application's.
    pub(super) fn another(&self) -> Self {
        self.wire.another().into()
    }

    /// Makes a request.
    pub(super) async fn run(&self, request: &Request) -> RedisResult<Value> {
        self.make(request, None).await.map(|(answer, _)| answer)
    }

    /// Makes a request, and waits until so many replicas have what it wrote: the answer, and how many have it.
    pub(super) async fn run_and_wait(&self, request: &Request, replicas: usize) -> RedisResult<(Value, usize)> {
        self.make(request, Some(replicas)).await
    }

    /// What is rare is boxed, lest every request carry it. The application's connections are asked to give the library to servers that do not know it; the store's own do so by themselves.
    async fn make(&self, request: &Request, replicas: Option<usize>) -> RedisResult<(Value, usize)> {
        if self.is_without_functions.load(Ordering::Relaxed) {
            return Box::pin(self.make_by_script(request, replicas)).await;
        }
        match self.send(request.command(), request, replicas).await {
            Err(error) if is_unknown_function(&error) => Box::pin(self.teach(request, replicas)).await,
            Err(error) if is_forbidden_or_unknown(&error) => {
                Box::pin(self.do_without_functions(&error, request, replicas)).await
            }
            answer => answer,
        }
    }

    /// Gives the library to a server, and makes the request.
    async fn teach(&self, request: &Request, replicas: Option<usize>) -> RedisResult<(Value, usize)> {
        match self.wire.send(&library(), request.hash()).await {
            Ok(_) => self.send(request.command(), request, replicas).await,
            Err(error) if is_forbidden_or_unknown(&error) => self.do_without_functions(&error, request, replicas).await,
            Err(error) => Err(error),
        }
    }

    async fn do_without_functions(
        &self,
        error: &RedisError,
        request: &Request,
        replicas: Option<usize>,
    ) -> RedisResult<(Value, usize)> {
        let answer = self.make_by_script(request, replicas).await?;
        if !self.is_without_functions.swap(true, Ordering::Relaxed) {
            tracing::info!(%error, "this Redis server has no functions for sessions, scripts do as well");
        }
        Ok(answer)
    }

    async fn make_by_script(&self, request: &Request, replicas: Option<usize>) -> RedisResult<(Value, usize)> {
        match self.send(&request.by_digest(), request, replicas).await {
            Err(error) if is_unknown_script(&error) => self.send(&request.in_full(), request, replicas).await,
            answer => answer,
        }
    }

    async fn send(&self, command: &Cmd, request: &Request, replicas: Option<usize>) -> RedisResult<(Value, usize)> {
        match replicas {
            Some(replicas) => self.wire.send_and_wait(command, request.hash(), replicas).await,
            None => self.wire.send(command, request.hash()).await.map(|answer| (answer, 0)),
        }
    }
}
