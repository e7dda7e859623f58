//! Connections, and what is done when one breaks or another statement is in the way.

use sqlx::{Connection as _, Error, Pool, SqlSafeStr as _, SqlStr};

use super::dialect::Dialect;
use super::driver::Value;
use super::error::Failure;
use super::loan::Loan;
use super::row::Row;
use super::tries::{Swapped, Tries};

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

    /// The row that a statement finds.
    pub(super) async fn fetch(&self, statement: Statement<'_>) -> Result<Option<Row>, Failure> {
        let mut tries = Tries::patient();
        loop {
            match self.try_fetch(&tries, statement).await {
                Ok(row) => return Ok(row),
                Err(failure) => tries.after(failure).await?,
            }
        }
    }

    /// The rows that a statement finds, and the `id` of each.
    pub(super) async fn fetch_all(&self, statement: Statement<'_>) -> Result<Vec<(Row, Vec<u8>)>, Failure> {
        let mut tries = Tries::patient();
        loop {
            match self.try_fetch_all(&tries, statement).await {
                Ok(rows) => return Ok(rows),
                Err(failure) => tries.after(failure).await?,
            }
        }
    }

    /// How many rows a statement changed, however often others are in its way.
    pub(super) async fn execute(&self, statement: Statement<'_>) -> Result<u64, Failure> {
        Ok(self.executed(statement).await?.0)
    }

    /// Executes a statement that changes a row if that is what it was.
    pub(super) async fn swap(&self, statement: Statement<'_>) -> Result<Swapped, Failure> {
        let (rows, tries) = self.executed(statement).await?;
        Ok(tries.swapped(rows > 0))
    }

    /// As [`swap`](Self::swap), with a second statement in one transaction: both change a row, or none does.
    pub(super) async fn swap_both(&self, first: Statement<'_>, second: Statement<'_>) -> Result<Swapped, Failure> {
        let mut tries = Tries::patient();
        loop {
            match self.try_both(&tries, first, second).await {
                Ok(is_done) => return Ok(tries.swapped(is_done)),
                Err(failure) => tries.after(failure).await?,
            }
        }
    }

    /// Executes a sweep: its rows are all that it may wait for.
    pub(super) async fn sweep(&self, statement: Statement<'_>) -> Result<u64, Failure> {
        let mut tries = Tries::few();
        loop {
            match self.try_sweep(&tries, statement).await {
                Ok(rows) => return Ok(rows),
                Err(failure) => tries.after(failure).await?,
            }
        }
    }

    /// Executes commands in one transaction.
    pub(super) async fn execute_all(&self, commands: impl Iterator<Item = SqlStr>) -> Result<(), Failure> {
        let mut loan = Loan::from(&self.writes).await?;
        let done = all::<DB>(loan.connection()?, commands).await;
        loan.end(done)
    }

    /// How many rows a statement changed, and what it has been through.
    async fn executed(&self, statement: Statement<'_>) -> Result<(u64, Tries), Failure> {
        let mut tries = Tries::patient();
        loop {
            match self.try_execute(&tries, statement).await {
                Ok(rows) => return Ok((rows, tries)),
                Err(failure) => tries.after(failure).await?,
            }
        }
    }

    async fn try_fetch(&self, tries: &Tries, statement: Statement<'_>) -> Result<Option<Row>, Failure> {
        let mut loan = lend(&self.reads, tries).await?;
        let row = DB::fetch(loan.connection()?, statement.sql.clone(), statement.values).await;
        loan.end(row)
    }

    async fn try_fetch_all(&self, tries: &Tries, statement: Statement<'_>) -> Result<Vec<(Row, Vec<u8>)>, Failure> {
        let mut loan = lend(&self.reads, tries).await?;
        let rows = DB::fetch_all(loan.connection()?, statement.sql.clone(), statement.values).await;
        loan.end(rows)
    }

    async fn try_execute(&self, tries: &Tries, statement: Statement<'_>) -> Result<u64, Failure> {
        let mut loan = lend(&self.writes, tries).await?;
        let rows = DB::execute(loan.connection()?, statement.sql.clone(), statement.values).await;
        loan.end(rows)
    }

    async fn try_sweep(&self, tries: &Tries, statement: Statement<'_>) -> Result<u64, Failure> {
        let mut loan = lend(&self.writes, tries).await?;
        let rows = sweep::<DB>(loan.connection()?, statement).await;
        loan.end(rows)
    }

    async fn try_both(&self, tries: &Tries, first: Statement<'_>, second: Statement<'_>) -> Result<bool, Failure> {
        let mut loan = lend(&self.writes, tries).await?;
        let is_done = both::<DB>(loan.connection()?, [first, second]).await;
        loan.end(is_done)
    }
}

/// A connection, which is known to work where the last one broke: it may have been one of many that a server left behind.
async fn lend<DB: Dialect>(pool: &Pool<DB>, tries: &Tries) -> Result<Loan<DB>, Failure> {
    loop {
        let mut loan = Loan::from(pool).await?;
        if !tries.was_broken() || loan.is_alive().await {
            return Ok(loan);
        }
    }
}

async fn sweep<DB: Dialect>(connection: &mut DB::Connection, statement: Statement<'_>) -> Result<u64, Error> {
    if let Some(before) = DB::BEFORE_SWEEP {
        DB::command(connection, before.into_sql_str()).await?;
    }
    DB::execute(connection, statement.sql.clone(), statement.values).await
}

async fn all<DB: Dialect>(
    connection: &mut DB::Connection,
    commands: impl Iterator<Item = SqlStr>,
) -> Result<(), Error> {
    let mut transaction = connection.begin_with(DB::BEGIN.into_sql_str()).await?;
    for command in commands {
        DB::command(&mut transaction, command).await?;
    }
    transaction.commit().await
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
