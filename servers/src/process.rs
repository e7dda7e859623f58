//! A program in a directory of its own, both gone with the process that started it.

use std::{
    env,
    fs::{self, File},
    io::{self, Write as _},
    os::unix::{fs::chown, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{self, Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{programs, user::User, wait};

/// Reads ids of processes; when there can be no more, which is when its parent has ended in whatever way, it kills the last one, its group
/// and what else it started, and removes the directory, again if somebody who is ending has written to it meanwhile. An empty line
/// stands for none. Shared memory is in no directory: PostgreSQL writes down which is its.
const GUARDIAN: &str = r#"
server=
while read -r id; do server=$id; done
[ -z "$server" ] || kill -s KILL -- "-$server" $(cat "/proc/$server/task/$server/children")
[ ! -f "$1/data/postmaster.pid" ] || ipcrm -m "$(sed -n '7s/.* //p' "$1/data/postmaster.pid")"
for again in 1 2 3 4 5; do
    rm -rf "$1" && break
    sleep 1
done
"#;

/// Sends a signal to processes.
const SIGNAL: &str = r#"signal=$1; shift; kill -s "$signal" "$@""#;

/// What the program printed since it was started last.
const LOG: &str = "log";

/// A program, in a directory that stays while it is killed and started anew.
pub(crate) struct Process {
    directory: PathBuf,
    user: Option<User>,
    child: Option<Child>,
    guardian: Child,
    /// Closed when this process ends.
    told: Option<ChildStdin>,
}

impl Process {
    /// Makes the directory; nothing runs in it yet. It belongs to `user`, as whom the program will run, if not as who runs this.
    pub(crate) fn prepare(user: Option<User>) -> io::Result<Self> {
        let directory = create_directory()?;
        if let Some(user) = user {
            chown(&directory, Some(user.id), Some(user.group))?;
        }
        let mut guardian = Command::new("sh");
        guardian.args(["-c", GUARDIAN, "guardian"]).arg(&directory);
        // In a group of its own, an interrupt at the terminal, which ends its parent, does not end it.
        guardian.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut guardian = guardian.spawn()?;
        let told = guardian.stdin.take();
        Ok(Self { directory, user, child: None, guardian, told })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// Runs another program to its end, and answers what it printed.
    pub(crate) fn run<'a>(
        &mut self,
        program: &Path,
        arguments: impl IntoIterator<Item = &'a str>,
    ) -> io::Result<String> {
        let mut command = self.command(program);
        let printed = programs::run_known(command.args(arguments), |id| self.tell(&id.to_string()));
        self.tell("")?;
        printed
    }

    /// Starts the program; one that runs is killed before.
    pub(crate) fn start(&mut self, program: &Path, arguments: &[String]) -> io::Result<()> {
        self.kill()?;
        let log = self.directory.join(LOG);
        fs::write(&log, "")?;
        let log = File::options().append(true).open(log)?;
        let mut command = self.command(program);
        command.args(arguments);
        let child = command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log).spawn()?;
        let id = child.id().to_string();
        self.child = Some(child);
        self.tell(&id)
    }

    /// Fails if the program has ended by itself, with what it printed.
    pub(crate) fn check(&mut self) -> io::Result<()> {
        let Some(child) = &mut self.child else { return Ok(()) };
        let Some(status) = child.try_wait()? else { return Ok(()) };
        let log = fs::read_to_string(self.directory.join(LOG))?;
        Err(io::Error::other(format!("the server ended ({status}):\n{log}")))
    }

    /// Ends the program at once, if it runs, and the processes that it started.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        let started = started_by(child.id());
        child.kill()?;
        child.wait()?;
        signal("KILL", &started)?;
        self.tell("")
    }

    /// Sends a signal to the program, if it runs, and to the processes that it started.
    pub(crate) fn signal(&self, name: &str) -> io::Result<()> {
        let Some(child) = &self.child else { return Ok(()) };
        // First to the program itself: if it stops, it starts no others meanwhile.
        signal(name, &[child.id().to_string()])?;
        signal(name, &started_by(child.id()))
    }

    /// Stops the program, if it runs, and the processes that it started: when this returns, none of their threads does anything any more.
    pub(crate) fn stop(&self) -> io::Result<()> {
        let Some(child) = &self.child else { return Ok(()) };
        self.signal("STOP")?;
        let mut ids = started_by(child.id());
        ids.push(child.id().to_string());
        wait::until("the processes have stopped", || Ok(ids.iter().all(|id| has_stopped(id)).then_some(())))
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.directory).process_group(0);
        if let Some(user) = self.user {
            command.uid(user.id).gid(user.group);
        }
        command
    }

    fn tell(&mut self, id: &str) -> io::Result<()> {
        self.told.iter_mut().try_for_each(|told| writeln!(told, "{id}"))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // What cannot be killed has ended, and what the guardian cannot remove is only a few small files.
        let _ = self.kill();
        self.told = None;
        let _ = self.guardian.wait();
    }
}

/// The processes that a process started; none where the system does not tell.
fn started_by(id: u32) -> Vec<String> {
    let ids = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    ids.split_whitespace().map(str::to_owned).collect()
}

/// Sends a signal to processes. Those that have ended need none.
fn signal(name: &str, ids: &[String]) -> io::Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let mut shell = Command::new("sh");
    shell.args(["-c", SIGNAL, "signal", name]).args(ids);
    shell.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().map(drop)
}

/// Whether all threads of a process have stopped, or it has ended.
fn has_stopped(id: &str) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{id}/task")) else { return true };
    // The state stands after the name, which may hold anything.
    let stopped = |status: String| status.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'));
    threads.flatten().all(|thread| fs::read_to_string(thread.path().join("stat")).map_or(true, stopped))
}

fn create_directory() -> io::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    loop {
        let name = format!("session-servers-{}-{}", process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = env::temp_dir().join(name);
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            // Of an earlier process with the same id.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
}
