//! What is in a place: the sessions of a family that signed in, and copies of them that other families have.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering::Relaxed},
    },
};

use session_runtime::{
    StoreKey,
    store::{Inserted, OwnedSession, SessionStore},
};
use sha2::{Digest as _, Sha256};
use tokio::task::JoinSet;

use super::people::{self, SESSIONS};
use crate::{
    Result, Site,
    bulk::{Copies, Table, Words},
};

/// The first family's are `0.0` to `0.29`.
const COPIES: Copies = Copies { principal: "CONCAT(i, SUBSTR(principal, 2))", expires: "expires" };

/// How many copies are on their way at once.
const AT_ONCE: usize = 64;

/// How sessions get into a place.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    /// One by one, by the store.
    Inserted,
    /// All at once, by the database.
    Copied(&'static Words),
}

/// What is there to make copies of.
pub(super) enum Contents<S> {
    Records(Arc<S>, Arc<[OwnedSession]>),
    Rows(Table),
}

impl<S: SessionStore> Contents<S> {
    /// What is there when the first family has signed in.
    pub(super) async fn of(store: &Arc<S>, site: Site<'_>, origin: Origin) -> Result<Contents<S>> {
        match origin {
            Origin::Copied(words) => Ok(Self::Rows(Table::open(site.url()?, words, SESSIONS).await?)),
            Origin::Inserted => {
                let index = store.index().ok_or("the store has no index")?;
                let mut family = Vec::new();
                for (user, _) in people::of_a_family().enumerate() {
                    family.extend(index.sessions(&people::name(0, user)).await?);
                }
                Ok(Self::Records(store.clone(), family.into()))
            }
        }
    }

    /// Adds these families.
    pub(super) async fn add(&self, families: Range<u32>) -> Result<()> {
        match self {
            Self::Rows(table) => table.copy(families.start.into()..=(families.end - 1).into(), &COPIES).await,
            Self::Records(store, family) => {
                let next = Arc::new(AtomicU32::new(families.start));
                let mut tasks = JoinSet::new();
                for _ in 0..AT_ONCE {
                    tasks.spawn(insert(store.clone(), family.clone(), next.clone(), families.end));
                }
                while let Some(done) = tasks.join_next().await {
                    done??;
                }
                Ok(())
            }
        }
    }
}

/// Takes one family after the other, until there are none left.
async fn insert<S: SessionStore>(
    store: Arc<S>,
    family: Arc<[OwnedSession]>,
    next: Arc<AtomicU32>,
    end: u32,
) -> Result<()> {
    loop {
        let number = next.fetch_add(1, Relaxed);
        if number >= end {
            return Ok(());
        }
        for OwnedSession { key, record, .. } in family.iter() {
            let principal = record.principal().map(|name| format!("{number}{}", &name[1..]).into());
            let key = Sha256::new().chain_update(number.to_be_bytes()).chain_update(key.as_bytes()).finalize();
            let inserted = store.insert(&StoreKey::from_bytes(key.into()), &record.clone().owned_by(principal)).await?;
            if inserted != Inserted::Done {
                return Err("there is a session under a key that was made at random".into());
            }
        }
        // A store that never waits would keep the others from their turn.
        tokio::task::yield_now().await;
    }
}
