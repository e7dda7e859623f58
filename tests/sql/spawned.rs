//! What an application does with a store from a task of its own.

use session_runtime::{MySqlStore, PostgresStore, SqliteStore, StoreError};

use session_tests::new_file;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_made_and_swept_in_a_task() {
    let work = async {
        let store = SqliteStore::connect(new_file().display().to_string()).await?;
        store.migrate().await?;
        store.clear_expired().await
    };
    assert_eq!(tokio::spawn(work).await.expect("no panic").expect("a file"), 0);
}

#[test]
fn what_connects_and_what_makes_the_table_can_be_sent_to_a_task() {
    fn sendable(_: impl Send) {}
    async fn postgres() -> Result<u64, StoreError> {
        let store = PostgresStore::connect("postgres://localhost").await?;
        store.migrate().await?;
        store.clear_expired().await
    }
    async fn mysql() -> Result<u64, StoreError> {
        let store = MySqlStore::connect("mysql://localhost/test").await?;
        store.migrate().await?;
        store.clear_expired().await
    }
    sendable(postgres());
    sendable(mysql());
}
