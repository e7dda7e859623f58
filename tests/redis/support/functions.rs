//! The functions that a server runs for a store, as it counts them.

pub(crate) const READ: &str = "s1g";
/// A load that may have to extend the session.
pub(crate) const LOAD: &str = "s1l";
pub(crate) const INSERT: &str = "s1i";
pub(crate) const UPDATE: &str = "s1u";
pub(crate) const TOUCH: &str = "s1t";
pub(crate) const REMOVE: &str = "s1d";

pub(crate) const RENAME: &str = "s1r";
/// A session is announced to the list of its owner.
pub(crate) const ANNOUNCE: &str = "s1a";
pub(crate) const CONFIRM: &str = "s1k";
/// The end of a session was moved far.
pub(crate) const RELIST: &str = "s1e";
pub(crate) const UNLIST: &str = "s1f";
/// All sessions of a principal.
pub(crate) const SESSIONS: &str = "s1o";

/// Whether a line of `MONITOR` is a call of this function.
pub(crate) fn calls(line: &str, function: &str) -> bool {
    line.contains(&format!("] \"FCALL\" \"{function}\" "))
}
