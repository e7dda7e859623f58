//! The rules of [`SessionStore`](crate::SessionStore) as tests, for the author of a store.
//!
//! One line, with the feature `conformance` of this crate among the dev-dependencies, makes a `#[test]` of each check:
//!
//! ```
//! #[cfg(test)]
//! mod conformance {
//!     use session_runtime::MemoryStore;
//!
//!     session_runtime::conformance!(|clock| MemoryStore::new().clock(clock));
//! }
//! ```
//!
//! 1. The expression makes a store. It may `.await`, and is evaluated anew in every test, on a tokio runtime that the suite brings along.
//! 2. A store that is given `|clock|` tells the time by it: ends are then checked to the millisecond, and nothing waits. Without it,
//!    `conformance!(MyStore::connect("…").await.unwrap())`, the suite really waits for what ends soon: some tests take seconds, the longest twenty. A check whose calls never answer fails after a minute.
//! 3. All stores may be on one server, and the server may be in use: keys are random.
//! 4. `conformance!(…, beside = …)` names a second store, of another prefix or table, which must not see the sessions of the first.
//!
//! Some checks make calls to the store, others send requests through a [`SessionLayer`](crate::SessionLayer) over it. One that fails says which
//! of the numbered rules in the docs of `SessionStore` was broken, and what it saw. A check whose name bears a number (`t56_…`) is a line of the
//! list of what any session middleware must do.
//!
//! For another harness, [`check`] collects what is broken:
//!
//! ```
//! use session_runtime::MemoryStore;
//! use session_runtime::conformance::{self, Subject};
//!
//! let subject = Subject::with_clock(async |clock| MemoryStore::new().clock(clock));
//! let report = conformance::check(&subject);
//! assert!(report.is_clean(), "{report}");
//! ```

mod report;
mod subject;

mod bench;
mod change;
mod erased;
mod seen;

mod calls;
mod checks;
mod requests;

mod fault;

pub use checks::{Check, Level, checks};
pub use fault::{Call, Fault, FaultStore};
pub use report::{Broken, Report, Rule, check};
pub use subject::Subject;

#[doc(hidden)]
pub use report::keeps;

/// Makes a `#[test]` of every check that a session store must pass: see the [module](mod@crate::conformance).
#[macro_export]
macro_rules! conformance {
    (|$clock:ident| $store:expr $(,)?) => {
        $crate::conformance!(@ Subject::with_clock(async |$clock| $store));
        $crate::__conformance_checks!($crate::__conformance_alone);
    };
    (|$clock:ident| $store:expr, beside = $other:expr $(,)?) => {
        $crate::conformance!(@ Subject::with_clock(async |$clock| $store).beside(async |$clock| $other));
        $crate::__conformance_checks!($crate::__conformance_beside);
    };
    (@ $($subject:tt)*) => {
        #[cfg(test)]
        fn subject() -> $crate::conformance::Subject {
            $crate::conformance::$($subject)*
        }
    };
    ($store:expr $(,)?) => {
        $crate::conformance!(@ Subject::new(async || $store));
        $crate::__conformance_checks!($crate::__conformance_alone);
    };
    ($store:expr, beside = $other:expr $(,)?) => {
        $crate::conformance!(@ Subject::new(async || $store).beside(async |_| $other));
        $crate::__conformance_checks!($crate::__conformance_beside);
    };
}
