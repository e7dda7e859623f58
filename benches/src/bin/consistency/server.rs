//! A subject's application on a port of this machine, in a process of its own.

use std::{
    env, io,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
};

use tokio::{net::TcpListener, runtime::Builder, task::spawn_blocking};

use super::{
    gate,
    subjects::{self, Subject},
};
use session_benches::Result;

/// A server that this program runs itself as, until this is dropped.
pub(super) struct Server {
    process: Child,
    address: SocketAddr,
}

impl Server {
    pub(super) fn start(subject: &Subject) -> Result<Server> {
        let mut process = Command::new(env::current_exe()?)
            .args(["serve", subject.name])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let mut address = String::new();
        BufReader::new(process.stdout.take().ok_or("no output")?).read_line(&mut address)?;
        let address = address.trim().parse().map_err(|_| "the server did not start")?;
        Ok(Server { process, address })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
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

/// The command `serve`: prints the address, and ends with its input, which is at the latest when the program that started it ends.
pub(crate) fn serve(name: &str) -> Result<()> {
    let subject = subjects::by_name(name)?;
    let runtime = Builder::new_multi_thread().enable_all().build()?;
    let app = (subject.router)(&runtime)?.merge(gate::routes());
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
