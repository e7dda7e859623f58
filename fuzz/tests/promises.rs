//! The promises, bounded: the corpus, bytes like those of the corpus, and any bytes, for each way in.

use std::ffi::OsString;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::{fs, io};

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use session_fuzz::{TARGETS, Target};

const CASES: u32 = 2000;

macro_rules! keep_their_promises {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            let target = TARGETS.into_iter().find(|target| target.name == stringify!($name)).expect("a target");
            keeps_its_promises(target);
        }
    )*};
}

keep_their_promises!(
    cookie_header,
    sealed_token,
    signed_token,
    record_buffer,
    field_envelope,
    json,
    bincode,
    message_pack
);

fn keeps_its_promises(target: Target) {
    let _alone = alone();
    let seeds: Vec<_> = (target.seeds)().into_iter().map(|(_, bytes)| bytes).collect();
    for bytes in &seeds {
        (target.run)(bytes);
    }
    let bytes = prop_oneof![2 => like(seeds), 1 => vec(any::<u8>(), 0..512)];
    let config = Config { cases: CASES, failure_persistence: None, ..Config::default() };
    let outcome = TestRunner::new(config).run(&bytes, |bytes| {
        (target.run)(&bytes);
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

/// A seed with some of its bytes changed, left out or repeated, or that ends early.
fn like(seeds: Vec<Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let edits = vec((any::<Index>(), 0..5_u8, any::<u8>()), 0..6);
    (select(seeds), edits).prop_map(|(mut bytes, edits)| {
        for (place, kind, byte) in edits {
            edit(&mut bytes, place, kind, byte);
        }
        bytes
    })
}

fn edit(bytes: &mut Vec<u8>, place: Index, kind: u8, byte: u8) {
    if bytes.is_empty() {
        return bytes.push(byte);
    }
    let at = place.index(bytes.len());
    match kind {
        0 => bytes[at] = byte,
        1 => bytes[at] ^= 1 << (byte % 8),
        2 => bytes.insert(at, byte),
        3 => drop(bytes.remove(at)),
        _ => bytes.extend_from_within(at..(at + usize::from(byte % 16)).min(bytes.len())),
    }
}

#[test]
fn the_corpus_is_what_the_example_writes() -> io::Result<()> {
    let _alone = alone();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    assert_eq!(names(&corpus)?.len(), TARGETS.len());
    for target in TARGETS {
        let directory = corpus.join(target.name);
        let seeds = (target.seeds)();
        assert_eq!(names(&directory)?.len(), seeds.len(), "{}", target.name);
        for (name, bytes) in seeds {
            assert_eq!(fs::read(directory.join(name))?, bytes, "{}/{name}", target.name);
        }
    }
    Ok(())
}

fn names(directory: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(directory)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// One test at a time: what the whole process allocates is looked at.
fn alone() -> MutexGuard<'static, ()> {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}
