//! Calls to one session at once, in every order in which their commands can reach a server, and with every fault that can befall one of them: a
//! new id whose two halves are on two servers, beside whatever else there is.

mod actors;
mod choices;
mod desk;
mod stage;

use actors::Act;
use stage::Stage;

/// Tries every schedule of these actors, with so many faults at most.
async fn every_schedule(acts: &[Act], faults: usize) {
    let runs = Stage::new(acts.len()).await.explore(acts, faults).await;
    println!("{runs} schedules");
    assert!(runs > 3, "there is more than one order");
}

#[tokio::test]
async fn a_new_id_beside_a_change() {
    every_schedule(&[Act::Rename { merges: false }, Act::Update], 1).await;
}

/// It is tried again on what the change left.
#[tokio::test]
async fn a_new_id_that_merges_beside_a_change() {
    every_schedule(&[Act::Rename { merges: true }, Act::Update], 1).await;
}

#[tokio::test]
async fn a_new_id_beside_a_sign_out() {
    every_schedule(&[Act::Rename { merges: false }, Act::Remove], 1).await;
}

#[tokio::test]
async fn a_new_id_beside_another() {
    every_schedule(&[Act::Rename { merges: false }, Act::Rename { merges: false }], 1).await;
}

#[tokio::test]
async fn a_new_id_beside_a_rotation() {
    every_schedule(&[Act::Rename { merges: true }, Act::Rotate], 1).await;
}

#[tokio::test]
async fn a_rotation_beside_a_change() {
    every_schedule(&[Act::Rotate, Act::Update], 1).await;
}

#[tokio::test]
async fn a_rotation_beside_a_sign_out() {
    every_schedule(&[Act::Rotate, Act::Remove], 1).await;
}

#[tokio::test]
async fn a_new_id_beside_a_change_and_a_sign_out() {
    every_schedule(&[Act::Rename { merges: true }, Act::Update, Act::Remove], 0).await;
}
