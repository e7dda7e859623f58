//! Every decision of section "what happens to a request", without a runtime.

use std::time::Duration;

use super::*;
use crate::expiry::Expiry;
use crate::id::SessionId;
use crate::store::ExpiryChange;

fn at(seconds: u64) -> Timestamp {
    Timestamp::default() + Duration::from_secs(seconds)
}

fn token() -> Token {
    Token::Id(SessionId::generate().expect("random bytes"))
}

fn record(fields: &[(&'static str, &[u8])]) -> Record {
    let mut delta = Delta::default();
    for (name, value) in fields {
        delta.set(*name, value);
    }
    Record::new(at(0), at(100)).apply(&delta)
}

fn live(fields: &[(&'static str, &[u8])]) -> Live {
    Live::new(token(), None, record(fields))
}

/// A commit that was written over this record.
fn over(current: Record) -> Basis {
    Basis { current: Some(current), merged: None }
}

/// A session whose use extends it.
fn extended_to(seconds: u64) -> Due {
    Due { extension: Some(at(seconds)), rotation: false }
}

fn loaded(fields: &[(&'static str, &[u8])]) -> State {
    let mut state = State::default();
    state.found(0, live(fields), Due::default());
    state
}

fn new() -> State {
    let mut state = State::default();
    state.found_nothing(0, Origin::New);
    state
}

fn set(name: &'static str) -> Changes {
    let mut changes = Changes::default();
    changes.delta.set(name, b"1");
    changes
}

fn removed(name: &'static str) -> Changes {
    let mut changes = Changes::default();
    changes.delta.remove(name);
    changes
}

/// A plan that changed nothing, of the first epoch.
fn plan() -> Plan {
    let (now, expires) = (at(0), at(100));
    let action = Action::Touch;
    let (changes, expiry) = (Changes::default(), ExpiryChange::Keep);
    Plan { action, target: None, changes, expiry, now, expires, grace: now, epoch: 0 }
}

/// The plan for what was deposited.
fn planned(state: &mut State) -> Plan {
    let changes = state.take_changes();
    state.plan(changes, &Expiry::default(), || at(0), false).expect("something to do")
}

const SUCCESS: Outcome = Outcome::Success;
const FAILURE: Outcome = Outcome::Failure;
const UPDATE: Action = Action::Update { remove_if_empty: false };

#[test]
fn nothing_deposited_is_nothing_to_do_except_a_due_touch() {
    assert_eq!(State::default().action(SUCCESS), Action::Keep);
    assert_eq!(new().action(SUCCESS), Action::Keep);
    assert_eq!(loaded(&[("x", b"1")]).action(SUCCESS), Action::Keep);
    let mut used = State::default();
    used.found(0, live(&[("x", b"1")]), extended_to(200));
    assert_eq!(used.action(SUCCESS), Action::Touch);
    assert_eq!(used.action(FAILURE), Action::Touch);
}

#[test]
fn a_new_session_is_inserted_only_if_it_holds_something() {
    let mut state = new();
    state.deposit(0, removed("x"));
    assert_eq!(state.action(SUCCESS), Action::Keep);
    let mut lifetime = Changes::default();
    lifetime.set_lifetime(Lifetime::Own(Duration::from_secs(5)));
    state.deposit(0, lifetime);
    assert_eq!(state.action(SUCCESS), Action::Keep);
    state.deposit(0, set("x"));
    assert_eq!(state.action(SUCCESS), Action::Insert);
    assert_eq!(state.action(FAILURE), Action::Keep);
}

#[test]
fn changes_to_a_stored_session_are_an_update_unless_the_response_failed() {
    let mut state = loaded(&[("x", b"0")]);
    state.deposit(0, set("x"));
    assert_eq!(state.action(SUCCESS), UPDATE);
    assert_eq!(state.action(FAILURE), Action::Keep);
}

#[test]
fn emptying_a_session_asks_the_store_to_end_it_if_it_is_empty() {
    let mut state = loaded(&[("x", b"0"), ("@l", b"5")]);
    state.deposit(0, removed("x"));
    assert_eq!(state.action(SUCCESS), Action::Update { remove_if_empty: true });
    let mut more = loaded(&[("x", b"0"), ("y", b"0")]);
    more.deposit(0, removed("x"));
    assert_eq!(more.action(SUCCESS), UPDATE);
}

#[test]
fn a_new_id_is_a_rename_and_a_failed_response_keeps_the_old_one() {
    let mut state = loaded(&[("x", b"0")]);
    state.deposit(0, Changes { regenerate_id: true, ..Changes::default() });
    assert_eq!(state.action(SUCCESS), Action::Rename { remove_if_empty: false });
    assert_eq!(state.action(FAILURE), Action::Keep);
}

#[test]
fn t40_a_destroyed_session_is_removed_whatever_the_status() {
    let mut state = loaded(&[("x", b"0")]);
    state.deposit(0, set("x"));
    state.destroy(0);
    assert_eq!(state.action(SUCCESS), Action::Remove);
    assert_eq!(state.action(FAILURE), Action::Remove);
}

#[test]
fn destroying_absorbs_what_those_who_saw_the_session_deposit_later() {
    let mut state = loaded(&[("x", b"0")]);
    state.destroy(0);
    let epoch = state.epoch();
    state.deposit(0, set("x"));
    assert_eq!(state.action(SUCCESS), Action::Remove);
    state.deposit(epoch, set("y"));
    assert_eq!(state.action(SUCCESS), Action::Replace);
    assert_eq!(state.action(FAILURE), Action::Remove);
    assert_eq!(planned(&mut state).target.expect("the old one").record.get("x"), Some(&b"0"[..]));
}

#[test]
fn destroying_what_was_never_stored_does_nothing() {
    let mut state = new();
    state.deposit(0, set("x"));
    state.destroy(0);
    assert_eq!(state.action(SUCCESS), Action::Keep);
}

#[test]
fn a_session_that_ended_meanwhile_stays_ended() {
    let mut state = loaded(&[("x", b"0")]);
    state.settle(plan(), Committed::Lost, true);
    state.deposit(0, set("x"));
    assert_eq!(state.action(SUCCESS), Action::Keep);
    assert_eq!(state.send_head(), CookieChange::Keep);
}

#[test]
fn a_new_token_is_sent_and_a_removal_too() {
    let mut state = new();
    let issued = token();
    state.settle(plan(), Committed::Issued(issued.clone(), None, record(&[])), false);
    assert!(state.is_live());
    assert_eq!(state.send_head(), CookieChange::Set(issued, None));
    let mut state = loaded(&[("x", b"0")]);
    state.settle(plan(), Committed::Ended, false);
    assert_eq!(state.send_head(), CookieChange::Remove);
}

#[test]
fn the_cookie_is_sent_again_only_if_it_tells_another_moment() {
    let later = record(&[]).expiring(at(500));
    let mut window = loaded(&[]);
    window.settle(plan(), Committed::Kept(over(later.clone())), false);
    assert_eq!(window.send_head(), CookieChange::Keep);
    let mut persistent = loaded(&[]);
    persistent.settle(plan(), Committed::Kept(over(later.clone())), true);
    assert!(matches!(persistent.send_head(), CookieChange::Set(_, Some(expires)) if expires == at(500)));
    let mut same = loaded(&[]);
    same.settle(plan(), Committed::Kept(over(record(&[]))), true);
    assert_eq!(same.send_head(), CookieChange::Keep);
    let mut moved = loaded(&[]);
    moved.settle(plan(), Committed::Followed(StoreKey::from_bytes([7; 32]), over(later)), true);
    assert_eq!(moved.send_head(), CookieChange::Keep);
}

#[test]
fn changes_that_could_not_be_committed_go_back_under_later_ones() {
    let mut state = loaded(&[]);
    state.deposit(0, set("x"));
    let taken = state.take_changes();
    state.deposit(0, removed("x"));
    state.restore_changes(0, taken);
    let changes = state.take_changes();
    assert_eq!(changes.delta.iter().collect::<Vec<_>>(), [("x", None)]);
}

#[test]
fn a_lifetime_of_its_own_sets_the_end_and_taking_it_away_sets_it_back() {
    let expiry = Expiry::idle(Duration::from_secs(100));
    let state = loaded(&[("x", b"0")]);
    let mut changes = Changes::default();
    changes.set_lifetime(Lifetime::Own(Duration::from_secs(1000)));
    assert_eq!(state.expiry_change(&changes, &expiry, at(50)), ExpiryChange::Set(at(1050)));
    changes.set_lifetime(Lifetime::Configured);
    assert_eq!(state.expiry_change(&changes, &expiry, at(50)), ExpiryChange::Set(at(150)));
    assert_eq!(state.expiry_change(&set("x"), &expiry, at(5)), ExpiryChange::Keep);
    assert_eq!(state.expiry_change(&set("x"), &expiry, at(50)), ExpiryChange::Extend(at(150)));
}

#[test]
fn a_sign_out_during_a_commit_is_still_to_be_done() {
    for made in [Committed::Kept(over(record(&[]))), Committed::Issued(token(), None, record(&[]))] {
        let mut state = loaded(&[("x", b"0")]);
        state.deposit(0, set("x"));
        let plan = planned(&mut state);
        state.destroy(0);
        state.settle(plan, made, true);
        assert!(!state.is_live());
        assert_eq!(state.action(SUCCESS), Action::Remove);
        assert_eq!(state.send_head(), CookieChange::Keep);
    }
}

#[test]
fn changes_of_a_destroyed_session_do_not_come_back() {
    let mut state = loaded(&[("x", b"0")]);
    state.deposit(0, set("x"));
    let taken = state.take_changes();
    state.destroy(0);
    state.restore_changes(0, taken);
    assert_eq!(state.action(SUCCESS), Action::Remove);
}

#[test]
fn the_cookie_of_a_session_that_ended_before_the_head_is_not_sent() {
    let mut state = new();
    state.settle(plan(), Committed::Issued(token(), None, record(&[])), true);
    state.settle(plan(), Committed::Lost, true);
    assert_eq!(state.send_head(), CookieChange::Keep);
}

#[test]
fn a_sign_in_on_a_session_that_ended_begins_one_and_anything_else_does_not() {
    let mut state = loaded(&[("x", b"0")]);
    state.settle(plan(), Committed::Lost, true);
    state.deposit(0, set("x"));
    assert_eq!(state.action(SUCCESS), Action::Keep);
    state.deposit(0, Changes { regenerate_id: true, ..Changes::default() });
    assert_eq!(state.action(SUCCESS), Action::Insert);
}

#[test]
fn a_session_whose_end_is_set_into_the_past_ends() {
    let mut state = loaded(&[("x", b"0")]);
    let mut changes = Changes::default();
    changes.set_lifetime(Lifetime::Configured);
    state.deposit(0, changes);
    let changes = state.take_changes();
    let expiry = Expiry::lifetime(Duration::from_secs(10));
    let plan = state.plan(changes, &expiry, || at(50), false).expect("something to do");
    assert_eq!(plan.action, Action::Remove);
}
