//! Checks that send requests through a layer over the store.

mod visitor;

pub(super) mod endings;
pub(super) mod renewing;

pub(super) mod crossing;
