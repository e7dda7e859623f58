//! The scripts: each is one command to one server, and atomic there.

use std::sync::LazyLock;

use redis::{Arg, Cmd};

/// A script, and the digest by which a server knows it once it has seen it.
pub(super) struct Script {
    text: &'static str,
    digest: LazyLock<String>,
}

macro_rules! scripts {
    ($($(#[$doc:meta])* $name:ident = $($file:literal)+;)+) => {$(
        $(#[$doc])*
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

impl Script {
    /// The command that runs it over these keys, with room for so many bytes of arguments; those are added by the caller.
    pub(super) fn over<const N: usize>(&self, keys: [&str; N], room: usize) -> Cmd {
        let bytes = keys.iter().map(|key| key.len()).sum::<usize>();
        let mut command = Cmd::with_capacity(8 + N, 64 + bytes + room);
        command.arg("EVALSHA").arg(self.digest.as_str()).arg(N);
        for key in keys {
            command.arg(key);
        }
        command
    }

    /// The same command for a server that does not know the script: with its whole text, which the server remembers.
    pub(super) fn in_full(&self, command: &Cmd) -> Cmd {
        let mut full = redis::cmd("EVAL");
        full.arg(self.text);
        for argument in command.args_iter().skip(2) {
            if let Arg::Simple(bytes) = argument {
                full.arg(bytes);
            }
        }
        full
    }
}
