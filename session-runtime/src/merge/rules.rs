//! The merges that `#[session(merge = …)]` knows by name. Each is asked only where both sides changed the field.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{BuildHasher, Hash};

/// Adds what both sides added: fifty requests that each add one make fifty.
pub fn sum<T: Sum>(base: &T, theirs: T, ours: T) -> T {
    theirs.plus_difference(base, ours)
}

/// The greater of the two.
pub fn max<T: PartialOrd>(_: &T, theirs: T, ours: T) -> T {
    if theirs > ours { theirs } else { ours }
}

/// The lesser of the two.
pub fn min<T: PartialOrd>(_: &T, theirs: T, ours: T) -> T {
    if theirs < ours { theirs } else { ours }
}

/// What either side added is there, and what either removed is gone.
pub fn union<T: Union>(base: &T, theirs: T, ours: T) -> T {
    theirs.with_changes(base, ours)
}

/// A number that differences can be added to.
#[diagnostic::on_unimplemented(
    message = "`merge = sum` adds numbers, not `{Self}`",
    label = "not an integer or a float",
    note = "a merge of your own is a path to a `fn(base: &{Self}, theirs: {Self}, ours: {Self}) -> {Self}`"
)]
pub trait Sum {
    /// This number and what `to` is more than `from`; the nearest that the type has.
    #[must_use]
    fn plus_difference(self, from: &Self, to: Self) -> Self;
}

macro_rules! sum_of_integers {
    ($($integer:ty: $plus:ident, $minus:ident;)*) => {$(
        impl Sum for $integer {
            fn plus_difference(self, from: &Self, to: Self) -> Self {
                let difference = to.abs_diff(*from);
                if to >= *from { self.$plus(difference) } else { self.$minus(difference) }
            }
        }
    )*};
}

sum_of_integers! {
    u8: saturating_add, saturating_sub;
    u16: saturating_add, saturating_sub;
    u32: saturating_add, saturating_sub;
    u64: saturating_add, saturating_sub;
    u128: saturating_add, saturating_sub;
    usize: saturating_add, saturating_sub;
    i8: saturating_add_unsigned, saturating_sub_unsigned;
    i16: saturating_add_unsigned, saturating_sub_unsigned;
    i32: saturating_add_unsigned, saturating_sub_unsigned;
    i64: saturating_add_unsigned, saturating_sub_unsigned;
    i128: saturating_add_unsigned, saturating_sub_unsigned;
    isize: saturating_add_unsigned, saturating_sub_unsigned;
}

macro_rules! sum_of_floats {
    ($($float:ty)*) => {$(
        impl Sum for $float {
            fn plus_difference(self, from: &Self, to: Self) -> Self {
                (self + (to - from)).clamp(Self::MIN, Self::MAX)
            }
        }
    )*};
}

sum_of_floats! { f32 f64 }

/// A collection whose elements two sides can add and remove.
#[diagnostic::on_unimplemented(
    message = "`merge = union` does not know how to unite two of `{Self}`",
    label = "not a `Vec`, `HashSet`, `BTreeSet`, `HashMap` or `BTreeMap` whose elements can be compared",
    note = "a merge of your own is a path to a `fn(base: &{Self}, theirs: {Self}, ours: {Self}) -> {Self}`"
)]
pub trait Union {
    /// These elements, with those added that `ours` has more than `base`, and without those that it has less.
    #[must_use]
    fn with_changes(self, base: &Self, ours: Self) -> Self;
}

/// In the order of the one side, followed by what the other added; each element once. Every element is compared with every other: a list
/// of thousands is better kept as a set.
impl<T: PartialEq> Union for Vec<T> {
    fn with_changes(self, base: &Self, ours: Self) -> Self {
        let removed = |element: &T| base.contains(element) && !ours.contains(element);
        let kept: Self = self.into_iter().filter(|element| !removed(element)).collect();
        let mut united = Self::with_capacity(kept.len() + ours.len());
        let added = ours.into_iter().filter(|element| !base.contains(element));
        for element in kept.into_iter().chain(added) {
            if !united.contains(&element) {
                united.push(element);
            }
        }
        united
    }
}

impl<T: Eq + Hash, S: BuildHasher> Union for HashSet<T, S> {
    fn with_changes(mut self, base: &Self, ours: Self) -> Self {
        self.retain(|element| !base.contains(element) || ours.contains(element));
        self.extend(ours.into_iter().filter(|element| !base.contains(element)));
        self
    }
}

