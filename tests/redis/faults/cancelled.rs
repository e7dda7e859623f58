//! Requests whose clients go away in the middle of a call to the store, among others over the same connection.

use session_tests::fickle_clients;

use super::started;

#[tokio::test]
async fn every_answer_belongs_to_its_request() {
    let (_server, guest) = started().await;
    fickle_clients(&guest).await;
}
