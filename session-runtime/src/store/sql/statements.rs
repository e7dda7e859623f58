//! All statements of a store. Values are `?`, in the order in which they are given.

use sqlx::{AssertSqlSafe, SqlSafeStr as _, SqlStr};

use super::dialect::Dialect;
use super::table::Table;

/// What is under a key, unless it has ended: of `id` and the time.
const LOAD: &str =
    "SELECT state, version, record, principal, created, expires, inserted_by FROM {table} WHERE id = ? AND expires > ?";

/// The sessions of a principal, and their `id`, given the principal and the time. (`+ 0` keeps a database from using the index of ends.)
const LIST: &str = "SELECT state, version, record, principal, created, expires, inserted_by, id FROM {table} \
                    WHERE principal = ? AND state <= 1 AND expires + 0 > ?";

/// Puts a row under a key that has none.
pub(super) const INSERT: &str = "INSERT INTO {table} (id, state, version, record, principal, created, expires, inserted_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)";

/// Puts a row in the place of one that has ended: its values, `id`, the time, and once more what inserts it.
const REPLACE: &str = "UPDATE {table} SET state = ?, version = ?, record = ?, principal = ?, created = ?, expires = ?, inserted_by = ? \
                       WHERE id = ? AND (expires <= ? OR (state = 4 AND (inserted_by <> ? OR inserted_by = 0)))";

/// Puts the next version of a session in the place of one. Its end becomes the later of two: the one that is there, if the fifth value is 1 and
/// not 0, and the sixth value. So a touch, which leaves the version, is not undone.
const SWAP: &str = "UPDATE {table} SET state = ?, version = ?, record = ?, principal = ?, expires = {greater}(expires * ?, ?) \
                    WHERE id = ? AND version = ? AND state <= 1 AND expires > ?";

/// Puts what is no session in the place of one of a version and an end: a touch, which leaves the version, moves the end of what is moved. (`+ 0`
/// keeps a database from looking for that end in its index.)
pub(super) const LEAVE: &str = "UPDATE {table} SET state = ?, record = ?, principal = NULL, expires = ? \
                                WHERE id = ? AND version = ? AND expires + 0 = ? AND state <= 1 AND expires > ?";

/// Ends a session, of whatever version.
const END: &str = "UPDATE {table} SET state = 4, record = ?, principal = NULL, expires = ? \
                   WHERE id = ? AND state <= 1 AND expires > ?";

/// Extends a session that can be extended.
const TOUCH: &str = "UPDATE {table} SET expires = {greater}(expires, ?) WHERE id = ? AND state = 0 AND expires > ?";

/// The statements for one table.
#[derive(Debug)]
pub(super) struct Statements {
    pub(super) load: SqlStr,
    pub(super) list: SqlStr,
    pub(super) insert: SqlStr,
    pub(super) replace: SqlStr,
    pub(super) swap: SqlStr,
    pub(super) leave: SqlStr,
    pub(super) leave_for: Option<SqlStr>,
    pub(super) end: SqlStr,
    pub(super) touch: SqlStr,
    pub(super) sweep: SqlStr,
}

impl Statements {
    pub(super) fn of<DB: Dialect>(table: &Table) -> Self {
        let statement = |template: &str| {
            let sql = table.named(template, DB::QUOTE).replace("{greater}", DB::GREATER);
            // A clone shares it.
            safe(DB::statement(sql)).clone()
        };
        Self {
            load: statement(LOAD),
            list: statement(LIST),
            insert: statement(INSERT),
            replace: statement(REPLACE),
            swap: statement(SWAP),
            leave: statement(LEAVE),
            leave_for: DB::LEAVE_FOR.map(statement),
            end: statement(END),
            touch: statement(TOUCH),
            sweep: statement(DB::SWEEP),
        }
    }
}

/// A statement of constants, and of a name that was checked.
pub(super) fn safe(sql: String) -> SqlStr {
    AssertSqlSafe(sql).into_sql_str()
}
