//! Who runs a program.

use std::{io, process::Command};

use crate::programs;

/// Who may be there to run what refuses to run as root, the first is taken.
const OTHERS: [&str; 2] = ["postgres", "nobody"];

/// A user of this system, by numbers.
#[derive(Clone, Copy)]
pub(crate) struct User {
    pub(crate) id: u32,
    pub(crate) group: u32,
}

/// Somebody else, if this process is root.
pub(crate) fn instead_of_root() -> io::Result<Option<User>> {
    if !is_root()? {
        return Ok(None);
    }
    let user = |name: &str| Some(User { id: id(&["-u", name]).ok()?, group: id(&["-g", name]).ok()? });
    let user = OTHERS.into_iter().find_map(user);
    user.map(Some).ok_or_else(|| io::Error::other(format!("there is no user {}", OTHERS.join(" or "))))
}

pub(crate) fn is_root() -> io::Result<bool> {
    id(&["-u"]).map(|id| id == 0)
}

fn id(arguments: &[&str]) -> io::Result<u32> {
    programs::run(Command::new("id").args(arguments))?.trim().parse().map_err(io::Error::other)
}
