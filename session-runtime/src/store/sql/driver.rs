//! Statements, as sqlx executes them: one code for all databases, but for what its traits cannot say of any database.

use std::future::Future;

use sqlx::{Database, Error, SqlStr};

use super::row::Row;

/// What a statement is given.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    Number(i64),
    Bytes(&'a [u8]),
    Text(Option<&'a str>),
}

/// What executes statements on a connection.
pub trait Driver: Database {
    /// How many rows a statement found, and changed.
    fn execute<'a>(
        connection: &'a mut Self::Connection,
        sql: SqlStr,
        values: &'a [Value<'a>],
    ) -> impl Future<Output = Result<u64, Error>> + Send + 'a;

    /// The row that a statement found.
    fn fetch<'a>(
        connection: &'a mut Self::Connection,
        sql: SqlStr,
        values: &'a [Value<'a>],
    ) -> impl Future<Output = Result<Option<Row>, Error>> + Send + 'a;

    /// The rows that a statement found, and the `id` of each, which is its last column.
    fn fetch_all<'a>(
        connection: &'a mut Self::Connection,
        sql: SqlStr,
        values: &'a [Value<'a>],
    ) -> impl Future<Output = Result<Vec<(Row, Vec<u8>)>, Error>> + Send + 'a;

    /// Executes statements that have no values, without preparing them.
    fn command(connection: &mut Self::Connection, sql: SqlStr) -> impl Future<Output = Result<(), Error>> + Send;
}

/// Implements [`Driver`].
macro_rules! driver {
    ($database:ty) => {
        impl $crate::store::sql::driver::Driver for $database {
            async fn execute<'a>(
                connection: &'a mut Self::Connection,
                sql: ::sqlx::SqlStr,
                values: &'a [$crate::store::sql::driver::Value<'a>],
            ) -> Result<u64, ::sqlx::Error> {
                let query = ::sqlx::query_with(sql, arguments(values)?);
                Ok(::sqlx::Executor::execute(connection, query).await?.rows_affected())
            }

            async fn fetch<'a>(
                connection: &'a mut Self::Connection,
                sql: ::sqlx::SqlStr,
                values: &'a [$crate::store::sql::driver::Value<'a>],
            ) -> Result<Option<$crate::store::sql::row::Row>, ::sqlx::Error> {
                let query = ::sqlx::query_with(sql, arguments(values)?);
                ::sqlx::Executor::fetch_optional(connection, query).await?.as_ref().map(columns).transpose()
            }

            async fn fetch_all<'a>(
                connection: &'a mut Self::Connection,
                sql: ::sqlx::SqlStr,
                values: &'a [$crate::store::sql::driver::Value<'a>],
            ) -> Result<Vec<($crate::store::sql::row::Row, Vec<u8>)>, ::sqlx::Error> {
                let query = ::sqlx::query_with(sql, arguments(values)?);
                let rows = ::sqlx::Executor::fetch_all(connection, query).await?;
                rows.iter().map(|row| Ok((columns(row)?, ::sqlx::Row::try_get(row, 7)?))).collect()
            }

            async fn command(connection: &mut Self::Connection, sql: ::sqlx::SqlStr) -> Result<(), ::sqlx::Error> {
                ::sqlx::Executor::execute(connection, ::sqlx::raw_sql(sql)).await?;
                Ok(())
            }
        }

        fn columns(row: &<$database as ::sqlx::Database>::Row) -> Result<$crate::store::sql::row::Row, ::sqlx::Error> {
            use ::sqlx::Row as _;
            Ok($crate::store::sql::row::Row {
                state: row.try_get(0)?,
                version: row.try_get(1)?,
                record: row.try_get(2)?,
                // Text to some databases, and bytes to others.
                principal: row.try_get_unchecked(3)?,
                created: row.try_get(4)?,
                expires: row.try_get(5)?,
                inserted_by: row.try_get(6)?,
            })
        }

        fn arguments(
            values: &[$crate::store::sql::driver::Value<'_>],
        ) -> Result<<$database as ::sqlx::Database>::Arguments, ::sqlx::Error> {
            use ::sqlx::Arguments as _;
            use $crate::store::sql::driver::Value;
            let mut arguments = <$database as ::sqlx::Database>::Arguments::default();
            for value in values {
                match *value {
                    Value::Number(number) => arguments.add(number),
                    Value::Bytes(bytes) => arguments.add(bytes),
                    Value::Text(text) => arguments.add(text),
                }
                .map_err(::sqlx::Error::Encode)?;
            }
            Ok(arguments)
        }
    };
}

pub(super) use driver;
