//! One subject, asked without a pause for a while.

use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::{cores::CoreTime, processor_time, visitor::Visitor};
use crate::{Result, Server, case::Case, subjects::Subject};

/// Visitors at once, each with a session of its own: enough to keep the server busy.
pub(super) const VISITORS: usize = 32;

/// Before what is measured: caches and buffers are as in a server that has been running.
const WARM_UP: Duration = Duration::from_millis(100);
const MEASURED: Duration = Duration::from_millis(400);

/// A subject's server and its visitors.
pub(super) struct Running {
    pub(super) subject: &'static Subject,
    server: Server,
    visitors: Vec<Visitor>,
}

/// What one round came to.
#[derive(Clone, Copy)]
pub(super) struct Round {
    /// Requests a second.
    pub(super) throughput: f64,
    /// The server's processor time a request, in microseconds.
    pub(super) microseconds: f64,
    /// The part of the time that the server had its core.
    pub(super) served: f64,
    /// The part of the time that nobody had it.
    pub(super) idle: f64,
}

impl Running {
    pub(super) async fn new(subject: &'static Subject, server: Server) -> Result<Running> {
        let mut visitors = Vec::with_capacity(VISITORS);
        for _ in 0..VISITORS {
            visitors.push(Visitor::new(subject, server.address()).await?);
        }
        Ok(Running { subject, server, visitors })
    }

    pub(super) fn first_visitor(&mut self) -> &mut Visitor {
        &mut self.visitors[0]
    }

    /// Fails unless all that was asked for was done.
    pub(super) async fn check(&mut self) -> Result<()> {
        for visitor in &mut self.visitors {
            visitor.check().await?;
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    pub(super) async fn round(&mut self, case: Case) -> Result<Round> {
        self.ask(case, WARM_UP).await?;
        let (core, before) = (CoreTime::so_far()?, processor_time::of(self.server.process())?);
        let start = Instant::now();
        let requests = self.ask(case, MEASURED).await? as f64;
        let seconds = start.elapsed().as_secs_f64();
        let idle = CoreTime::so_far()?.idle_since(core);
        let served = processor_time::of(self.server.process())? - before;
        Ok(Round {
            throughput: requests / seconds,
            microseconds: served * 1e6 / requests,
            served: served / seconds,
            idle,
        })
    }

    /// Every visitor sends one request after the other for that long: how many were answered.
    async fn ask(&mut self, case: Case, time: Duration) -> Result<u64> {
        let until = Instant::now() + time;
        let mut asking: JoinSet<_> = self.visitors.drain(..).map(|visitor| ask(visitor, case, until)).collect();
        let mut requests = 0;
        while let Some(asked) = asking.join_next().await {
            let (visitor, answered) = asked??;
            self.visitors.push(visitor);
            requests += answered;
        }
        Ok(requests)
    }
}

async fn ask(mut visitor: Visitor, case: Case, until: Instant) -> Result<(Visitor, u64)> {
    let request = visitor.request(case.path());
    let mut answered = 0;
    while Instant::now() < until {
        visitor.ask(case, &request).await?;
        answered += 1;
    }
    Ok((visitor, answered))
}
