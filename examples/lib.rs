//! What every example does the same way.

use std::env;
use std::io;

use tokio::net::TcpListener;

/// Listens on port 3000 of this machine, or on `PORT`, and prints the address.
///
/// # Errors
///
/// Where `PORT` is no port, or is taken.
pub async fn listen() -> io::Result<TcpListener> {
    let port = match env::var("PORT") {
        Ok(port) => port.parse().map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "PORT is no port number"))?,
        Err(_) => 3000,
    };
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    println!("listening on http://localhost:{}", listener.local_addr()?.port());
    Ok(listener)
}
