//! Whether a connection still answers, as those see it who wait.

use std::time::{Duration, Instant};

/// A connection that answers nobody for so long has lost its server, though nothing told it so.
const SILENCE: Duration = Duration::from_secs(1);

/// Counts who waits for an answer over a connection, and for how long none has come.
#[derive(Debug, Default)]
pub(super) struct Pulse {
    waiting: usize,
    /// When the last who waited went without an answer.
    gave_up: Option<Instant>,
    /// When there was an answer, or when there was none to be expected yet.
    last: Option<Instant>,
}

impl Pulse {
    /// Somebody asks.
    pub(super) fn asked(&mut self, now: Instant) {
        // Between two who give up, one after the other, nobody could be answered either; in a longer pause nobody had to be.
        let goes_on = self.gave_up.is_some_and(|gave_up| now.duration_since(gave_up) < SILENCE);
        if self.waiting == 0 && !goes_on {
            self.last = Some(now);
        }
        self.waiting += 1;
    }

    /// Somebody is answered.
    pub(super) fn answered(&mut self, now: Instant) {
        self.waiting -= 1;
        self.gave_up = None;
        self.last = Some(now);
    }

    /// Somebody waits no more; whether that is because nobody is answered.
    pub(super) fn gave_up(&mut self, now: Instant) -> bool {
        self.waiting -= 1;
        self.gave_up = Some(now);
        self.last.is_some_and(|last| now.duration_since(last) >= SILENCE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLI: Duration = Duration::from_millis(1);

    #[test]
    fn a_connection_that_answers_others_is_not_given_up() {
        let (mut pulse, start) = (Pulse::default(), Instant::now());
        pulse.asked(start);
        pulse.asked(start);
        pulse.answered(start + 900 * MILLI);
        assert!(!pulse.gave_up(start + 1_800 * MILLI));
    }

    #[test]
    fn one_that_answers_nobody_is_given_up_however_impatient_they_are() {
        let (mut pulse, start) = (Pulse::default(), Instant::now());
        let asked = (0..6).map(|call| start + 200 * MILLI * call);
        let given_up: Vec<_> = asked
            .map(|asked| {
                pulse.asked(asked);
                pulse.gave_up(asked + 150 * MILLI)
            })
            .collect();
        assert_eq!(given_up, [false, false, false, false, false, true]);
    }

    #[test]
    fn one_that_was_idle_is_not_given_up_for_it() {
        let (mut pulse, start) = (Pulse::default(), Instant::now());
        pulse.asked(start);
        pulse.answered(start);
        let later = start + 60_000 * MILLI;
        pulse.asked(later);
        assert!(!pulse.gave_up(later + MILLI));
    }

    #[test]
    fn who_goes_away_says_nothing_of_who_comes_much_later() {
        let (mut pulse, start) = (Pulse::default(), Instant::now());
        pulse.asked(start);
        assert!(!pulse.gave_up(start + MILLI));
        let later = start + 10_000 * MILLI;
        pulse.asked(later);
        assert!(!pulse.gave_up(later + MILLI));
    }
}
