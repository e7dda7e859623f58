//! What is sent: one command about one session, nearly always a script, which is atomic at its server.

use std::sync::LazyLock;

use redis::{Arg, Cmd, ToRedisArgs};

/// A script, and the digest by which a server knows it once it has seen it.
pub(super) struct Script {
    text: &'static str,
    digest: LazyLock<String>,
}

macro_rules! scripts {
    ($($name:ident = $($file:literal)+;)+) => {$(
        pub(super) static $name: Script = Script {
            text: concat!($(include_str!($file)),+),
            digest: LazyLock::new(|| redis::Script::new($name.text).get_hash().to_owned()),
        };
    )+};
}

scripts! {
    LOAD = "lua/session.lua" "lua/load.lua";
    INSERT = "lua/session.lua" "lua/insert.lua";
    UPDATE = "lua/session.lua" "lua/commit.lua" "lua/update.lua";
    RENAME = "lua/session.lua" "lua/commit.lua" "lua/pointer.lua" "lua/rename.lua";
    COPY = "lua/session.lua" "lua/copy.lua";
    POINT = "lua/session.lua" "lua/pointer.lua" "lua/point.lua";
    TOUCH = "lua/session.lua" "lua/touch.lua";
    REMOVE = "lua/session.lua" "lua/remove.lua";
}

/// A command, and the hash whose server it goes to.
pub(super) struct Request {
    hash: String,
    command: Cmd,
    script: Option<&'static Script>,
}

impl Script {
    /// Runs it over a hash; arguments are added by the caller, about so many bytes of them.
    pub(super) fn over(&'static self, hash: String, room: usize) -> Request {
        let mut command = self.command(1, hash.len() + room);
        command.arg(&hash);
        Request { hash, command, script: Some(self) }
    }

    /// Runs it over two hashes, which are on one server.
    pub(super) fn over_both(&'static self, hash: String, other: &str, room: usize) -> Request {
        let mut command = self.command(2, hash.len() + other.len() + room);
        command.arg(&hash).arg(other);
        Request { hash, command, script: Some(self) }
    }

    fn command(&self, keys: usize, room: usize) -> Cmd {
        let mut command = Cmd::with_capacity(10, 64 + room);
        command.arg("EVALSHA").arg(self.digest.as_str()).arg(keys);
        command
    }
}

impl Request {
    /// Reads a hash.
    pub(super) fn all_of(hash: String) -> Self {
        let mut command = Cmd::with_capacity(2, hash.len() + 8);
        command.arg("HGETALL").arg(&hash);
        Self { hash, command, script: None }
    }

    pub(super) fn arg(&mut self, argument: impl ToRedisArgs) -> &mut Self {
        self.command.arg(argument);
        self
    }

    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    pub(super) fn command(&self) -> &Cmd {
        &self.command
    }

    /// The same command for a server that does not know the script: with its whole text, which the server remembers.
    pub(super) fn in_full(&self) -> Option<Cmd> {
        let mut full = redis::cmd("EVAL");
        full.arg(self.script?.text);
        for argument in self.command.args_iter().skip(2) {
            if let Arg::Simple(bytes) = argument {
                full.arg(bytes);
            }
        }
        Some(full)
    }
}
