//! What generated code names. No API: it changes with the macros, which are pinned to this version.

pub use std::convert::Into;
pub use std::default::Default;
pub use std::fmt::{Debug, Formatter, Result as FmtResult};
pub use std::future::Future;
pub use std::marker::{Send, Sync};
pub use std::ops::{Deref, DerefMut, Drop, FnMut};
pub use std::option::Option;
pub use std::primitive::{bool, str};
pub use std::result::Result as CoreResult;
pub use std::string::String;
pub use std::vec::Vec;

pub use crate::core::SessionCore;
pub use crate::error::SessionError;
pub use crate::field::{AnyField, Field, Initial, Spec};
pub use crate::merge::rules as merge;
pub use crate::schema::{Schema, TypedSession, debug, deposit, finish, finish_option, lend, lend_mut};
#[cfg(feature = "json")]
pub use crate::serializer::Json;

#[cfg(feature = "axum")]
pub use crate::axum::{FromRequestParts, OptionalFromRequestParts, Parts, Rejection, extract, extract_existing};

pub use crate::__session_extractors as extractors;

pub type Result<T> = std::result::Result<T, SessionError>;

/// A field's default where it names none.
pub fn default<T: Initial>() -> T {
    T::initial()
}

/// A value that is read by copying it.
#[must_use]
#[inline]
pub fn copied<T: Copy>(value: &T) -> T {
    *value
}
