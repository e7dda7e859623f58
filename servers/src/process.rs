//! A program in a directory of its own, both gone with the process that started it.

use std::{
    env,
    fs::{self, File},
    io::{self, Write as _},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{self, Child, ChildStdin, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// Reads ids of processes; when there can be no more, which is when its parent has ended in whatever way, it kills the last one and removes
/// the directory. An empty line stands for none.
const GUARDIAN: &str = r#"
server=
while read -r id; do server=$id; done
[ -z "$server" ] || kill -9 "$server"
rm -rf "$1"
"#;

/// What the program prints.
const LOG: &str = "log";

/// A program, in a directory that stays while it is killed and started anew.
pub(crate) struct Process {
    directory: PathBuf,
    child: Option<Child>,
    guardian: Child,
    /// Closed when this process ends.
    told: Option<ChildStdin>,
}

impl Process {
    /// Makes the directory; nothing runs in it yet.
    pub(crate) fn prepare() -> io::Result<Self> {
        let directory = create_directory()?;
        let mut guardian = Command::new("sh");
        guardian.args(["-c", GUARDIAN, "guardian"]).arg(&directory);
        // In a group of its own, an interrupt at the terminal, which ends its parent, does not end it.
        guardian.process_group(0).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut guardian = guardian.spawn()?;
        let told = guardian.stdin.take();
        Ok(Self { directory, child: None, guardian, told })
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn start(&mut self, program: &str, arguments: &[String]) -> io::Result<()> {
        self.kill()?;
        let log = File::options().create(true).append(true).open(self.directory.join(LOG))?;
        let mut command = Command::new(program);
        command.args(arguments).current_dir(&self.directory).process_group(0);
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

    /// Ends the program at once, if it runs.
    pub(crate) fn kill(&mut self) -> io::Result<()> {
        let Some(mut child) = self.child.take() else { return Ok(()) };
        child.kill()?;
        child.wait()?;
        self.tell("")
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
