//! The public conformance suite, over each way to reach Redis.

mod plain {
    use session_runtime::{Clock, RedisStore};

    async fn store(clock: Clock, prefix: &str) -> RedisStore {
        let url = std::env::var("REDIS_URL").expect("REDIS_URL names a server: use `cargo xtask test`");
        RedisStore::connect(url).await.expect("a server").clock(clock).key_prefix(prefix)
    }

    session_runtime::conformance!(|clock| store(clock, "one:").await, beside = store(clock, "two:").await);
}

mod near_cache {
    use session_runtime::{Clock, RedisStore};

    async fn store(clock: Clock, prefix: &str) -> RedisStore {
        let url = std::env::var("REDIS_URL").expect("REDIS_URL names a server: use `cargo xtask test`");
        RedisStore::connect(url).await.expect("a server").clock(clock).key_prefix(prefix).near_cache(1_000)
    }

    session_runtime::conformance!(|clock| store(clock, "one:").await, beside = store(clock, "two:").await);
}
