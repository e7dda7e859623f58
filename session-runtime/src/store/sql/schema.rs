//! Makes the table.

use sqlx::SqlSafeStr;

use super::SqlStore;
use super::dialect::SqlDatabase;
use super::error::Failure;
use super::statements::safe;
use crate::error::StoreError;
use crate::id::StoreKey;

impl<DB: SqlDatabase> SqlStore<DB> {
    /// The statements that make the table and its indexes where they are not there, for those who run migrations themselves: to be printed once, or
    /// executed by `sqlx::raw_sql(sqlx::AssertSqlSafe(store.schema_sql()))`, since they are several.
    pub fn schema_sql(&self) -> String {
        self.table.named(DB::SCHEMA, DB::QUOTE)
    }

    /// Makes the table and its indexes if the table is not there. Every node may do it at its start: they wait for each other, and where the
    /// table is there it is only looked at, which needs no right to make one.
    ///
    /// # Errors
    ///
    /// [`rejected`](StoreError::is_rejected) where this user may not make tables, or a table of that name is none of sessions, and
    /// [`unreachable`](StoreError::is_unreachable) where there is no connection.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        // No session has this key: whether the columns are there is what is asked.
        let key = StoreKey::from_bytes([0; 32]);
        match self.find(&key).await {
            Err(failure) if failure.is_no_table() => {}
            answer => return Ok(answer.map(drop)?),
        }
        self.make_table().await?;
        Ok(self.find(&key).await.map(drop)?)
    }

    async fn make_table(&self) -> Result<(), Failure> {
        let schema = [DB::BEFORE_SCHEMA.map(SqlSafeStr::into_sql_str), Some(safe(self.schema_sql()))];
        self.pools.execute_all(schema.into_iter().flatten()).await
    }
}
