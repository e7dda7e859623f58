//! Files of SQLite.

use std::path::PathBuf;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use session_servers::Directory;

/// A file that nobody has made yet, and that ends with this process.
pub fn new_file() -> PathBuf {
    static DIRECTORY: LazyLock<Directory> = LazyLock::new(|| Directory::create().expect("a directory"));
    static COUNT: AtomicU32 = AtomicU32::new(0);
    DIRECTORY.path().join(format!("{}.db", COUNT.fetch_add(1, Ordering::Relaxed)))
}

/// A file that all tests of this process share.
pub fn shared_file() -> PathBuf {
    static FILE: LazyLock<PathBuf> = LazyLock::new(new_file);
    FILE.clone()
}
