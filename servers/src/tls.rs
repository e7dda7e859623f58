//! A certificate for a server on this machine, made by the `openssl` program: it is there wherever Redis is, or one package away.

use std::{fs, io, path::Path, process::Command};

use crate::programs;

/// The certificate that a client has to trust, below the server's directory.
pub(crate) const AUTHORITY: &str = "authority.pem";
pub(crate) const CERTIFICATE: &str = "server.pem";
pub(crate) const KEY: &str = "server.key";

const AUTHORITY_KEY: &str = "authority.key";
const CONFIG: &str = "openssl.cnf";

/// Makes an authority, and a certificate that it signed for `localhost` and 127.0.0.1.
pub(crate) fn create(directory: &Path) -> io::Result<()> {
    // Instead of the system's, which may add what it likes.
    fs::write(directory.join(CONFIG), "[req]\ndistinguished_name = name\n[name]\n")?;
    let authority = "-subj /CN=session-servers -addext basicConstraints=critical,CA:TRUE -addext keyUsage=keyCertSign";
    request(directory, AUTHORITY, AUTHORITY_KEY, authority)?;
    let server = "-subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1";
    request(directory, CERTIFICATE, KEY, &format!("{server} -CA {AUTHORITY} -CAkey {AUTHORITY_KEY}"))
}

/// Makes a key and a certificate of it, good for two days.
fn request(directory: &Path, certificate: &str, key: &str, more: &str) -> io::Result<()> {
    let common = format!("-config {CONFIG} -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2");
    let arguments = format!("req -x509 {common} -out {certificate} -keyout {key} {more}");
    programs::run(Command::new("openssl").args(arguments.split(' ')).current_dir(directory)).map(drop)
}
