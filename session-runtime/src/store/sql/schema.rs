//! Makes the table.

use sqlx::{AssertSqlSafe, Connection as _, SqlSafeStr as _, SqlStr};

use super::SqlStore;
use super::dialect::SqlDatabase;
use super::error::Failure;
use crate::error::StoreError;
use crate::id::StoreKey;

impl<DB: SqlDatabase> SqlStore<DB> {
    /// The statements that make the table and its indexes where they are not there, for those who run migrations themselves.
    pub fn schema_sql(&self) -> String {
        self.table.named(DB::SCHEMA, DB::QUOTE)
    }

    /// Makes the table and its indexes where they are not there. Every node may do it at its start: they wait for each other.
    ///
    /// # Errors
    ///
    /// [`rejected`](StoreError::is_rejected) where this user may not make tables, or a table of that name is none of sessions, and
    /// [`unreachable`](StoreError::is_unreachable) where there is no connection.
    pub async fn migrate(&self) -> Result<(), StoreError> {
        self.make_table().await.map_err(|error| Failure::of::<DB>(&error))?;
        // No session has this key: whether the columns are there is what is asked.
        self.look(&StoreKey::from_bytes([0; 32])).await?;
        Ok(())
    }

    async fn make_table(&self) -> Result<(), sqlx::Error> {
        let mut connection = self.pools.writes().acquire().await?;
        let mut transaction = connection.begin_with(DB::BEGIN.into_sql_str()).await?;
        if let Some(alone) = DB::BEFORE_SCHEMA {
            DB::command(&mut transaction, alone.into_sql_str()).await?;
        }
        DB::command(&mut transaction, safe(self.schema_sql())).await?;
        transaction.commit().await
    }
}

/// A statement of constants, and of a name that was checked.
pub(super) fn safe(sql: String) -> SqlStr {
    AssertSqlSafe(sql).into_sql_str()
}
