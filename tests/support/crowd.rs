//! Many who change sessions at once, until whoever keeps these is gone.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use axum::http::StatusCode;
use tokio::task::JoinSet;

use super::{Guest, Timed};

const CROWD: usize = 64;

/// What is told of a hit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Hit {
    /// It is about to be sent.
    Sent,
    Answered,
}

/// Browsers that hit by turns a session of their own and one that all share, each until it is refused. Of each hit it is told to which session
/// it is sent, and when it is answered.
pub async fn crowd<S: Timed>(guest: Guest<S>, told: impl Fn(&str, Hit) + Clone + Send + Sync + 'static) {
    let mut shared = guest.other();
    begin(&mut shared, &told).await;
    let mut crowd = JoinSet::new();
    for _ in 0..CROWD {
        let (mut own, shared, told) = (guest.other(), shared.clone(), told.clone());
        crowd.spawn(async move {
            begin(&mut own, &told).await;
            let mut both = [own, shared];
            while hit(&mut both[0], &told).await && hit(&mut both[1], &told).await {}
        });
    }
    crowd.join_all().await;
}

/// The first hit, of which nobody can tell before to which session it goes.
async fn begin<S: Timed>(guest: &mut Guest<S>, told: &impl Fn(&str, Hit)) {
    guest.see("/hit").await;
    told(guest.id(), Hit::Sent);
    told(guest.id(), Hit::Answered);
}

/// Whether more may be sent.
async fn hit<S: Timed>(guest: &mut Guest<S>, told: &impl Fn(&str, Hit)) -> bool {
    told(guest.id(), Hit::Sent);
    match guest.get("/hit").await.status {
        StatusCode::OK => told(guest.id(), Hit::Answered),
        // Others kept coming before.
        StatusCode::INTERNAL_SERVER_ERROR => {}
        _ => return false,
    }
    true
}

/// How many hits of each session were sent, and how many of those were answered.
#[derive(Default)]
pub struct Tally(Mutex<BTreeMap<String, (u32, u32)>>);

impl Tally {
    /// Counts what is told.
    pub fn count(&self, id: &str, hit: Hit) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (sent, answered) = sessions.entry(id.to_owned()).or_default();
        *match hit {
            Hit::Sent => sent,
            Hit::Answered => answered,
        } += 1;
    }

    /// How many were answered.
    pub fn answered(&self) -> u32 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).values().map(|(_, answered)| answered).sum()
    }

    /// Each session has all hits that were answered, and none that was not sent.
    pub async fn is_kept<S: Timed>(&self, guest: &Guest<S>) {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        assert_eq!(sessions.len(), CROWD + 1, "each has come to hit");
        for (id, (sent, answered)) in sessions {
            let seen = guest.holding(&id).see("/read").await;
            let hits: u32 = seen.strip_suffix(" hits of nobody").expect("hits").parse().expect("a number");
            assert!(
                (answered..=sent).contains(&hits),
                "{hits} hits, of {sent} that were sent {answered} were answered"
            );
        }
    }
}
