//! Stores that are told apart share nothing.

use crate::conformance::bench::Bench;
use crate::conformance::change::Change;
use crate::conformance::seen::{Outcome, answers, same, same_record};
use crate::store::{Inserted, Removed, SessionStore as _, Touched, Updated};

pub(in crate::conformance) async fn t67_stores_that_are_told_apart_share_nothing(bench: Bench) -> Outcome {
    let Some(other) = bench.beside.clone() else { return Ok(()) };
    let other = Bench { store: other, ..bench.clone() };
    let (key, record) = bench.session().await?;
    other.dead("a session of the other store", &key).await?;
    let second = other.record(&[("y", b"2")]);
    answers!("an insert under the same key", other.store.insert(&key, &second).await?, Inserted::Done);
    let change = Change::set("y", "3");
    answers!("an update in the other store", other.update(&key, &second, &change).await?, Updated::Done);
    answers!("a touch in the other store", other.store.touch(&key, other.late()).await?, Touched::Done);
    answers!("a remove in the other store", other.store.remove(&key).await?, Removed::Done);
    if let Some(index) = other.store.index() {
        let ada = format!("Ada {}", bench.key()?.fingerprint());
        bench.insert(&bench.record(&[("x", b"1")]).owned_by(Some(ada.as_str().into()))).await?;
        same("how many sessions of the other store are found", &index.sessions(&ada).await?.len(), &0)?;
    }
    same_record("what is in the first store", &bench.there("what is in the first store", &key).await?, &record)
}
