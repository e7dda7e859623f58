//! A subject's application on a port of this machine, in a process of its own.

use std::{
    io,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use axum::Router;
use tokio::{net::TcpListener, runtime::Runtime, task::spawn_blocking};

use crate::Result;

/// A server that runs until this is dropped.
#[derive(Debug)]
pub struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts a program that does no more than to [`serve`].
    ///
    /// # Errors
    ///
    /// When the program does not start, or ends instead of serving.
    pub fn start(mut program: Command) -> Result<Server> {
        let mut process = program.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut address)?;
        let address = address.trim().parse().map_err(|_| "the server did not start")?;
        Ok(Server { process, address })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        if let Err(error) = self.process.wait() {
            eprintln!("a server did not end: {error}");
        }
    }
}

/// Serves an application: prints the address, and ends with its input, which is at the latest when the program that started it ends.
///
/// # Errors
///
/// When there is no port to listen on.
pub fn serve(runtime: &Runtime, app: Router) -> Result<()> {
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        let input = spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
        let ends = async {
            let _ = input.await;
        };
        Ok(axum::serve(listener, app).with_graceful_shutdown(ends).await?)
    })
}
