//! Who has how many sessions: families of thirty users, who have a hundred sessions between them.

/// How many users of a family have one session, two, … ten.
const USERS_WITH: [u32; 10] = [8, 6, 6, 3, 2, 1, 1, 1, 1, 1];

/// Users of a family.
pub(super) const USERS: u32 = 30;
/// Sessions of a family.
pub(super) const SESSIONS: u32 = 100;

/// The most sessions that a user has.
pub(super) const MOST: usize = USERS_WITH.len();

/// How far a family is from the one that is asked next: not a factor of how many there are.
const STRIDE: u32 = 7_919;

/// How many sessions each user of a family has.
pub(super) fn of_a_family() -> impl Iterator<Item = usize> {
    (1..).zip(USERS_WITH).flat_map(|(held, users)| (0..users).map(move |_| held))
}

/// What a user of a family is called.
pub(super) fn name(family: u32, user: usize) -> String {
    format!("{family}.{user}")
}

/// Users of so many families who have so many sessions, each of them before one comes again, and neighbours far from each other.
pub(super) fn with(held: usize, families: u32) -> impl Iterator<Item = String> {
    let users: Vec<_> =
        (0..).zip(of_a_family()).filter(|(_, sessions)| *sessions == held).map(|(user, _)| user).collect();
    let steps = users.into_iter().cycle();
    steps
        .flat_map(move |user| (0..families).map(move |step| (user, step * STRIDE % families)))
        .map(|(user, family)| name(family, user))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_family_has_thirty_users_and_a_hundred_sessions() {
        assert_eq!(of_a_family().count(), USERS as usize);
        assert_eq!(of_a_family().sum::<usize>(), SESSIONS as usize);
    }

    #[test]
    fn everybody_is_asked_before_anybody_is_asked_again() {
        for families in [10, 1_000, 10_000] {
            let users = 6 * families as usize;
            let asked: BTreeSet<_> = with(3, families).take(users).collect();
            assert_eq!(asked.len(), users);
        }
    }
}
