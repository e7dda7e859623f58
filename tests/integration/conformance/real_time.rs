//! A store that the suite gives no clock, as one on a server: the one place where tests wait for the time to pass, since that is what is tested.

use std::thread;

use session_runtime::MemoryStore;
use session_runtime::conformance::{Check, Level, Subject, checks};

/// All at once: the slowest takes twenty seconds.
#[test]
fn a_store_that_tells_its_own_time_passes_every_check() {
    let applies = |check: &&Check| check.level() != Level::Beside;
    let running: Vec<_> = checks()
        .iter()
        .filter(applies)
        .map(|check| thread::spawn(move || check.run(&Subject::new(async || MemoryStore::new()))))
        .collect();
    let broken: Vec<_> = running.into_iter().filter_map(|check| check.join().expect("no panic").err()).collect();
    assert!(broken.is_empty(), "{broken:#?}");
}
