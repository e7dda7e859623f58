//! The public conformance suite, over each database, from wherever and however isolated a session of it is.

/// Makes a module of the whole suite for each of these functions of [`ways`](crate::support::ways).
macro_rules! over {
    ($($way:ident),+ $(,)?) => {$(
        mod $way {
            use crate::support::ways;

            session_runtime::conformance!(
                |clock| ways::$way("one").await.clock(clock),
                beside = ways::$way("two").await.clock(clock),
            );
        }
    )+};
}

over!(sqlite, sqlite_in_memory, sqlite_own_pool);
over!(postgres, postgres_in_new_york, postgres_in_tokyo_repeatable_read, postgres_serializable);
over!(mariadb, mariadb_in_new_york, mariadb_in_tokyo_read_committed, mariadb_serializable);
