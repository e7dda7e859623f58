//! Whatever is stored as Bincode.

use session_runtime::Bincode;

use crate::{Seed, values};

/// What serde makes room for where a list says that it is long, at each of the levels that the types here have.
const CLAIMED: usize = 3 << 20;

/// A value in Bincode, of a type that does not contain itself: those are not for this format.
///
/// # Panics
///
/// As [`json`](crate::json()).
pub fn bincode(bytes: &[u8]) {
    values::read::<Bincode>(bytes, values::in_proportion(bytes) + CLAIMED);
}

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = values::seeds::<Bincode>();
    seeds.extend([
        ("length_that_lies", vec![0xfd, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]),
        ("long_spelling", vec![0xfb, 1, 0, 1, 0xfb, 1, 0, b'a']),
    ]);
    seeds
}
