//! The functions that a server runs for a store, as it counts them.

pub(crate) const READ: &str = "s1g";
/// A load that may have to extend the session.
pub(crate) const LOAD: &str = "s1l";
pub(crate) const INSERT: &str = "s1i";
pub(crate) const UPDATE: &str = "s1u";
pub(crate) const TOUCH: &str = "s1t";
pub(crate) const REMOVE: &str = "s1d";

/// Whether a line of `MONITOR` is a call of this function.
pub(crate) fn calls(line: &str, function: &str) -> bool {
    line.contains(&format!("] \"FCALL\" \"{function}\" "))
}
