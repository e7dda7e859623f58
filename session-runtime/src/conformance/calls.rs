//! Checks that make calls to a store.

pub(super) mod stored;

pub(super) mod bytes;

pub(super) mod creating;

pub(super) mod commits;
pub(super) mod emptying;
pub(super) mod repeating;

pub(super) mod ends;
pub(super) mod expiring;
pub(super) mod removing;
pub(super) mod rolling;

pub(super) mod grace;
pub(super) mod renaming;

pub(super) mod races;

pub(super) mod owning;

pub(super) mod apart;
