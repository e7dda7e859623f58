//! Starts the servers that tests share, prints the variables that tell of them, and keeps them until this program is ended, in whatever
//! way:
//!
//! ```text
//! $ cargo run --package session-servers > servers.env &      # its last line is `SSL_CERT_FILE=…`
//! $ set -a; . ./servers.env; cargo test
//! ```

use std::{io, thread};

use session_servers::Provided;

fn main() -> io::Result<()> {
    let servers = Provided::start()?;
    for (variable, value) in servers.variables() {
        println!("{variable}='{value}'");
    }
    if let Some(certificate) = servers.certificate() {
        println!("SSL_CERT_FILE='{}'", certificate.display());
    }
    loop {
        thread::park();
    }
}
