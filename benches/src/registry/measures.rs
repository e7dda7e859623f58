//! What is measured, and how: one caller, one call after the other.

use std::time::{Duration, Instant};

use super::{
    app::{Act, App},
    counter::Counter,
    people,
};
use crate::Result;

/// Lists and counts that are timed.
pub(super) const LISTS: usize = 5_000;
/// Sign-ins that are timed: a durable database takes its time for each, and for the sign-out after it.
pub(super) const SIGN_INS: usize = 1_000;
/// Calls before them that are not.
const WARM_UP: usize = 200;
/// Calls that are counted.
const COUNTED: usize = 20;

/// Families whose users are asked in any place; there are no others where there are few.
pub(super) const KNOWN: u32 = super::FEW / people::SESSIONS;

/// Something to be measured.
pub(super) struct Measure {
    pub(super) name: &'static str,
    act: Act,
    /// How many sessions those have for whom it is done.
    held: usize,
    /// Whether these are users of all families.
    anybody: bool,
}

pub(super) const MEASURES: [Measure; 7] = [
    of("sessions of a user who has 3", Act::List, 3),
    Measure { anybody: true, ..of("the same, each time of another user", Act::List, 3) },
    of("sessions of a user who has 10", Act::List, people::MOST),
    of("`count` of 3", Act::Count, 3),
    of("sign-in of a user who has 3", Act::SignIn, 3),
    of("the same, under a limit of 10", Act::SignInUnderLimit, 3),
    of("the same of a user who has 10", Act::SignInUnderLimit, people::MOST),
];

const fn of(name: &'static str, act: Act, held: usize) -> Measure {
    Measure { name, act, held, anybody: false }
}

/// What was measured.
pub(super) struct Figures {
    /// What most calls ask; one that needs another connection sets that up.
    pub(super) asked: usize,
    pub(super) median: Duration,
    /// Which one in a hundred exceeds.
    pub(super) hundredth: Duration,
}

impl Measure {
    /// Measures it where there are so many families.
    pub(super) async fn take(&self, app: &App, counter: Counter<'_>, families: u32) -> Result<Figures> {
        let mut users = people::with(self.held, if self.anybody { families } else { KNOWN });
        let mut users = move || users.next().expect("no end of users");
        for _ in 0..WARM_UP {
            self.timed(app, &users()).await?;
        }
        let mut asked = Vec::with_capacity(COUNTED);
        for _ in 0..COUNTED {
            let user = users();
            let (left, count) = counter.during(app.perform(self.act, &user, self.held)).await?;
            app.tidy(left, &user, self.held).await?;
            asked.push(count);
        }
        let calls = if matches!(self.act, Act::List | Act::Count) { LISTS } else { SIGN_INS };
        let mut took = Vec::with_capacity(calls);
        for _ in 0..calls {
            took.push(self.timed(app, &users()).await?);
        }
        asked.sort_unstable();
        took.sort_unstable();
        let below = |percent| took[(took.len() - 1) * percent / 100];
        Ok(Figures { asked: asked[COUNTED / 2], median: below(50), hundredth: below(99) })
    }

    async fn timed(&self, app: &App, user: &str) -> Result<Duration> {
        let start = Instant::now();
        let left = app.perform(self.act, user, self.held).await?;
        let took = start.elapsed();
        app.tidy(left, user, self.held).await?;
        Ok(took)
    }
}
