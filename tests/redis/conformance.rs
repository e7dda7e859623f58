//! The public conformance suite, over each way to reach Redis.

/// Makes a module of the whole suite for each of these functions of [`ways`](crate::support::ways).
macro_rules! over {
    ($($way:ident),+ $(,)?) => {$(
        mod $way {
            use session_tests::prefix;

            use crate::support::ways;

            session_runtime::conformance!(
                |clock| ways::$way().await.clock(clock).key_prefix(prefix("one")),
                beside = ways::$way().await.clock(clock).key_prefix(prefix("two")),
            );
        }
    )+};
}

over!(plain, resp3, tls, cluster, sentinels, near, near_cluster, by_scripts);
over!(own_manager, own_connection, own_cluster);
