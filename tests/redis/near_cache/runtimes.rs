//! A store that outlives the runtime in which it began to keep sessions, as one in a static does whose tests have a runtime each.

use tokio::runtime::{Builder, Runtime};

use super::stage::{Stage, set};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

#[test]
fn a_store_keeps_sessions_in_one_runtime_after_another() {
    let mut stage = runtime().block_on(Stage::new());
    // With each runtime goes what watched over the connection.
    for number in 2..5 {
        stage = runtime().block_on(next(stage, number));
    }
}

/// What changes is seen as soon as ever, and what does not is kept.
async fn next(mut stage: Stage, number: u64) -> Stage {
    set(&stage.elsewhere().await, &stage.key, number).await;
    stage.sees(&number.to_string()).await;
    stage.watch.until_kept(&stage.store, &stage.key).await;
    stage
}
