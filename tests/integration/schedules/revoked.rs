//! Every order in which all sessions of a user are ended while requests of his are on their way.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use axum::http::StatusCode;
use session_runtime::record::Record;
use session_runtime::store::Loaded;
use session_runtime::{
    Clock, Except, Expiry, Session, SessionError, SessionHandle, SessionId, SessionLayer, SessionRegistry,
    SessionStore, StoreKey,
};
use session_tests::Answer;

use super::act::{AGE, IDLE};
use super::choices::Choices;
use super::merging;
use super::run::{request, schedule};
use super::servers::{postgres, sqlite};
use super::stepped::{Call, Stepped, Turns, Verb};
use super::swapping;

#[derive(Session)]
struct Account {
    #[session(principal)]
    user: Option<String>,
    /// Set before the race, and by nothing in it.
    before: u32,
    during: u32,
}

/// What is on its way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Act {
    Read,
    Write,
    SaveThenWrite,
    Renew,
    RenewAndWrite,
    /// The id is due to be renewed by its age.
    Rotate,
    RotateAndWrite,
    /// The user signs in from another browser.
    SignIn,
    /// The user signs in once more to the session that is there.
    SignInAgain,
    SwitchUser,
    SignOut,
    /// All of the user's sessions are to end.
    RevokeAll,
    /// All but that of the request.
    RevokeOthers,
}

/// What may be done to a session that is being revoked.
const REQUESTS: [Act; 11] = [
    Act::Read,
    Act::Write,
    Act::SaveThenWrite,
    Act::Renew,
    Act::RenewAndWrite,
    Act::Rotate,
    Act::RotateAndWrite,
    Act::SignIn,
    Act::SignInAgain,
    Act::SwitchUser,
    Act::SignOut,
];

/// What leaves a session its user and its handle.
const HARMLESS: [Act; 7] =
    [Act::Read, Act::Write, Act::SaveThenWrite, Act::Renew, Act::RenewAndWrite, Act::Rotate, Act::RotateAndWrite];

/// Of these, what gets into each other's way the most.
const RIVALS: [Act; 6] =
    [Act::Write, Act::RenewAndWrite, Act::RotateAndWrite, Act::SignInAgain, Act::SwitchUser, Act::SignOut];

impl Act {
    fn expiry(self) -> Expiry {
        match self {
            Self::Rotate | Self::RotateAndWrite => Expiry::idle(IDLE).rotate_every(AGE),
            _ => Expiry::idle(IDLE),
        }
    }

    async fn perform(self, user: String, handle: SessionHandle, registry: SessionRegistry) -> Result<(), SessionError> {
        if self == Self::RevokeAll {
            return registry.revoke_all(user, Except::None).await.map(drop);
        }
        let mut account = handle.load::<Account>().await?;
        match self {
            Self::Read | Self::Rotate | Self::RevokeAll => {}
            Self::Write | Self::RotateAndWrite => account.set_during(1_u32),
            Self::SaveThenWrite => {
                account.set_during(1_u32);
                account.save().await?;
                account.set_during(2_u32);
            }
            Self::Renew => account.regenerate_id(),
            Self::RenewAndWrite => {
                account.regenerate_id();
                account.set_during(1_u32);
            }
            Self::SignIn | Self::SignInAgain => account.set_user(user),
            Self::SwitchUser => account.set_user(another(&user)),
            Self::SignOut => account.destroy(),
            Self::RevokeOthers => {
                if let Some(user) = account.user() {
                    registry.revoke_all(user, Except::This(&account)).await?;
                }
            }
        }
        Ok(())
    }
}

/// What can be seen when all have answered.
struct Outcome {
    answers: Vec<Answer>,
    calls: Vec<Call>,
    /// The sessions that are there.
    live: Vec<(StoreKey, Record)>,
    /// A user whom no other run knows.
    user: String,
    /// The keys of those that are listed as this user's.
    listed: BTreeSet<StoreKey>,
}

impl Outcome {
    /// The keys of the user's sessions.
    fn owned(&self) -> impl Iterator<Item = &StoreKey> {
        self.live.iter().filter(|(_, record)| record.principal() == Some(&self.user)).map(|(key, _)| key)
    }

