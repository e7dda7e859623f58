//! What a list is in Redis.

use std::pin::pin;

use session_runtime::SessionStore as _;
use session_tests::dropped_after;

use super::{HOUR, index, insert, new_key, record};
use crate::support::{PREFIX, Watched, name_of, until};

const LIST: &str = "my-shop:@ada";
const SPAN: u64 = 30 * 24 * 3_600_000;

#[tokio::test]
async fn a_list_holds_a_key_and_a_moment_when_its_session_is_over() {
    let watched = Watched::new().await;
    let key = insert(&watched.store, &record(&watched.clock, Some("ada"))).await;
    let over = ((watched.clock.now() + HOUR).as_millis() / SPAN + 2) * SPAN;
    let name = name_of(&key);
    let text = name.strip_prefix(PREFIX).unwrap();
    assert_eq!(watched.ask(&["ZRANGE", LIST, "0", "-1", "WITHSCORES"]).texts(), [text, &over.to_string()]);
    assert_eq!(watched.ask(&["PEXPIRETIME", LIST]).text(), over.to_string());
    watched.store.remove(&key).await.unwrap();
    assert_eq!(watched.ask(&["EXISTS", LIST]).text(), "0");
}

#[tokio::test]
async fn what_is_announced_is_below_zero_and_what_is_called_off_far_below() {
    let watched = Watched::new().await;
    insert(&watched.store, &record(&watched.clock, Some("bob"))).await;
    let (key, record) = (new_key(), record(&watched.clock, Some("ada")));
    let mut inserting = pin!(watched.store.insert(&key, &record));
    assert!(dropped_after(0, inserting.as_mut()).await.is_none());
    let scored = || watched.ask(&["ZRANGE", LIST, "0", "-1", "WITHSCORES"]).texts();
    until("it is announced", async || (!scored().is_empty()).then_some(())).await;
    let name = name_of(&key);
    let text = name.strip_prefix(PREFIX).unwrap();
    let announced = watched.clock.now().as_millis();
    assert_eq!(scored(), [text, &format!("-{announced}")]);
    for _ in 0..2 {
        index(&watched.store).call_off("ada").await.unwrap();
        assert_eq!(scored(), [text, &format!("-{}", announced + (1 << 48))]);
    }
}
