//! What a database says, as a store's error.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use sqlx::error::DatabaseError;

use super::dialect::Dialect;
use crate::error::{Advice, StoreError};

/// What an error means for a call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cause {
    /// Somebody else's statement was in the way: a deadlock, a snapshot that is outdated, a lock that was not to be had.
    Conflict,
    /// The connection is gone, or of no use, and what became of the statement is not known.
    Lost,
    /// A row of this key is there.
    Taken,
    /// The database gave up.
    TimedOut,
    /// The database takes no connection now.
    Unavailable,
    NoConnection,
    Locked,
    NoTable,
    NoSchema,
    OtherTable,
    ReadOnly,
    Full,
    NotAllowed,
    NoDatabase,
    NotEncrypted,
    NulInText,
    TooLarge,
    Damaged,
    NotASession,
    Other,
}

/// A statement that was not executed, and why.
#[derive(Debug)]
pub(super) struct Failure {
    cause: Cause,
    /// Whether it is an answer of the database's.
    is_answer: bool,
    said: Said,
}

/// What a database said. Its own error stays within: it may hold the row.
#[derive(Debug)]
struct Said(String);

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Said {}

impl Failure {
    pub(super) fn of<DB: Dialect>(error: &sqlx::Error) -> Self {
        let cause = cause::<DB>(error);
        let said = match (cause, error.as_database_error()) {
            // They quote what a column was given.
            (Cause::Taken | Cause::OtherTable, Some(said)) => format!("error {}", code(said)),
            (_, Some(said)) => format!("{} ({})", said.message(), code(said)),
            (_, None) => error.to_string(),
        };
        let said = Said(said);
        Self { cause, is_answer: matches!(error, sqlx::Error::Database(_)), said }
    }

    pub(super) fn is_conflict(&self) -> bool {
        self.cause == Cause::Conflict
    }

    /// Whether the connection did what it should: it brought an answer, which may be of use.
    pub(super) fn is_of_database(&self) -> bool {
        self.is_answer && !self.is_of_connection()
    }

    /// Whether another connection may be the better one: this one is gone, or to a server that was the primary once.
    pub(super) fn is_of_connection(&self) -> bool {
        matches!(self.cause, Cause::Lost | Cause::ReadOnly)
    }

    pub(super) fn is_no_table(&self) -> bool {
        self.cause == Cause::NoTable
    }

    pub(super) fn is_taken(&self) -> bool {
        self.cause == Cause::Taken
    }
}

fn code(error: &dyn DatabaseError) -> Cow<'_, str> {
    error.code().unwrap_or_default()
}

fn cause<DB: Dialect>(error: &sqlx::Error) -> Cause {
    match error {
        sqlx::Error::Database(error) => DB::cause(error.as_ref()),
        sqlx::Error::Io(_) | sqlx::Error::Protocol(_) | sqlx::Error::WorkerCrashed | sqlx::Error::BeginFailed => {
            Cause::Lost
        }
        sqlx::Error::Tls(_) => Cause::NotEncrypted,
        // The application ends.
        sqlx::Error::PoolClosed => Cause::Unavailable,
        sqlx::Error::PoolTimedOut if DB::IS_REMOTE => Cause::NoConnection,
        sqlx::Error::PoolTimedOut => Cause::Locked,
        sqlx::Error::ColumnDecode { .. } | sqlx::Error::Decode(_) => Cause::NotASession,
        sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnIndexOutOfBounds { .. } => Cause::OtherTable,
        _ => Cause::Other,
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        let Failure { cause, said, .. } = failure;
        match cause {
            Cause::TimedOut => Self::timed_out(),
            Cause::Lost | Cause::Unavailable => Self::unreachable(said),
            Cause::Conflict | Cause::NoConnection | Cause::Locked => {
                Self::unreachable(Advice { advice: advice(cause), said })
            }
            Cause::NotASession => Self::corrupt(said),
            Cause::Other => Self::rejected(said),
            _ => Self::rejected(Advice { advice: advice(cause), said }),
        }
    }
}

/// That a text names no such database. What it is instead may hold a password.
pub(super) fn no_url(example: &str) -> StoreError {
    StoreError::rejected(format!("this names no such database: write `{example}`"))
}

fn advice(cause: Cause) -> &'static str {
    match cause {
        Cause::Conflict => "other statements kept getting in the way: is the table locked?",
        Cause::NoConnection => {
            "no connection was free in time: the database is away, or the pool needs more of them (`max_connections`)"
        }
        Cause::Locked => {
            "the file was not free in time: another process, or a slow statement of this one, keeps it locked"
        }
        Cause::NoTable => {
            "there is no table for the sessions: call `migrate` at the start, or run `schema_sql` yourself"
        }
        Cause::NoSchema => "there is no such schema for the table: create it first",
        Cause::OtherTable => {
            "the table is none of this version's sessions: another application's (see `SqlStore::table`), or of another version of this crate (see its changelog)"
        }
        Cause::ReadOnly => "the database is read-only, sessions need one that is not",
        Cause::Full => "the database has no room left",
        Cause::NotAllowed => {
            "the database does not let this user in, or do this with the table: its owner can run `schema_sql`, and grant the rest"
        }
        Cause::NoDatabase => "there is no such database, or its file cannot be opened: its directory has to be there",
        Cause::NotEncrypted => {
            "the connection is to be encrypted and cannot be: that needs the feature `sql_tls`, and a certificate that is trusted"
        }
        Cause::NulInText => "PostgreSQL keeps no text with a NUL, which the name of the session's owner has",
        Cause::TooLarge => "the session is larger than the database takes",
        Cause::Damaged => "the file is damaged, or no database",
        Cause::Taken => "the new key of a rename is taken",
        Cause::Lost | Cause::TimedOut | Cause::Unavailable | Cause::NotASession | Cause::Other => {
            "the statement failed"
        }
    }
}
