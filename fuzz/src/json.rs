//! Whatever is stored as JSON.

use session_runtime::Json;

use crate::Seed;
use crate::values::{self, Tree, in_proportion};

/// A value in JSON.
///
/// # Panics
///
/// If decoding allocates out of proportion, or a value that decodes does not encode, or decodes to another one then.
pub fn json(bytes: &[u8]) {
    let most = in_proportion(bytes);
    values::read::<Json>(bytes, most);
    values::read_as::<Json, Tree>(bytes, most);
}

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = values::seeds::<Json>();
    seeds.extend(values::trees::<Json>());
    seeds.extend([
        ("spaced", b" [ \"a\" , null ,\n\"\\u00e9\\ud83d\\uded2\" ] ".to_vec()),
        ("surrogate_alone", br#"["\ud83d"]"#.to_vec()),
        ("exponent", b"1.5E+10".to_vec()),
        ("float_of_many_digits", b"33333333333312333333333333332333333333312333".to_vec()),
    ]);
    seeds
}
