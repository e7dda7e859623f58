//! What tells one database from another: a few words of SQL, and what its errors mean.

use sqlx::error::DatabaseError;

use super::driver::Driver;
use super::error::Cause;
#[cfg(doc)]
use super::table::Table;

/// A database in which sessions are kept: `sqlx::Sqlite`, `sqlx::Postgres` or `sqlx::MySql`.
///
/// The bound of [`SqlStore`](super::SqlStore), which nothing else implements.
pub trait SqlDatabase: Dialect {}

impl<DB: Dialect> SqlDatabase for DB {}

/// How a database says what all of them do. In a statement stand `{table}` and [other names](Table::named), and `?` for each value.
pub trait Dialect: Driver {
    /// What a URL looks like.
    const URL: &'static str;
    /// Stands around names.
    const QUOTE: char;
    /// Whether a connection is one of the network's.
    const IS_REMOTE: bool = true;
    /// The function that answers the greater of two numbers.
    const GREATER: &'static str;
    /// Begins a transaction that writes.
    const BEGIN: &'static str;
    /// Both [`LEAVE`](super::statements::LEAVE) and [`INSERT`](super::statements::INSERT) with the values of both, where one statement can be: else
    /// they are a transaction.
    const LEAVE_FOR: Option<&'static str> = None;
    /// Precedes [`SWEEP`](Self::SWEEP), if anything does.
    const BEFORE_SWEEP: Option<&'static str> = None;
    /// Removes rows of `{table}` whose end was at the first `?`, not more than the second, and waits for nobody who has locked one.
    const SWEEP: &'static str;
    /// How many rows a sweep removes at once: what takes a few milliseconds.
    const BATCH: i64;
    /// What makes the table and its indexes, where they are not there.
    const SCHEMA: &'static str;
    /// Precedes [`SCHEMA`](Self::SCHEMA) in its transaction: lets one node at a time go on.
    const BEFORE_SCHEMA: Option<&'static str> = None;

    /// A statement as this database takes it, of one whose values are `?`.
    fn statement(sql: String) -> String {
        sql
    }

    /// What an error of this database means.
    fn cause(error: &dyn DatabaseError) -> Cause;
}