impl<T: Ord> Union for BTreeSet<T> {
    fn with_changes(mut self, base: &Self, ours: Self) -> Self {
        self.retain(|element| !base.contains(element) || ours.contains(element));
        self.extend(ours.into_iter().filter(|element| !base.contains(element)));
        self
    }
}

/// By key; of a key that both sides gave a value, the last one's stays.
impl<K: Eq + Hash, V: PartialEq, S: BuildHasher> Union for HashMap<K, V, S> {
    fn with_changes(mut self, base: &Self, ours: Self) -> Self {
        self.retain(|key, _| !base.contains_key(key) || ours.contains_key(key));
        self.extend(ours.into_iter().filter(|(key, value)| base.get(key) != Some(value)));
        self
    }
}

/// By key; of a key that both sides gave a value, the last one's stays.
impl<K: Ord, V: PartialEq> Union for BTreeMap<K, V> {
    fn with_changes(mut self, base: &Self, ours: Self) -> Self {
        self.retain(|key, _| !base.contains_key(key) || ours.contains_key(key));
        self.extend(ours.into_iter().filter(|(key, value)| base.get(key) != Some(value)));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_add_both_differences_and_stay_within_the_type() {
        assert_eq!(sum(&5_u32, 7, 6), 8);
        assert_eq!(sum(&5_u32, 3, 4), 2);
        assert_eq!(sum(&5_u8, 250, 15), 255);
        assert_eq!(sum(&200_u8, 10, 100), 0);
        assert_eq!(sum(&-100_i8, -100, 100), 100);
        assert_eq!(sum(&100_i8, -100, -100), -128);
        assert_eq!(sum(&0_i128, i128::MAX, i128::MAX), i128::MAX);
        assert!(sum(&1.0_f64, 1.5, 3.0).total_cmp(&3.5).is_eq());
        assert!(sum(&0.0_f64, f64::MAX, f64::MAX).total_cmp(&f64::MAX).is_eq());
    }

    #[test]
    fn the_greater_and_the_lesser_are_of_the_two_sides() {
        assert_eq!(max(&9, 1, 2), 2);
        assert_eq!(min(&0, 1, 2), 1);
        assert_eq!(max(&None, Some(1), None), Some(1));
        assert!(max(&0.0_f64, 1.0, 0.5).total_cmp(&1.0).is_eq());
    }

    #[test]
    fn what_either_side_added_is_there_and_what_either_removed_is_gone() {
        let base = vec!["kept", "theirs removed", "ours removed"];
        let theirs = vec!["kept", "ours removed", "theirs added", "both added"];
        let ours = vec!["kept", "theirs removed", "both added", "ours added"];
        assert_eq!(
            union(&base, theirs.clone(), ours.clone()),
            ["kept", "theirs added", "both added", "ours added"],
            "in the order of the one, then what the other added"
        );
        let sorted = |list: &[&'static str]| list.iter().copied().collect::<BTreeSet<_>>();
        let hashed = |list: &[&'static str]| list.iter().copied().collect::<HashSet<_>>();
        let expected = ["kept", "theirs added", "both added", "ours added"];
        assert_eq!(union(&sorted(&base), sorted(&theirs), sorted(&ours)), sorted(&expected));
        assert_eq!(union(&hashed(&base), hashed(&theirs), hashed(&ours)), hashed(&expected));
    }

    #[test]
    fn maps_are_united_by_key() {
        let base = [("kept", 1), ("changed by both", 1), ("changed by them", 1), ("removed by us", 1)];
        let theirs = [("kept", 1), ("changed by both", 2), ("changed by them", 2), ("removed by us", 1), ("new", 2)];
        let ours = [("kept", 1), ("changed by both", 3), ("changed by them", 1)];
        let expected = [("kept", 1), ("changed by both", 3), ("changed by them", 2), ("new", 2)];
        let sorted = |list: &[(&'static str, u8)]| list.iter().copied().collect::<BTreeMap<_, _>>();
        let hashed = |list: &[(&'static str, u8)]| list.iter().copied().collect::<HashMap<_, _>>();
        assert_eq!(union(&sorted(&base), sorted(&theirs), sorted(&ours)), sorted(&expected));
        assert_eq!(union(&hashed(&base), hashed(&theirs), hashed(&ours)), hashed(&expected));
    }

    #[test]
    fn a_list_holds_each_element_once() {
        assert_eq!(union(&vec![1, 1], vec![1, 1, 2], vec![1, 3, 3]), [1, 2, 3]);
    }
}
