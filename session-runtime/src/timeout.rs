//! A limit on how long a store may take.

use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use crate::error::StoreError;

/// Waits for the store, but not longer than `limit`. A store that answers at once costs no timer.
pub(crate) async fn within<T, E: From<StoreError>>(
    limit: Duration,
    answer: impl Future<Output = Result<T, E>>,
) -> Result<T, E> {
    let mut answer = pin!(answer);
    let mut timer: Option<Pin<Box<tokio::time::Sleep>>> = None;
    std::future::poll_fn(|context| {
        if let Poll::Ready(answer) = answer.as_mut().poll(context) {
            return Poll::Ready(answer);
        }
        let timer = timer.get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)));
        timer.as_mut().poll(context).map(|()| Err(StoreError::timed_out().into()))
    })
    .await
}
