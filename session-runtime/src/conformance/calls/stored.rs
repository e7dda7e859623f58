//! What is stored is what is loaded.

use crate::conformance::bench::Bench;
use crate::conformance::seen::{Outcome, same_record};

pub(in crate::conformance) async fn t56_what_is_inserted_is_loaded(bench: Bench) -> Outcome {
    let fields: [(&str, &[u8]); 3] = [("user", b"7"), ("cart.items", b"[1,2]"), ("@l", b"86400000")];
    for owner in [None, Some("ada")] {
        let record = bench.record(&fields).owned_by(owner.map(Into::into));
        let key = bench.insert(&record).await?;
        for _ in 0..2 {
            same_record("what was inserted", &bench.there("what was inserted", &key).await?, &record)?;
        }
    }
    Ok(())
}

pub(in crate::conformance) async fn t56_a_session_without_fields_is_loaded(bench: Bench) -> Outcome {
    let record = bench.record(&[]);
    let key = bench.insert(&record).await?;
    same_record("what was inserted", &bench.there("a session without fields", &key).await?, &record)
}
