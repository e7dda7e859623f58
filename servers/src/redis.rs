//! One server.

use std::{
    fmt::{self, Debug, Formatter},
    fs, io,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{
    client::{Answer, Connection, Monitor},
    port,
    process::Process,
    tls, wait,
};

/// The programs that are such a server, the first that is there is taken.
const PROGRAMS: [&str; 2] = ["redis-server", "valkey-server"];
/// What every server is told, in a file of its directory. This process talks to it over the socket.
const CONFIG: &str = "bind 127.0.0.1\nunixsocket socket\nsave \"\"\nappendonly no\nloglevel warning\n";
const CONFIG_FILE: &str = "server.conf";
const SOCKET: &str = "socket";
/// Of the server with TLS.
const PASSWORD: &str = "open-sesame";
/// How often another port is tried.
const TRIES: usize = 10;

/// A Redis server, or a Valkey server, which keeps nothing on disk. It ends when this is dropped, or when the process ends.
pub struct Redis {
    program: &'static str,
    port: u16,
    arguments: Vec<String>,
    process: Mutex<Process>,
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
        let program = program()?;
        let mut tries = 0..TRIES;
        loop {
            let process = Process::prepare()?;
            let port = port::free()?;
            let mut arguments = arguments(process.directory(), port)?;
            let password = arguments.iter().skip_while(|argument| *argument != "--requirepass").nth(1).cloned();
            fs::write(process.directory().join(CONFIG_FILE), CONFIG)?;
            arguments.insert(0, CONFIG_FILE.to_owned());
            let socket = process.directory().join(SOCKET);
            let process = Mutex::new(process);
            let server = Self { program, port, arguments, process, socket, password, certificate: None };
            match server.restart() {
                Err(error) if error.to_string().contains("Address already in use") && tries.next().is_some() => {}
                result => return result.map(|()| server),
            }
        }
    }

    /// Where a client finds it.
    pub fn url(&self) -> String {
        let port = self.port;
        let password = self.password.as_ref().map(|password| format!(":{password}@")).unwrap_or_default();
        if self.certificate.is_some() {
            format!("rediss://{password}localhost:{port}")
        } else {
            format!("redis://{password}127.0.0.1:{port}")
        }
    }

    /// Its port on 127.0.0.1, whether or not it runs.
    pub fn port(&self) -> u16 {
        self.port
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
        self.process().kill()
    }

    /// Starts it anew, on the same port, and waits until it answers.
    ///
    /// # Errors
    ///
    /// As those of [`start`](Self::start).
    pub fn restart(&self) -> io::Result<()> {
        let mut process = self.process();
        process.start(self.program, &self.arguments)?;
        wait::until("the server answers", || {
            process.check()?;
            Ok(self.command(&["PING"]).ok().filter(|answer| answer.text() == "PONG"))
        })?;
        Ok(())
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

    fn process(&self) -> MutexGuard<'_, Process> {
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Debug for Redis {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("port", &self.port).finish_non_exhaustive()
    }
}

/// Arguments, written as on a command line; none of them may contain a space.
pub(crate) fn words(words: &str) -> Vec<String> {
    words.split_whitespace().map(str::to_owned).collect()
}

fn program() -> io::Result<&'static str> {
    let runs = |program: &&str| {
        let mut command = Command::new(program);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    };
    PROGRAMS.into_iter().find(runs).ok_or_else(|| {
        let advice = format!("there is none of {}: `cargo xtask test` provides what is needed", PROGRAMS.join(", "));
        io::Error::new(io::ErrorKind::NotFound, advice)
    })
}
