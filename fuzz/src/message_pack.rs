//! Whatever is stored as `MessagePack`.

use session_runtime::MessagePack;

use crate::Seed;
use crate::values::{self, Tree, in_proportion};

/// A value in `MessagePack`.
///
/// # Panics
///
/// As [`json`](crate::json()).
pub fn message_pack(bytes: &[u8]) {
    let most = in_proportion(bytes);
    values::read::<MessagePack>(bytes, most);
    values::read_as::<MessagePack, Tree>(bytes, most);
}

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = values::seeds::<MessagePack>();
    seeds.extend(values::trees::<MessagePack>());
    seeds.extend([
        ("length_that_lies", vec![0xdd, 0xff, 0xff, 0xff, 0xff]),
        ("lengths_that_lie", [0xdc; 24].to_vec()),
        ("fields_by_position", vec![0x95, 0xc0, 0x90, 0x90, 0x80, 0xc0]),
        ("long_spelling", vec![0xdc, 0, 2, 0xc0, 0xd9, 1, b'a']),
    ]);
    seeds
}
