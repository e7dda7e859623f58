//! One server.

use std::{
    fmt::{self, Debug, Formatter},
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    client::{Answer, Connection, Monitor},
    port,
    process::Process,
    programs,
    server::Server,
    tls,
};

/// The programs that are such a server, the first that is there is taken.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// What every server is told, in a file of its directory. This process talks to it over the socket.
const CONFIG: &str = "bind 127.0.0.1\nunixsocket socket\nsave \"\"\nappendonly no\nloglevel warning\n";
const CONFIG_FILE: &str = "server.conf";
const SOCKET: &str = "socket";
/// Of the server with TLS.
const PASSWORD: &str = "open-sesame";

/// A Redis server, or a Valkey server, which keeps nothing on disk. It ends when this is dropped, or when the process ends.
pub struct Redis {
    server: Server,
    socket: PathBuf,
    password: Option<String>,
    certificate: Option<PathBuf>,
}

impl Redis {
    /// Starts a server and waits until it answers.
    ///
    /// # Errors
    ///
    /// If the program is not there, or ends; then with what it printed.
    pub fn start() -> io::Result<Self> {
        Self::with(&[])
    }

    /// As [`start`](Self::start), with further arguments: `Redis::with(&["--maxmemory", "2mb"])`. What follows `--requirepass` is a part of
    /// the [`url`](Self::url).
    ///
    /// # Errors
    ///
    /// As those of [`start`](Self::start).
    pub fn with(arguments: &[&str]) -> io::Result<Self> {
        let given = arguments.iter().map(|&argument| argument.to_owned());
        Self::launch(|_, port| Ok(words(&format!("--port {port}")).into_iter().chain(given.clone()).collect()))
    }

    /// Starts a server that speaks nothing but TLS and asks for a password. A client has to trust [`certificate`](Self::certificate).
    ///
    /// # Errors
    ///
    /// As those of [`start`](Self::start), or if `openssl`, which makes the certificate, is not there.
    pub fn tls() -> io::Result<Self> {
        let mut server = Self::launch(|directory, port| {
            tls::create(directory)?;
            let files = format!("--tls-cert-file {} --tls-key-file {}", tls::CERTIFICATE, tls::KEY);
            let trusts = format!("--tls-ca-cert-file {} --tls-auth-clients no", tls::AUTHORITY);
            Ok(words(&format!("--port 0 --tls-port {port} {files} {trusts} --requirepass {PASSWORD}")))
        })?;
        server.certificate = Some(server.socket.with_file_name(tls::AUTHORITY));
        Ok(server)
    }

    /// Starts a server on the first free port that nobody else takes meanwhile. `arguments` is told the directory and the port.
    pub(crate) fn launch(arguments: impl Fn(&Path, u16) -> io::Result<Vec<String>>) -> io::Result<Self> {
        let program = programs::find(&PROGRAMS)?;
        port::first_free(|port| {
            let process = Process::prepare(None)?;
            let mut arguments = arguments(process.directory(), port)?;
            let password = arguments.iter().skip_while(|argument| *argument != "--requirepass").nth(1).cloned();
            fs::write(process.directory().join(CONFIG_FILE), CONFIG)?;
            arguments.insert(0, CONFIG_FILE.to_owned());
            let socket = process.directory().join(SOCKET);
            let server = Server::new(program.clone(), port, arguments, process);
            let redis = Self { server, socket, password, certificate: None };
            redis.restart().map(|()| redis)
        })
    }

    /// Where a client finds it.
    pub fn url(&self) -> String {
        let port = self.port();
        let password = self.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default();
        if self.certificate.is_some() {
            format!("rediss://{password}localhost:{port}")
        } else {
            format!("redis://{password}127.0.0.1:{port}")
        }
    }

    /// Its port on 127.0.0.1, whether or not it runs.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// The file with the certificate (PEM) that signed the server's, where it [speaks TLS](Self::tls).
    pub fn certificate(&self) -> Option<&Path> {
        self.certificate.as_deref()
    }

    /// Ends it at once (SIGKILL): connections break, what it held is gone.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn kill(&self) -> io::Result<()> {
        self.server.kill()
    }

    /// Starts it anew, on the same port, and waits until it answers.
    ///
    /// # Errors
    ///
    /// As those of [`start`](Self::start).
    pub fn restart(&self) -> io::Result<()> {
        self.server.restart(|| self.command(&["PING"]).is_ok_and(|answer| answer.text() == "PONG"))
    }

    /// Gives it an order over a connection of its own, and reads the answer: `redis.command(&["CLIENT", "PAUSE", "1000"])`.
    ///
    /// # Errors
    ///
    /// If it refuses, or does not run.
    pub fn command(&self, words: &[&str]) -> io::Result<Answer> {
        self.connect()?.command(words)
    }

    /// A connection for several orders.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub fn connect(&self) -> io::Result<Connection> {
        Connection::open(&self.socket, self.password.as_deref())
    }

    /// Begins to see every command that it runs.
    ///
    /// # Errors
    ///
    /// If it does not run.
    pub fn monitor(&self) -> io::Result<Monitor> {
        Monitor::new(self.connect()?, self.connect()?)
    }
}

impl Debug for Redis {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("port", &self.port()).finish_non_exhaustive()
    }
}

/// Arguments, written as on a command line; none of them may contain a space.
pub(crate) fn words(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}