    /// Which call made the session of this key, counted from 1; 0 if it was there before.
    fn made(&self, key: &StoreKey) -> usize {
        let makes = |call: &Call| match call.verb {
            Verb::Insert => call.key == *key,
            Verb::Rename { to, .. } => to == *key,
            _ => false,
        };
        self.calls.iter().position(|call| call.commits() && makes(call)).map_or(0, |index| index + 1)
    }

    /// Which call listed the sessions that were to end.
    fn asked(&self) -> usize {
        1 + self.calls.iter().position(|call| call.verb == Verb::List).expect("a listing")
    }
}

async fn run<S: SessionStore>(store: fn(&Clock) -> S, acts: &[Act], choices: &mut Choices) -> Outcome {
    let (clock, turns) = (Clock::manual(), Turns::default());
    let store = Arc::new(store(&clock));
    let user = SessionId::generate().expect("random bytes").fingerprint();
    let layer = SessionLayer::new(store.clone()).clock(clock.clone()).expiry(Expiry::idle(IDLE));
    let here = begin(&layer, &user).await;
    clock.advance(Duration::from_millis(1));
    let there = begin(&layer, &user).await;
    clock.advance(AGE);
    let requests = acts.iter().map(|act| {
        let stepped = Stepped::new(store.clone(), turns.clone());
        let layer = SessionLayer::new(stepped).clock(clock.clone()).expiry(act.expiry());
        let registry = layer.registry();
        let cookie = (*act != Act::SignIn).then_some(&here);
        let (act, user) = (*act, user.clone());
        request(&layer, cookie, async move |handle| act.perform(user, handle, registry).await)
    });
    let answers = schedule(requests.collect(), &turns, choices).await;
    let calls = turns.calls();
    let mut live = Vec::new();
    for key in keys(&[here, there], &calls) {
        if let Some(Loaded::Record { record, .. }) = store.load(&key, None).await.expect("an answer") {
            live.push((key, record));
        }
    }
    let listed = store.index().expect("an index").sessions(&user).await.expect("an answer");
    Outcome { answers, calls, live, user, listed: listed.iter().map(|session| session.key).collect() }
}

/// Whom somebody becomes who switches users.
fn another(user: &str) -> String {
    format!("not {user}")
}

/// A session of this user's, of which something is known.
async fn begin(layer: &SessionLayer, user: &str) -> SessionId {
    let user = user.to_owned();
    let sign_in = async move |handle: SessionHandle| {
        let mut account = handle.load::<Account>().await?;
        account.set_user(user);
        account.set_before(1_u32);
        Ok(())
    };
    let answer = request(layer, None, sign_in).await;
    SessionId::parse(answer.set_cookie().value.as_bytes()).expect("an id")
}

/// Every key that ever was.
fn keys(planted: &[SessionId], calls: &[Call]) -> BTreeSet<StoreKey> {
    let made = calls.iter().filter_map(|call| match call.verb {
        Verb::Insert => Some(call.key),
        Verb::Rename { to, .. } => Some(to),
        _ => None,
    });
    planted.iter().map(SessionId::store_key).chain(made).collect()
}

/// Fails where a promise does not hold in one of the orders.
fn explore<S: SessionStore>(
    name: &str,
    at_least: usize,
    store: fn(&Clock) -> S,
    sets: impl IntoIterator<Item = Vec<Act>>,
    holds: fn(&[Act], &Outcome) -> Result<(), String>,
) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let mut schedules = 0;
    for acts in sets {
        let mut choices = Choices::default();
        loop {
            let outcome = runtime.block_on(run(store, &acts, &mut choices));
            if let Err(seen) = every_request_succeeds(&outcome)
                .and_then(|()| the_list_is_what_is_there(&outcome))
                .and_then(|()| holds(&acts, &outcome))
            {
                let calls: Vec<_> = outcome.calls.iter().map(|call| format!("\n  r{} {call:?}", call.by)).collect();
                panic!("{name}: {seen}, in {acts:?}:{}", calls.concat());
            }
            schedules += 1;
            if !choices.turn() {
                break;
            }
        }
    }
    println!("{name}: {schedules} schedules");
    assert!(schedules >= at_least, "{name}: only {schedules} schedules were explored");
}

