//! What one call asks of a store's servers, or of its database.

use std::{future::Future, io};

use session_servers::{Monitor, Redis};

use super::statements;
use crate::{Result, http::is_of_a_function};

/// Who counts.
#[derive(Clone, Copy)]
pub(super) enum Counter<'a> {
    /// There is nobody to ask.
    Nothing,
    /// The servers, commands.
    Commands(&'a [Redis]),
    /// sqlx, statements.
    Statements,
}

impl Counter<'_> {
    /// What was asked while this was done, by nobody else.
    pub(super) async fn during<T>(self, call: impl Future<Output = Result<T>>) -> Result<(T, usize)> {
        match self {
            Self::Nothing => Ok((call.await?, 0)),
            Self::Statements => statements::during(call).await,
            Self::Commands(servers) => {
                let mut monitors = servers.iter().map(Redis::monitor).collect::<io::Result<Vec<_>>>()?;
                let answer = call.await?;
                let seen = monitors.iter_mut().map(Monitor::seen).collect::<io::Result<Vec<_>>>()?;
                Ok((answer, seen.iter().flatten().filter(|line| !is_of_a_function(line)).count()))
            }
        }
    }
}
