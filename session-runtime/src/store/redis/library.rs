//! What is sent: one command about one session, a call of a function of the library, which is atomic at its server.

use std::sync::LazyLock;

use redis::{Arg, Cmd, ToRedisArgs};

/// A function of the library, which is a script by itself too.
pub(super) struct Function {
    name: &'static str,
    text: &'static str,
    digest: LazyLock<String>,
}

/// What every function may use.
macro_rules! common {
    () => {
        concat!(include_str!("lua/session.lua"), include_str!("lua/owners.lua"), include_str!("lua/commit.lua"))
    };
}

macro_rules! functions {
    ($($constant:ident = $name:literal $file:literal $flags:literal;)+) => {
        $(pub(super) static $constant: Function = Function {
            name: $name,
            text: concat!(
                common!(), "local function run(KEYS, ARGV)\n", include_str!($file), "end\nreturn run(KEYS, ARGV)\n"
            ),
            digest: LazyLock::new(|| redis::Script::new($constant.text).get_hash().to_owned()),
        };)+

        /// All of them, for `FUNCTION LOAD`.
        const LIBRARY: &str = concat!(
            "#!lua name=session_runtime_1\n",
            common!(),
            $(
                "redis.register_function{function_name='", $name, "', flags={", $flags, "}, callback=function(KEYS, ARGV)\n",
                include_str!($file), "end}\n",
            )+
        );
    };
}

// What writes nothing may be done on a replica too, what makes no session larger where memory is full.
functions! {
    READ = "s1g" "lua/read.lua" "'no-writes'";
    LOAD = "s1l" "lua/load.lua" "'allow-oom'";
    INSERT = "s1i" "lua/insert.lua" "";
    UPDATE = "s1u" "lua/update.lua" "";
    RENAME = "s1r" "lua/rename.lua" "";
    COPY = "s1c" "lua/copy.lua" "";
    UNCOPY = "s1n" "lua/uncopy.lua" "'allow-oom'";
    POINT = "s1p" "lua/point.lua" "'allow-oom'";
    TOUCH = "s1t" "lua/touch.lua" "'allow-oom'";
    REMOVE = "s1d" "lua/remove.lua" "'allow-oom'";
    ANNOUNCE = "s1a" "lua/announce.lua" "";
    CONFIRM = "s1k" "lua/confirm.lua" "'allow-oom'";
    RELIST = "s1e" "lua/relist.lua" "'allow-oom'";
    UNLIST = "s1f" "lua/unlist.lua" "'allow-oom'";
    CALL_OFF = "s1x" "lua/call_off.lua" "'allow-oom'";
    LISTED = "s1m" "lua/listed.lua" "'no-writes'";
    SESSIONS = "s1o" "lua/sessions.lua" "'allow-oom'";
}

/// The command that gives a server the library. Its functions are known by short names from then on, and compiled once; a server that goes has
/// given them to its replicas, and keeps them with its data.
pub(super) fn library() -> Cmd {
    let mut load = redis::cmd("FUNCTION");
    load.arg("LOAD").arg("REPLACE").arg(LIBRARY);
    load
}

/// A command, and the hash whose server it goes to.
pub(super) struct Request {
    hash: String,
    function: &'static Function,
    command: Cmd,
}

impl Function {
    /// Runs it over a hash; arguments are added by the caller, about so many bytes of them.
    pub(super) fn over(&'static self, hash: String, room: usize) -> Request {
        let mut command = self.call(1, hash.len() + room);
        command.arg(&hash);
        Request { hash, function: self, command }
    }

    /// Runs it over two hashes, which are on one server.
    pub(super) fn over_both(&'static self, hash: String, other: &str, room: usize) -> Request {
        let mut command = self.call(2, hash.len() + other.len() + room);
        command.arg(&hash).arg(other);
        Request { hash, function: self, command }
    }

    fn call(&self, keys: usize, room: usize) -> Cmd {
        let mut command = Cmd::with_capacity(10, 24 + room);
        command.arg("FCALL").arg(self.name).arg(keys);
        command
    }
}

impl Request {
    pub(super) fn arg(&mut self, argument: impl ToRedisArgs) -> &mut Self {
        self.command.arg(argument);
        self
    }

    pub(super) fn hash(&self) -> &str {
        &self.hash
    }

    /// By the function's name.
    pub(super) fn command(&self) -> &Cmd {
        &self.command
    }

    /// By the script's digest, for a server without functions.
    pub(super) fn by_digest(&self) -> Cmd {
        self.by("EVALSHA", &self.function.digest)
    }

    /// With the whole script, for a server that does not know the digest; it does from then on.
    pub(super) fn in_full(&self) -> Cmd {
        self.by("EVAL", self.function.text)
    }

    fn by(&self, command: &str, script: &str) -> Cmd {
        let mut by = redis::cmd(command);
        by.arg(script);
        for argument in self.command.args_iter().skip(2) {
            if let Arg::Simple(bytes) = argument {
                by.arg(bytes);
            }
        }
        by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Servers of two versions share a library only if it is the same.
    #[test]
    fn a_library_that_changes_gets_another_number_in_its_name_and_in_those_of_its_functions() {
        let library = redis::Script::new(LIBRARY);
        assert_eq!((library.get_hash(), READ.name), ("2f50c495565d0d72a35806d3c5e313e22d8729d4", "s1g"));
    }
}
