//! All that is measured in one run.

use session_servers::Redis;

use super::{
    CASES, ROUNDS,
    redis::{Traffic, traffic},
    round::{Round, Running},
};
use crate::{Place, Places, Result, case::Case};

/// What has been measured so far.
pub(super) struct Figures {
    pub(super) groups: Vec<Group>,
    pub(super) traffic: Vec<(&'static str, [Traffic; TRAFFIC_CASES.len()])>,
    /// Whether the server had a core of its own.
    pub(super) pinned: bool,
}

/// Subjects that took turns, in their order, the plain application among them.
pub(super) struct Group(pub(super) Vec<Rounds>);

/// The requests of which is counted what they send to Redis.
pub(super) const TRAFFIC_CASES: [Case; 3] = [Case::Untouched, Case::Read, Case::AddOne];

/// Those of one subject and case.
pub(super) struct Rounds {
    pub(super) subject: &'static str,
    pub(super) case: Case,
    pub(super) each: Vec<Round>,
}

/// A median, and between which figures the middle half of all lies.
#[derive(Clone, Copy)]
pub(super) struct Spread {
    pub(super) low: f64,
    pub(super) median: f64,
    pub(super) high: f64,
}

impl Figures {
    pub(super) fn new(pinned: bool) -> Figures {
        Figures { groups: Vec::new(), traffic: Vec::new(), pinned }
    }

    /// Adds a group.
    pub(super) async fn measure(&mut self, running: &mut [Running], places: &mut Places) -> Result<()> {
        let mut rounds = Vec::new();
        for case in CASES {
            rounds.extend(take_turns(running, case).await?);
        }
        self.groups.push(Group(rounds));
        for running in running.iter_mut().filter(|running| running.subject.place == Place::Redis) {
            self.traffic.push((running.subject.name, traffic_of(running, places.redis()?).await?));
        }
        for running in running {
            running.check().await.map_err(|error| format!("{}: {error}", running.subject.name))?;
        }
        Ok(())
    }
}

impl Group {
    /// A figure of each of a subject's rounds, and the same of the plain application in the same turn.
    pub(super) fn beside_plain(&self, of: &Rounds, figure: impl Fn(Round, Round) -> f64) -> Spread {
        let plain = self.0.iter().find(|rounds| rounds.subject == "plain" && rounds.case == of.case);
        let plain = plain.into_iter().flat_map(|plain| &plain.each);
        Spread::of(of.each.iter().zip(plain).map(|(own, plain)| figure(*own, *plain)).collect())
    }
}

/// One round each, again and again, so that a machine that slows down meanwhile slows all of them down.
async fn take_turns(running: &mut [Running], case: Case) -> Result<Vec<Rounds>> {
    let mut of_all: Vec<Rounds> = running
        .iter()
        .map(|running| Rounds { subject: running.subject.name, case, each: Vec::with_capacity(ROUNDS) })
        .collect();
    for _ in 0..ROUNDS {
        for (running, of_one) in running.iter_mut().zip(&mut of_all) {
            let round = running.round(case).await;
            of_one.each.push(round.map_err(|error| format!("{}: {error}", running.subject.name))?);
        }
    }
    Ok(of_all)
}

async fn traffic_of(running: &mut Running, redis: &Redis) -> Result<[Traffic; TRAFFIC_CASES.len()]> {
    let mut figures = [Traffic::default(); TRAFFIC_CASES.len()];
    for (figure, case) in figures.iter_mut().zip(TRAFFIC_CASES) {
        *figure = traffic(redis, running.first_visitor(), case).await?;
    }
    Ok(figures)
}

impl Spread {
    pub(super) fn of(mut figures: Vec<f64>) -> Spread {
        figures.sort_by(f64::total_cmp);
        let at = |quarters| figures[(figures.len() - 1) * quarters / 4];
        Spread { low: at(1), median: at(2), high: at(3) }
    }
}
