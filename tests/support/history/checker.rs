//! Decides whether what several clients saw of one number could have come about one request after the other.

use std::collections::HashSet;

/// What a request did to the number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Action {
    Write(u64),
    Add(u64),
    /// It saw this.
    Read(u64),
}

/// A request, between two ticks of one clock for all clients.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operation {
    pub action: Action,
    pub invoked: u64,
    /// `None` where no answer, or a failure, leaves it open whether anything was done: then it is done at any later time, or never.
    pub returned: Option<u64>,
}

impl Action {
    /// The number after this; `None` if it was another before.
    fn after(self, number: u64) -> Option<u64> {
        match self {
            Self::Write(written) => Some(written),
            Self::Add(added) => Some(number + added),
            Self::Read(seen) => (seen == number).then_some(number),
        }
    }
}

/// Whether there is an order of these operations, at most 64, that keeps each before those that were invoked after it had returned, and in
/// which a number that starts as 0 gives every read what it saw. By Wing and Gong: whatever may come first is tried, and what follows from the
/// same operations with the same number is looked at once.
pub fn is_linearizable(history: &[Operation]) -> bool {
    let mut known = HashSet::new();
    let mut open = vec![(0_u64, 0)];
    while let Some((done, number)) = open.pop() {
        if !known.insert((done, number)) {
            continue;
        }
        let left = (0_u64..).zip(history).filter(|(index, _)| done & (1 << index) == 0);
        let Some(first_return) = left.clone().filter_map(|(_, operation)| operation.returned).min() else {
            return true;
        };
        let next = left.filter(|(_, operation)| operation.invoked < first_return);
        open.extend(next.filter_map(|(index, operation)| Some((done | 1 << index, operation.action.after(number)?))));
    }
    false
}

#[cfg(test)]
mod tests {
    use super::Action::{Add, Read, Write};
    use super::*;

    /// Each line is an operation: its invocation, its return, and what it did.
    fn check<const N: usize>(lines: [(u64, u64, Action); N]) -> bool {
        let operation = |(invoked, returned, action)| Operation { action, invoked, returned: Some(returned) };
        is_linearizable(&lines.map(operation))
    }

    /// The same, the first of them without an answer.
    fn check_unanswered(first: (u64, Action), rest: &[(u64, u64, Action)]) -> bool {
        let first = Operation { action: first.1, invoked: first.0, returned: None };
        let rest = rest.iter().map(|&(invoked, at, action)| Operation { action, invoked, returned: Some(at) });
        is_linearizable(&std::iter::once(first).chain(rest).collect::<Vec<_>>())
    }

    #[test]
    fn what_comes_one_after_the_other_is_linear() {
        assert!(check([]));
        assert!(check([(0, 1, Read(0)), (2, 3, Write(1)), (4, 5, Read(1)), (6, 7, Write(2)), (8, 9, Read(2))]));
        assert!(check([(0, 1, Add(1)), (2, 3, Read(1)), (4, 5, Add(2)), (6, 7, Read(3))]));
    }

    #[test]
    fn overlapping_operations_may_take_effect_in_any_order() {
        assert!(check([(0, 3, Write(1)), (1, 4, Read(0))]));
        assert!(check([(0, 3, Write(1)), (1, 4, Read(1))]));
        assert!(check([(0, 5, Write(1)), (1, 6, Write(2)), (2, 3, Read(2)), (7, 8, Read(1))]));
        assert!(check([(0, 7, Add(1)), (1, 6, Add(2)), (2, 3, Read(2)), (4, 5, Read(3))]));
    }

    #[test]
    fn a_stale_read_is_not_linear() {
        assert!(!check([(0, 1, Write(1)), (2, 3, Read(0))]));
        assert!(!check([(0, 1, Write(1)), (2, 3, Write(2)), (4, 5, Read(1))]));
        assert!(!check([(0, 7, Write(1)), (1, 2, Read(1)), (3, 4, Read(0))]), "what was seen once stays");
    }

    #[test]
    fn a_lost_write_is_not_linear() {
        assert!(!check([(0, 1, Write(1)), (2, 3, Write(2)), (4, 5, Read(1)), (6, 7, Read(1))]));
        assert!(!check([(0, 5, Write(1)), (1, 6, Write(2)), (7, 8, Read(0))]));
    }

    #[test]
    fn a_lost_addition_is_not_linear() {
        assert!(!check([(0, 3, Add(1)), (1, 4, Add(2)), (5, 6, Read(2))]));
        assert!(check([(0, 3, Add(1)), (1, 4, Add(2)), (5, 6, Read(3))]));
    }

    #[test]
    fn an_addition_that_was_done_twice_is_not_linear() {
        assert!(!check([(0, 1, Add(1)), (2, 3, Read(2))]));
    }

    #[test]
    fn a_value_out_of_thin_air_is_not_linear() {
        assert!(!check([(0, 3, Write(1)), (1, 4, Read(7))]));
        assert!(!check([(0, 1, Read(1)), (2, 3, Write(1))]), "nor is one from the future");
    }

    #[test]
    fn two_readers_that_disagree_on_the_order_of_two_writes_are_not_linear() {
        let writes = [(0, 9, Write(1)), (0, 9, Write(2))];
        let [first, second] = writes;
        assert!(!check([first, second, (1, 2, Read(1)), (3, 4, Read(2)), (5, 6, Read(1))]));
        assert!(check([first, second, (1, 2, Read(1)), (3, 4, Read(2)), (5, 6, Read(2))]));
    }

    #[test]
    fn what_got_no_answer_was_done_at_any_later_time_or_never_but_not_twice() {
        assert!(check_unanswered((0, Add(1)), &[(1, 2, Read(0)), (3, 4, Read(1))]));
        assert!(check_unanswered((0, Add(1)), &[(1, 2, Read(0)), (3, 4, Read(0))]));
        assert!(!check_unanswered((0, Add(1)), &[(1, 2, Read(1)), (3, 4, Read(2))]));
        assert!(!check_unanswered((3, Add(1)), &[(1, 2, Read(1))]), "not before it was asked for");
    }
}
