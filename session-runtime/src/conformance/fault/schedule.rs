//! Which call has which fault.

use std::collections::BTreeMap;

use super::{Call, Fault};

/// The faults to come, and those that were.
#[derive(Default, Debug)]
pub(super) struct Schedule {
    calls: BTreeMap<Call, u64>,
    on_nth: BTreeMap<(Call, u64), Fault>,
    on_every: BTreeMap<Call, Fault>,
    by_chance: Option<Chance>,
    happened: Vec<(Call, Fault)>,
}

impl Schedule {
    pub(super) fn on_nth(&mut self, call: Call, n: u64, fault: Fault) {
        let called = self.calls.get(&call).copied().unwrap_or_default();
        self.on_nth.insert((call, called.saturating_add(n)), fault);
    }

    pub(super) fn on_every(&mut self, call: Call, fault: Fault) {
        self.on_every.insert(call, fault);
    }

    pub(super) fn by_chance(&mut self, seed: u64, one_in: u64, faults: Vec<Fault>) {
        self.by_chance = Some(Chance { state: seed, one_in, faults });
    }

    /// The numbers of the calls go on: what was named after a recovery is counted from there.
    pub(super) fn recover(&mut self) {
        self.on_nth.clear();
        self.on_every.clear();
        self.by_chance = None;
    }

    pub(super) fn take_happened(&mut self) -> Vec<(Call, Fault)> {
        std::mem::take(&mut self.happened)
    }

    /// The fault of a call that is made now, if it has one.
    pub(super) fn fault_of(&mut self, call: Call) -> Option<Fault> {
        let called = self.calls.entry(call).or_default();
        *called += 1;
        // Drawn for every call, so that a fault on one that was named moves none of the others.
        let by_chance = self.by_chance.as_mut().and_then(Chance::draw);
        let named = self.on_nth.remove(&(call, *called)).or_else(|| self.on_every.get(&call).copied());
        let fault = named.or(by_chance)?;
        self.happened.push((call, fault));
        Some(fault)
    }
}

/// Faults that are drawn, by the generator `SplitMix64`.
#[derive(Debug)]
struct Chance {
    state: u64,
    one_in: u64,
    faults: Vec<Fault>,
}

impl Chance {
    fn draw(&mut self) -> Option<Fault> {
        let (whether, which) = (self.next(), self.next());
        let happens = whether.checked_rem(self.one_in)? == 0;
        let which = which.checked_rem(self.faults.len() as u64)?;
        usize::try_from(which).ok().filter(|_| happens).map(|which| self.faults[which])
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut drawn = self.state;
        drawn = (drawn ^ (drawn >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        drawn = (drawn ^ (drawn >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        drawn ^ (drawn >> 31)
    }
}
