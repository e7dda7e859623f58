//! What every example does the same way.

use std::env;
use std::io;

use tokio::net::TcpListener;

/// Listens on port 3000 of this machine, or on `PORT`, and prints the address. From then on the terminal shows what goes wrong.
///
/// # Errors
///
/// Where `PORT` is no port, or is taken.
pub async fn listen() -> io::Result<TcpListener> {
    // Sessions tell of trouble by `tracing` events, which go unseen where nobody subscribes to them.
    tracing_subscriber::fmt().with_writer(io::stderr).init();
    let port = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "PORT is no port number"))?,
        Err(_) => 3000,
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://localhost:{}", listener.local_addr()?.port());
    Ok(listener)
}