fn every_request_succeeds(outcome: &Outcome) -> Result<(), String> {
    match outcome.answers.iter().position(|answer| answer.status != StatusCode::OK) {
        Some(request) => Err(format!("r{request} was answered {}", outcome.answers[request].status)),
        None => Ok(()),
    }
}

fn the_list_is_what_is_there(outcome: &Outcome) -> Result<(), String> {
    let live: BTreeSet<_> = outcome.owned().copied().collect();
    if live == outcome.listed { Ok(()) } else { Err(format!("{:?} are listed, {live:?} live", outcome.listed)) }
}

/// What was there when the sessions were listed is dead, under whatever id; only who signed in later is signed in.
fn all_have_ended(acts: &[Act], outcome: &Outcome) -> Result<(), String> {
    if outcome.owned().any(|key| outcome.made(key) < outcome.asked()) {
        return Err("a session lives that was there before".to_owned());
    }
    let signs_in = acts.iter().any(|act| matches!(act, Act::SignIn | Act::SignInAgain));
    if !signs_in && outcome.owned().next().is_some() {
        return Err("the user is signed in, and did not sign in".to_owned());
    }
    let survives = |(key, record): &&(StoreKey, Record)| {
        // Who had switched to another user before is that user's.
        let is_of_another = record.principal() == Some(&*another(&outcome.user)) && outcome.made(key) < outcome.asked();
        record.get("before").is_some() && !is_of_another
    };
    match outcome.live.iter().find(survives) {
        Some((_, record)) => Err(format!("{:?} lives on", record.principal())),
        None => Ok(()),
    }
}

fn this_one_lives(_: &[Act], outcome: &Outcome) -> Result<(), String> {
    // Whose id was renewed before it came knows of no user.
    let asked = outcome.calls.iter().any(|call| call.verb == Verb::List);
    match outcome.owned().count() {
        1 if asked => Ok(()),
        2 if !asked => Ok(()),
        several => Err(format!("{several} sessions are left")),
    }
}

fn with(revoke: Act, requests: &[Act]) -> Vec<Vec<Act>> {
    requests.iter().map(|request| vec![revoke, *request]).collect()
}

fn with_two(revoke: Act, requests: &[Act]) -> Vec<Vec<Act>> {
    let two =
        (0..requests.len()).flat_map(|first| requests[first..].iter().map(move |second| (requests[first], *second)));
    two.map(|(first, second)| vec![revoke, first, second]).collect()
}

#[test]
fn s20_a_request_races_the_end_of_all_sessions() {
    explore("revoke all", 150, merging, with(Act::RevokeAll, &REQUESTS), all_have_ended);
    explore("revoke all, swapped", 150, swapping, with(Act::RevokeAll, &REQUESTS), all_have_ended);
}

#[test]
fn s20_two_requests_race_the_end_of_all_sessions() {
    explore("revoke all, and two requests", 1_000, merging, with_two(Act::RevokeAll, &RIVALS), all_have_ended);
}

#[test]
fn s20_a_request_races_the_end_of_all_sessions_in_sqlite() {
    explore("revoke all, in SQLite", 150, sqlite, with(Act::RevokeAll, &REQUESTS), all_have_ended);
}

#[test]
fn s20_a_request_races_the_end_of_all_sessions_in_postgres() {
    explore("revoke all, in PostgreSQL", 150, postgres, with(Act::RevokeAll, &REQUESTS), all_have_ended);
}

#[test]
fn s20_a_request_races_the_end_of_all_other_sessions() {
    explore("revoke others", 150, merging, with(Act::RevokeOthers, &HARMLESS), this_one_lives);
}

#[test]
fn s20_two_requests_race_the_end_of_all_other_sessions() {
    explore(
        "revoke others, and two requests",
        1_000,
        merging,
        with_two(Act::RevokeOthers, &RIVALS[..3]),
        this_one_lives,
    );
}
