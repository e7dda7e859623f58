//! PostgreSQL.

use std::{
    fmt::{self, Debug, Formatter},
    fs, io,
    path::{Path, PathBuf},
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

/// Debian's are not on the `PATH`: a directory for each version is here, with `bin` in it.
const VERSIONS: &str = "/usr/lib/postgresql";
const PROGRAM: &str = "postgres";
/// Beside the program.
const CREATE: &str = "initdb";
const CLIENT: &str = "psql";

/// The user and the database that are there from the start.
const USER: &str = "postgres";
const DATABASE: &str = "postgres";

/// What every server is told. The shared memory is a file in its directory, which goes with it.
const SETTINGS: [&str; 4] =
    ["listen_addresses=127.0.0.1", "max_connections=500", "max_wal_size=1GB", "dynamic_shared_memory_type=mmap"];
/// For servers of which nobody expects that they outlive a crash, or hold much.
const FAST: [&str; 4] = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "shared_buffers=32MB"];

static TEMPLATE: Template = Template::new();

/// A PostgreSQL server. It ends when this is dropped, or when the process ends.
///
/// Where the process is root it runs as another user, `postgres` or `nobody`, because it refuses to run as root.
pub struct Postgres {
    server: Server,
    directory: PathBuf,
    client: PathBuf,
}

impl Postgres {
    /// Starts a server and waits until it answers. It is in a hurry: killed, it may lose what was committed last.
    ///
    /// # Errors
    ///
    /// If its programs are not there, or end; then with what they printed.
    pub fn start() -> io::Result<Self> {
        Self::with(&[])
    }

    /// As [`start`](Self::start), with further settings: `Postgres::with(&["log_statement=all"])`.
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
        programs().is_ok()
    }

    fn launch(settings: &[&str]) -> io::Result<Self> {
        let programs = programs()?;
        port::first_free(|port| {
            let user = user::instead_of_root()?;
            let process = TEMPLATE.prepare(user, |process| create(&programs.join(CREATE), process))?;
            let directory = process.directory().to_owned();
            let own = [format!("port={port}"), format!("unix_socket_directories={}", directory.display())];
            let given = SETTINGS.iter().chain(settings).map(|&setting| setting.to_owned());
            let settings = own.into_iter().chain(given).flat_map(|setting| ["-c".to_owned(), setting]);
            let arguments = ["-D", DATA].map(str::to_owned).into_iter().chain(settings).collect();
            let server = Server::new(programs.join(PROGRAM), port, arguments, process);
            let postgres = Self { server, directory, client: programs.join(CLIENT) };
            postgres.restart().map(|()| postgres)
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
        self.sql(&format!(r#"CREATE DATABASE "{name}""#))?;
        Ok(self.url_of(name))
    }

    /// Its port on 127.0.0.1, whether or not it runs.
    pub fn port(&self) -> u16 {
        self.server.port()
    }

    /// Runs statements in the database that is there from the start, several as one transaction. Answers the rows, each a line with tabs
    /// between its values.
    ///
    /// # Errors
    ///
    /// If the server refuses, then with what it said, or does not run.
    pub fn sql(&self, statements: &str) -> io::Result<String> {
        let mut client = Command::new(&self.client);
        client.args(["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--field-separator", "\t"]);
        client.args(["--username", USER, "--dbname", DATABASE, "--port", &self.port().to_string(), "--host"]);
        let rows = programs::run(client.arg(&self.directory).args(["--command", statements]))?;
        Ok(rows.trim_end_matches('\n').to_owned())
    }

    /// Ends it at once (SIGKILL), all its processes: connections break.
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
        format!("postgres://{USER}@127.0.0.1:{}/{database}", self.port())
    }
}

impl Debug for Postgres {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Postgres").field("port", &self.port()).finish_non_exhaustive()
    }
}

/// Makes the directory of its data.
fn create(program: &Path, process: &mut Process) -> io::Result<()> {
    let arguments = format!("--pgdata {DATA} --username {USER} --auth trust --encoding UTF8 --no-locale");
    // Small files are copied faster.
    process.run(program, format!("{arguments} --wal-segsize 1 --no-sync").split(' ')).map(drop)
}

/// The directory of its programs: that of the one on the `PATH`, which may be a link to it, or the newest version's.
fn programs() -> io::Result<PathBuf> {
    if let Ok(program) = programs::find(&[PROGRAM]).and_then(fs::canonicalize) {
        return Ok(program.parent().unwrap_or(Path::new("/")).to_owned());
    }
    let versions = fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let number = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let paths = versions.map(|entry| entry.path()).filter(|path| path.join("bin").join(PROGRAM).is_file());
    let newest = paths.max_by_key(number).map(|path| path.join("bin"));
    newest.ok_or_else(|| programs::missing(&[PROGRAM]))
}
