//! Without the feature `compress` nothing is compressed, and what was is not read.

pub(super) fn deflated(_: &[u8]) -> Option<Vec<u8>> {
    None
}

pub(super) fn inflated(_: &[u8], _: usize) -> Option<Vec<u8>> {
    None
}
