//! Every rule is broken by a store that is wrong in one way: the suite finds each, and names the rule.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use session_runtime::conformance::{Broken, Check, Level, Rule, Subject, checks};

use super::flawed_store::{Flaw, FlawedStore};

/// The checks of calls to a store: requests go through them in many ways at once.
fn of_calls() -> impl Iterator<Item = &'static Check> {
    checks().iter().filter(|check| check.level() != Level::Requests)
}

fn subject(flaw: Option<Flaw>) -> Subject {
    let (store, beside) = FlawedStore::pair(flaw);
    Subject::with_clock(move |clock| std::future::ready(store.clone().clock(clock)))
        .beside(move |clock| std::future::ready(beside.clone().clock(clock)))
}

fn broken(flaw: Option<Flaw>) -> Vec<Broken> {
    let subject = subject(flaw);
    of_calls().filter_map(|check| check.run(&subject).err()).collect()
}

/// Per flaw, what the suite finds.
static FOUND: LazyLock<Vec<(Flaw, Vec<Broken>)>> = LazyLock::new(|| {
    let find = |flaws: &[Flaw]| flaws.iter().map(|flaw| (*flaw, broken(Some(*flaw)))).collect::<Vec<_>>();
    let (first, second) = Flaw::ALL.split_at(Flaw::ALL.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| find(second));
        let mut found = find(first);
        found.extend(other.join().expect("the suite collects what is broken"));
        found
    })
});

#[test]
fn the_store_without_a_flaw_keeps_every_rule() {
    let broken = broken(None);
    assert!(broken.is_empty(), "{}", broken[0]);
}

#[test]
fn each_flaw_is_found_and_named_by_its_rule() {
    for (flaw, broken) in FOUND.iter() {
        assert!(!broken.is_empty(), "{flaw:?} is not found");
        for broken in broken {
            assert_eq!(broken.rule().number(), flaw.rule(), "{flaw:?}: {broken}");
        }
    }
}

#[test]
fn each_check_finds_a_flaw() {
    let found: BTreeSet<_> = FOUND.iter().flat_map(|(_, broken)| broken).map(Broken::check).collect();
    let vacuous: Vec<_> = of_calls().map(Check::name).filter(|name| !found.contains(name)).collect();
    assert_eq!(vacuous, [""; 0], "no flaw breaks these");
}

#[test]
fn each_rule_is_checked() {
    let checked: BTreeSet<_> = of_calls().map(Check::rule).collect();
    assert_eq!(checked, Rule::all().collect());
    assert_eq!(checked.len(), 20);
    assert!(Rule::all().all(|rule| rule.text().ends_with('.')), "each is a sentence or two");
}
