//! What the tests of `SqlStore` share.

mod files;
pub(crate) mod ways;

pub(crate) use files::new_file;
