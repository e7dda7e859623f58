//! Waits for what servers do, and for no longer than is promised.

use std::time::{Duration, Instant};

/// Servers that take longer have failed.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two questions.
const PAUSE: Duration = Duration::from_millis(10);

/// Asks until there is an answer.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let end = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < end, "waited in vain until {what}");
        tokio::time::sleep(PAUSE).await;
    }
}

/// The answer to something that is promised to take no longer than this; a busy machine may take a second more.
pub async fn in_time<T>(limit: Duration, answer: impl Future<Output = T>) -> T {
    let answer = tokio::time::timeout(limit + Duration::from_secs(1), answer).await;
    answer.unwrap_or_else(|_| panic!("no answer in {limit:?}"))
}
