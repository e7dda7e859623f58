//! What a client holds in the end, in whatever order the responses reach it.

use session_runtime::{SessionId, StoreKey};
use session_tests::Answer;

use super::choices::Choices;
use super::history::{History, Standing};
use super::promises::Checked;
use super::run::Outcome;
use super::stepped::{Told, Verb};

/// What a response says about the cookie.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Said {
    Nothing,
    /// Hold the id of this key.
    Hold(StoreKey),
    Drop,
}

/// What this answer says about the cookie.
pub(super) fn said(answer: &Answer) -> Said {
    if answer.sets_no_cookie() {
        return Said::Nothing;
    }
    let cookie = answer.set_cookie();
    if cookie.max_age() == Some(0) {
        return Said::Drop;
    }
    Said::Hold(SessionId::parse(cookie.value.as_bytes()).expect("an id").store_key())
}

/// The cookie tells of what its own request did: it is removed by whoever ended a session that the client had, and set by whoever committed to
/// the session of that id, which was alive then.
pub(super) fn a_cookie_tells_of_its_own_commit(outcome: &Outcome, history: &History<'_>) -> Checked {
    for (request, said) in outcome.said.iter().enumerate() {
        let commits = || history.steps_of(request).filter(|(_, step)| step.call.commits()).map(|(_, step)| step.call);
        let ended = || commits().any(|call| call.verb == Verb::Remove || call.answer == Told::Emptied);
        let inserted = || commits().any(|call| call.verb == Verb::Insert);
        match *said {
            Said::Nothing if ended() && !inserted() => {
                return Err(format!("r{request} ended a session and says nothing"));
            }
            Said::Nothing => {}
            Said::Drop if ended() => {}
            Said::Drop => return Err(format!("r{request} removes the cookie of a session that it did not end")),
            Said::Hold(key) => {
                let last = history.steps_of(request).next_back().map_or(0, |(last, _)| last);
                let own = commits().any(|call| match call.verb {
                    Verb::Rename { to, .. } => to == key,
                    _ => call.key == key,
                });
                if !own {
                    return Err(format!("r{request} sets the cookie of a session that it did not commit to"));
                }
                if died_by(history, key, last) {
                    return Err(format!("r{request} sets the cookie of an id that was dead"));
                }
            }
        }
    }
    Ok(())
}

/// Whether the key was given up, or its session ended, up to this step.
fn died_by(history: &History<'_>, key: StoreKey, last: usize) -> bool {
    history.steps[..=last].iter().any(|step| {
        let kills = matches!(step.call.verb, Verb::Rename { .. } | Verb::Remove) || step.call.answer == Told::Emptied;
        step.call.commits() && step.call.key == key && kills
    })
}

/// Responses that arrive in the order of their commits leave the client with the session that the last of them began or renamed, alive and
/// under the id that it has now, unless that was a sign-out.
pub(super) fn in_the_order_of_commits_nobody_is_signed_out(outcome: &Outcome, history: &History<'_>) -> Checked {
    let last_commit = |request: &usize| {
        let mut commits = history.steps_of(*request).filter(|(_, step)| step.call.commits());
        commits.next_back().map(|(index, _)| index)
    };
    let mut order: Vec<_> = (0..outcome.answers.len()).collect();
    order.sort_by_key(last_commit);
    let held = jar(outcome, &order).filter(|held| outcome.opens.contains_key(held));
    let expected = to_be_held(outcome, history, &order).map(|life| history.lives[life].key);
    if held == expected {
        return Ok(());
    }
    Err(format!("the client holds {held:?}, and should hold {expected:?}"))
}

/// The session that a client is to hold who is told in this order what the requests did.
fn to_be_held(outcome: &Outcome, history: &History<'_>, order: &[usize]) -> Option<usize> {
    let mut held = outcome.planted.as_ref().map(|_| 0);
    for request in order {
        let before = held;
        let mut begun = None;
        for (_, step) in history.steps_of(*request).filter(|(_, step)| step.call.commits()) {
            let ends = step.call.verb == Verb::Remove || step.call.answer == Told::Emptied;
            match step.call.verb {
                // Of a session that a request began and ended the client never hears.
                _ if ends => held = before.filter(|_| begun.is_some() && begun == step.life),
                Verb::Insert => (held, begun) = (step.life, step.life),
                Verb::Rename { .. } => held = step.life,
                Verb::Load | Verb::Update | Verb::Touch | Verb::Remove | Verb::List => {}
            }
        }
    }
    held
}

/// Whatever the order in which the responses arrive, the client holds nothing that opens, or a session of its own that is alive and whose user
/// is the one that its last sign-in says.
pub(super) fn in_any_order_the_client_is_at_worst_signed_out(outcome: &Outcome, history: &History<'_>) -> Checked {
    let mut choices = Choices::default();
    loop {
        let mut rest: Vec<_> = (0..outcome.answers.len()).collect();
        let mut order = Vec::new();
        while !rest.is_empty() {
            order.push(rest.remove(choices.choose(rest.len())));
        }
        if let Some(opened) = jar(outcome, &order).and_then(|held| outcome.opens.get(&held)) {
            let life = history.lives.iter().find(|life| life.key == opened.key);
            let alive = life.filter(|_| history.standing(&opened.key) == Standing::Current);
            let Some(life) = alive else {
                return Err(format!("answers in the order {order:?} lead to a session that had ended"));
            };
            if opened.fields.get("user") != life.fields.get("user") {
                return Err(format!("answers in the order {order:?} lead to another's session"));
            }
        }
        if !choices.turn() {
            return Ok(());
        }
    }
}

/// The key of the id that the client holds after answers in this order.
fn jar(outcome: &Outcome, order: &[usize]) -> Option<StoreKey> {
    let mut held = outcome.planted.as_ref().map(|planted| planted.key);
    for request in order {
        match outcome.said[*request] {
            Said::Nothing => {}
            Said::Hold(key) => held = Some(key),
            Said::Drop => held = None,
        }
    }
    held
}
