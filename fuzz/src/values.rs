//! Values as sessions hold them, and what every format promises of them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use session_runtime::Serializer;

use crate::{Seed, memory};

/// What a shop keeps.
#[derive(Serialize, Deserialize, PartialEq, Eq, Clone, Default, Debug)]
pub(crate) struct Cart {
    owner: Option<String>,
    items: Vec<(u32, String)>,
    kinds: Vec<Kind>,
    by_name: BTreeMap<String, Vec<i64>>,
    #[serde(default)]
    code: Option<char>,
}

#[derive(Serialize, Deserialize, PartialEq, Eq, Clone, Debug)]
enum Kind {
    Plain,
    Weighed(u64),
    Pair(i8, bool),
    Wrapped { ribbon: Option<bool>, inside: String },
}

/// Maps and sets, of numbers too.
#[derive(Serialize, Deserialize, PartialEq, Eq, Clone, Default, Debug)]
struct Tables {
    counts: BTreeMap<u16, u64>,
    tags: BTreeSet<String>,
    nested: BTreeMap<String, BTreeMap<i32, Option<u8>>>,
    wide: Option<[u16; 3]>,
}

/// Numbers that are not whole; no two that are not numbers are equal.
#[derive(Serialize, Deserialize, PartialEq, Clone, Default, Debug)]
struct Measures {
    all: Vec<f64>,
    small: Option<f32>,
}

/// A type that contains itself.
#[derive(Serialize, Deserialize, PartialEq, Eq, Clone, Default, Debug)]
pub(crate) struct Tree(Vec<Tree>);

/// Reads the bytes as each of the types above but the last, and holds what was read against the promises. Reading them as one allocates at
/// most `most` bytes.
pub(crate) fn read<S: Serializer>(bytes: &[u8], most: usize) {
    read_as::<S, Cart>(bytes, most);
    read_as::<S, Tables>(bytes, most);
    read_as::<S, Vec<Option<String>>>(bytes, most);
    read_as::<S, i64>(bytes, most);
    read_inexact::<S, Measures>(bytes, most);
    read_inexact::<S, f64>(bytes, most);
}

/// What a value of so many bytes may allocate: the shortest texts and lists take one byte here, and two dozen in memory.
pub(crate) fn in_proportion(bytes: &[u8]) -> usize {
    128 * bytes.len()
}

/// What decodes can be encoded, and decodes to the same value then.
pub(crate) fn read_as<S: Serializer, T: Serialize + DeserializeOwned + Eq + Debug>(bytes: &[u8], most: usize) {
    if let Some([value, again]) = read_inexact::<S, T>(bytes, most) {
        assert_eq!(value, again);
    }
}

/// What decodes can be encoded, and the same bytes come of what they decode to: what is only read is never written.
fn read_inexact<S: Serializer, T: Serialize + DeserializeOwned>(bytes: &[u8], most: usize) -> Option<[T; 2]> {
    let value: T = memory::within(most, || S::decode(bytes)).ok()?;
    let encoded = encode::<S>(&value);
    let again: T = S::decode(&encoded).expect("what was encoded decodes");
    assert_eq!(encode::<S>(&again), encoded);
    Some([value, again])
}

fn encode<S: Serializer>(value: &impl Serialize) -> Vec<u8> {
    let mut encoded = Vec::new();
    S::encode(value, &mut encoded).expect("what was decoded can be encoded");
    encoded
}

/// Values of each type, encoded.
pub(crate) fn seeds<S: Serializer>() -> Vec<Seed> {
    let cart = Cart {
        owner: Some("Zoë \u{1f6d2}\n\0".to_owned()),
        items: vec![(0, String::new()), (u32::MAX, "tea".to_owned())],
        kinds: vec![
            Kind::Plain,
            Kind::Weighed(u64::MAX),
            Kind::Pair(-1, true),
            Kind::Wrapped { ribbon: Some(false), inside: "x".to_owned() },
        ],
        by_name: BTreeMap::from([("a".to_owned(), vec![i64::MIN, 0, 1]), (String::new(), Vec::new())]),
        code: Some('ß'),
    };
    let tables = Tables {
        counts: BTreeMap::from([(0, 1), (u16::MAX, u64::MAX)]),
        tags: BTreeSet::from(["new".to_owned(), "sale".to_owned()]),
        nested: BTreeMap::from([("x".to_owned(), BTreeMap::from([(-7, Some(7)), (8, None)]))]),
        wide: Some([0, 256, u16::MAX]),
    };
    let measures = Measures { all: vec![0.1, -0.0, 1e300, 5e-324, f64::MAX], small: Some(1.5) };
    vec![
        ("cart", encode::<S>(&cart)),
        ("cart_empty", encode::<S>(&Cart::default())),
        ("tables", encode::<S>(&tables)),
        ("tables_empty", encode::<S>(&Tables::default())),
        ("texts", encode::<S>(&[Some("a"), None, Some("")])),
        ("number", encode::<S>(&-1_234_567_i64)),
        ("float", encode::<S>(&0.3_f64)),
        ("measures", encode::<S>(&measures)),
    ]
}

/// Trees, encoded: for the formats that say how deep they go.
pub(crate) fn trees<S: Serializer>() -> Vec<Seed> {
    let deep = (0..20).fold(Tree::default(), |tree, _| Tree(vec![tree]));
    let wide = Tree(vec![Tree::default(), Tree(vec![Tree::default(); 3]), Tree::default()]);
    vec![("tree_deep", encode::<S>(&deep)), ("tree_wide", encode::<S>(&wide))]
}
