//! Without axum, a typed session has no extractors: `SessionHandle` loads it.

/// Extractors of a generated session: none, for want of axum.
#[doc(hidden)]
#[macro_export]
macro_rules! __session_extractors {
    ($session:ident) => {};
}
