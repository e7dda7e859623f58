//! MariaDB.

use std::{
    fmt::{self, Debug, Formatter},
    fs, io,
    path::PathBuf,
    process::Command,
};

use crate::{
    port,
    process::Process,
    programs,
    server::Server,
    template::{DATA, Template},
    user,
};

const PROGRAM: &str = "mariadbd";
const CREATE: &str = "mariadb-install-db";
const CLIENT: &str = "mariadb";
/// Reads time zones.
const ZONE_READER: &str = "mariadb-tzinfo-to-sql";

/// The time zones that it knows by name.
const ZONES: [&str; 2] = ["America/New_York", "Asia/Tokyo"];
const ZONES_DIRECTORY: &str = "/usr/share/zoneinfo";
const ZONES_FILE: &str = "zones.sql";

/// The user, without a password, and the database that are there from the start.
const USER: &str = "root";
const DATABASE: &str = "test";
const SOCKET: &str = "socket";

/// What every server is told.
const SETTINGS: [&str; 3] = ["bind-address=127.0.0.1", "skip-name-resolve", "max-connections=500"];
const LOG_SIZE: &str = "innodb-log-file-size=16M";
/// For servers of which nobody expects that they outlive a crash, or hold much. The log is small from the start.
const FAST: [&str; 5] =
    ["innodb-flush-log-at-trx-commit=0", "innodb-doublewrite=0", NO_SYNC, "innodb-buffer-pool-size=32M", LOG_SIZE];
const NO_SYNC: &str = "debug-no-sync";

static TEMPLATE: Template = Template::new();

/// A MariaDB server, which also knows the time zones `America/New_York` and `Asia/Tokyo`. It ends when this is dropped, or when the process
/// ends.
pub struct MariaDb {
    server: Server,
    socket: PathBuf,
    client: PathBuf,
}

impl MariaDb {
    /// Starts a server and waits until it answers. It is in a hurry: killed, it may lose what was committed last.
    ///
    /// # Errors
    ///
    /// If its programs are not there, or end; then with what they printed.
    pub fn start() -> io::Result<Self> {
        Self::with(&[])
    }

    /// As [`start`](Self::start), with further settings: `MariaDb::with(&["default-time-zone=Asia/Tokyo"])`.
    ///
    /// # Errors
    ///
    /// As those of [`start`](Self::start).
    pub fn with(settings: &[&str]) -> io::Result<Self> {
        Self::launch(&[&FAST, settings].concat())
    }

    /// As [`start`](Self::start), but what was committed is there after a [`kill`](Self::kill), as it would be on a server that is not for
    /// tests.
    ///
    /// # Errors
    ///
    /// As those of [`start`](Self::start).
    pub fn durable() -> io::Result<Self> {
        Self::launch(&[])
    }

    /// Whether its programs are there.
    pub fn is_installed() -> bool {
        [PROGRAM, CREATE, CLIENT, ZONE_READER].iter().all(|program| programs::find(&[program]).is_ok())
    }

    fn launch(settings: &[&str]) -> io::Result<Self> {
        let (program, client) = (programs::find(&[PROGRAM])?, programs::find(&[CLIENT])?);
        // As root it runs only if it is told to.
        let user: &[&str] = if user::is_root()? { &["user=root"] } else { &[] };
        port::first_free(|port| {
            let process = TEMPLATE.prepare(None, |process| create(process, user))?;
            let socket = process.directory().join(SOCKET);
            let port_setting = format!("port={port}");
            let settings = [&SETTINGS[..], user, &[&port_setting], settings].concat();
            let arguments = arguments(&process, &[("datadir", DATA), ("socket", SOCKET)], &settings);
            let server = Server::new(program.clone(), port, arguments, process);
            let mariadb = Self { server, socket, client: client.clone() };
            mariadb.restart().map(|()| mariadb)
        })
    }

    /// Where a client finds it, and the database that is there from the start.
    pub fn url(&self) -> String {
        self.url_of(DATABASE)
    }

    /// Makes a further database, and tells where a client finds that.
    ///
    /// # Errors
    ///
    /// If there is one of that name, or the server does not run.
    pub fn database(&self, name: &str) -> io::Result<String> {
        self.sql(&format!("CREATE DATABASE `{name}`"))?;
        Ok(self.url_of(name))
    }

    /// Its port on 127.0.0.1, whether or not it runs.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Runs statements in the database that is there from the start. Answers the rows, each a line with tabs between its values.
    ///
    /// # Errors
    ///
    /// If the server refuses, then with what it said, or does not run.
    pub fn sql(&self, statements: &str) -> io::Result<String> {
        let mut client = Command::new(&self.client);
        client.args(["--no-defaults", "--batch", "--skip-column-names", "--user", USER, "--database", DATABASE]);
        let rows = programs::run(client.arg("--socket").arg(&self.socket).args(["--execute", statements]))?;
        Ok(rows.trim_end_matches('\n').to_owned())
    }

    /// Ends it at once (SIGKILL): connections break.
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn kill(&self) -> io::Result<()> {
        self.server.kill()
    }

    /// Starts it anew, with its data and on the same port, and waits until it answers.
    ///
    /// # Errors
    ///
    /// As those of [`start`](Self::start).
    pub fn restart(&self) -> io::Result<()> {
        self.server.restart(|| self.sql("SELECT 1").is_ok())
    }

    /// Lets it hang (SIGSTOP): it takes connections and answers nothing, until [`resume`](Self::resume).
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn pause(&self) -> io::Result<()> {
        self.server.pause()
    }

    /// Lets it go on after [`pause`](Self::pause).
    ///
    /// # Errors
    ///
    /// If the system refuses.
    pub fn resume(&self) -> io::Result<()> {
        self.server.resume()
    }

    fn url_of(&self, database: &str) -> String {
        format!("mysql://{USER}@127.0.0.1:{}/{database}", self.port())
    }
}

impl Debug for MariaDb {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("MariaDb").field("port", &self.port()).finish_non_exhaustive()
    }
}

/// Makes the directory of its data, with the time zones in it.
fn create(process: &mut Process, user: &[&str]) -> io::Result<()> {
    let reader = programs::find(&[ZONE_READER])?;
    let mut zones = "USE mysql;\n".to_owned();
    for zone in ZONES {
        zones += &process.run(&reader, ["--skip-write-binlog", &format!("{ZONES_DIRECTORY}/{zone}"), zone])?;
    }
    fs::write(process.directory().join(ZONES_FILE), zones)?;
    let settings = ["auth-root-authentication-method=normal", "skip-name-resolve", LOG_SIZE, NO_SYNC];
    let arguments = arguments(process, &[("datadir", DATA), ("extra-file", ZONES_FILE)], &[&settings, user].concat());
    process.run(&programs::find(&[CREATE])?, arguments.iter().map(String::as_str)).map(drop)
}

/// How its programs are told of these files of its directory, in which it also keeps what is temporary, and of settings.
fn arguments(process: &Process, files: &[(&str, &str)], settings: &[&str]) -> Vec<String> {
    let files = files.iter().chain(&[("tmpdir", "")]);
    let files = files.map(|(name, file)| format!("--{name}={}", process.directory().join(file).display()));
    let settings = settings.iter().map(|setting| format!("--{setting}"));
    // What the files of this machine say is for other servers.
    ["--no-defaults".to_owned()].into_iter().chain(files).chain(settings).collect()
}
