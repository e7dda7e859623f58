//! Connections, and what is done when one breaks or another statement is in the way.

use std::time::Duration;

use sqlx::{Connection as _, Error, Pool, SqlSafeStr as _, SqlStr};
use tokio::time::sleep;

use super::dialect::Dialect;
use super::driver::Value;
use super::error::Failure;
use super::loan::Loan;
use super::row::Row;

/// Where statements are executed: those that only read on connections of one pool, the others of another, which may be the same.
#[derive(Debug)]
pub(super) struct Pools<DB: Dialect> {
    reads: Pool<DB>,
    writes: Pool<DB>,
}

/// A statement and its values.
#[derive(Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) sql: &'a SqlStr,
    pub(super) values: &'a [Value<'a>],
}

impl<DB: Dialect> Pools<DB> {
    pub(super) fn new(reads: Pool<DB>, writes: Pool<DB>) -> Self {
        Self { reads, writes }
    }

    /// The pool whose connections write.
    pub(super) fn writes(&self) -> &Pool<DB> {
        &self.writes
    }

    /// The row that a statement finds.
    pub(super) async fn fetch(&self, statement: Statement<'_>) -> Result<Option<Row>, Failure> {
        let mut tries = Tries::patient();
        loop {
            match self.try_fetch(&tries, statement).await {
                Ok(row) => return Ok(row),
                Err(error) => tries.after::<DB>(&error).await?,
            }
        }
    }

    /// How many rows a statement changed, however often others are in its way.
    pub(super) async fn execute(&self, statement: Statement<'_>) -> Result<u64, Failure> {
        self.execute_within(Tries::patient(), statement).await
    }

    /// Whether a statement changed a row; it did not where somebody else's was in its way.
    pub(super) async fn swap(&self, statement: Statement<'_>) -> Result<bool, Failure> {
        match self.execute_within(Tries::impatient(), statement).await {
            Ok(rows) => Ok(rows > 0),
            Err(failure) if failure.is_conflict() => Ok(false),
            Err(failure) => Err(failure),
        }
    }

    /// As [`swap`](Self::swap), with a second statement in one transaction: both change a row, or none does.
    pub(super) async fn swap_both(&self, first: Statement<'_>, second: Statement<'_>) -> Result<bool, Failure> {
        let mut tries = Tries::impatient();
        loop {
            match self.try_both(&tries, first, second).await {
                Ok(is_done) => return Ok(is_done),
                Err(error) => match tries.after::<DB>(&error).await {
                    Ok(()) => {}
                    Err(failure) if failure.is_conflict() => return Ok(false),
                    Err(failure) => return Err(failure),
                },
            }
        }
    }

    /// Executes a sweep: its rows are all that it may wait for.
    pub(super) async fn sweep(&self, statement: Statement<'_>) -> Result<u64, Failure> {
        let mut tries = Tries::few();
        loop {
            match self.try_sweep(&tries, statement).await {
                Ok(rows) => return Ok(rows),
                Err(error) => tries.after::<DB>(&error).await?,
            }
        }
    }

    async fn execute_within(&self, mut tries: Tries, statement: Statement<'_>) -> Result<u64, Failure> {
        loop {
            match self.try_execute(&tries, statement).await {
                Ok(rows) => return Ok(rows),
                Err(error) => tries.after::<DB>(&error).await?,
            }
        }
    }

    async fn try_fetch(&self, tries: &Tries, statement: Statement<'_>) -> Result<Option<Row>, Error> {
        let mut loan = tries.connection(&self.reads).await?;
        let row = DB::fetch(loan.connection()?, statement.sql.clone(), statement.values).await;
        loan.end(row)
    }

    async fn try_execute(&self, tries: &Tries, statement: Statement<'_>) -> Result<u64, Error> {
        let mut loan = tries.connection(&self.writes).await?;
        let rows = DB::execute(loan.connection()?, statement.sql.clone(), statement.values).await;
        loan.end(rows)
    }

    async fn try_sweep(&self, tries: &Tries, statement: Statement<'_>) -> Result<u64, Error> {
        let mut loan = tries.connection(&self.writes).await?;
        if let Some(before) = DB::BEFORE_SWEEP {
            DB::command(loan.connection()?, before.into_sql_str()).await?;
        }
        let rows = DB::execute(loan.connection()?, statement.sql.clone(), statement.values).await;
        loan.end(rows)
    }

    async fn try_both(&self, tries: &Tries, first: Statement<'_>, second: Statement<'_>) -> Result<bool, Error> {
        let mut loan = tries.connection(&self.writes).await?;
        let is_done = both::<DB>(loan.connection()?, [first, second]).await;
        loan.end(is_done)
    }
}

/// Executes both statements in a transaction, unless the first finds no row, or the second.
async fn both<DB: Dialect>(connection: &mut DB::Connection, statements: [Statement<'_>; 2]) -> Result<bool, Error> {
    let mut transaction = connection.begin_with(DB::BEGIN.into_sql_str()).await?;
    for statement in statements {
        if DB::execute(&mut transaction, statement.sql.clone(), statement.values).await? == 0 {
            transaction.rollback().await?;
            return Ok(false);
        }
    }
    transaction.commit().await?;
    Ok(true)
}

impl<DB: Dialect> Clone for Pools<DB> {
    fn clone(&self) -> Self {
        Self::new(self.reads.clone(), self.writes.clone())
    }
}

/// What a statement has been through. Every statement may be executed twice: what it did the first time is told by a version, a stamp, or the
/// row that is there.
struct Tries {
    /// Whether a connection broke under it.
    is_broken: bool,
    conflicts: u32,
    most_conflicts: u32,
}

impl Tries {
    /// The longest wait between two.
    const LONGEST: Duration = Duration::from_millis(64);

    /// Fails at the first conflict.
    fn impatient() -> Self {
        Self { is_broken: false, conflicts: 0, most_conflicts: 0 }
    }

    /// Fails when others were in the way again and again: it can be done another time.
    fn few() -> Self {
        Self { most_conflicts: 3, ..Self::impatient() }
    }

    /// Fails when others were in the way for seconds.
    fn patient() -> Self {
        Self { most_conflicts: 100, ..Self::impatient() }
    }

    /// A connection, which is known to work where the last one broke: it may have been one of many that a server left behind.
    async fn connection<DB: Dialect>(&self, pool: &Pool<DB>) -> Result<Loan<DB>, Error> {
        let mut loan = Loan::from(pool).await?;
        while self.is_broken && !loan.is_alive().await {
            loan = Loan::from(pool).await?;
        }
        Ok(loan)
    }

    /// Goes on where another try may succeed.
    async fn after<DB: Dialect>(&mut self, error: &Error) -> Result<(), Failure> {
        let failure = Failure::of::<DB>(error);
        if failure.is_lost() && !self.is_broken {
            self.is_broken = true;
            return Ok(());
        }
        if !failure.is_conflict() || self.conflicts == self.most_conflicts {
            return Err(failure);
        }
        self.conflicts += 1;
        sleep(self.pause()).await;
        Ok(())
    }

    /// Longer, and more random, from conflict to conflict.
    fn pause(&self) -> Duration {
        let most = Duration::from_millis(1 << self.conflicts.min(10)).min(Self::LONGEST);
        let share = getrandom::u32().unwrap_or(u32::MAX);
        most.mul_f64(f64::from(share) / f64::from(u32::MAX))
    }
}
