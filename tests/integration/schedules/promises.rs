//! What holds in every schedule, each promise on its own.

use std::collections::BTreeSet;

use axum::http::StatusCode;
use session_runtime::StoreKey;

use super::act::{Act, Change};
use super::cookies::Said;
use super::history::{History, Standing};
use super::run::Outcome;
use super::stepped::{Fields, Told, Verb};

/// What was seen that should not be.
pub(super) type Checked = Result<(), String>;

pub(super) fn every_request_succeeds(outcome: &Outcome, _: &History<'_>) -> Checked {
    match outcome.answers.iter().position(|answer| answer.status != StatusCode::OK) {
        Some(request) => Err(format!("r{request} was answered {}", outcome.answers[request].status)),
        None => Ok(()),
    }
}

/// A change of a request that succeeded is in the session until another changes the same field, unless the session ended, or its id was dead to
/// the request when it came to commit.
pub(super) fn no_write_is_lost(outcome: &Outcome, history: &History<'_>) -> Checked {
    for step in &history.steps {
        let reachable = matches!(step.standing, Standing::Current | Standing::Graceful);
        if reachable && is_dead(step.call.answer) {
            return Err("a live session was not found".to_owned());
        }
    }
    for request in 0..outcome.acts.len() {
        let met_a_dead_id = history.steps_of(request).any(|(_, step)| is_dead(step.call.answer));
        if history.wishes_left(request) > 0 && !met_a_dead_id {
            return Err(format!("r{request} wrote nothing, though its session was there"));
        }
    }
    for (index, step) in history.steps.iter().enumerate() {
        let Some(life) = step.life.filter(|life| !history.lives[*life].ended) else {
            continue;
        };
        let stored = outcome.opens.get(&history.lives[life].key).map(|opened| &opened.fields);
        let later = || history.steps[index + 1..].iter().filter(|later| later.life == Some(life));
        for change in step.wish {
            let overwritten = later().any(|later| later.wish.iter().any(|other| other.field() == change.field()));
            if !overwritten && !holds(stored, *change) {
                return Err(format!("{change:?} of r{} is gone", step.call.by));
            }
        }
    }
    Ok(())
}

/// Whether the store says that the key leads nowhere.
fn is_dead(answer: Told) -> bool {
    matches!(answer, Told::Missing | Told::Renamed)
}

fn holds(stored: Option<&Fields>, change: Change) -> bool {
    match change {
        Change::Set(field, value) => {
            stored.and_then(|stored| stored.get(field)).is_some_and(|stored| *stored == value.to_string())
        }
        // `every_addition_counts`
        Change::Plus(..) => true,
        Change::Drop(field) => stored.is_some_and(|stored| !stored.contains_key(field)),
    }
}

/// What was added to a field stays added, whoever else adds at the same time, until somebody clears it.
pub(super) fn every_addition_counts(outcome: &Outcome, history: &History<'_>) -> Checked {
    let planted = outcome.planted.as_ref().map_or(0, |planted| sum(&planted.fields));
    for (number, life) in history.lives.iter().enumerate().filter(|(_, life)| !life.ended) {
        let before = if number == 0 { planted } else { 0 };
        let changes = history.steps.iter().filter(|step| step.life == Some(number)).flat_map(|step| step.wish);
        let expected = changes.filter(|change| change.field() == "sum").fold(before, |sum, change| match change {
            Change::Plus(_, more) => sum + more,
            Change::Set(..) | Change::Drop(_) => 0,
        });
        let stored = outcome.opens.get(&life.key).map_or(0, |opened| sum(&opened.fields));
        if stored != expected {
            return Err(format!("{stored} is the sum, not {expected}"));
        }
    }
    Ok(())
}

fn sum(fields: &Fields) -> u32 {
    fields.get("sum").map_or(0, |sum| sum.parse().expect("a number"))
}

/// Right after each commit, and at the end, a session holds what the requests that committed to it wrote, in the order of their commits: whoever
/// read, touched, or wrote another field brings no old value back.
pub(super) fn nothing_reverts(outcome: &Outcome, history: &History<'_>) -> Checked {
    for step in history.steps.iter().filter(|step| step.call.commits()) {
        let ends = step.call.verb == Verb::Remove || step.call.answer == Told::Emptied;
        if step.call.answer == Told::Emptied && !step.expected.is_empty() {
            return Err(format!("r{} ended a session that still held {:?}", step.call.by, step.expected));
        }
        if !ends && step.call.left.as_ref() != Some(&step.expected) {
            return Err(format!("r{} left {:?}, not {:?}", step.call.by, step.call.left, step.expected));
        }
    }
    for life in history.living() {
        let stored = outcome.opens.get(&life.key).filter(|opened| opened.key == life.key).map(|opened| &opened.fields);
        if stored != Some(&life.fields) {
            return Err(format!("{stored:?} is stored in the end, not {:?}", life.fields));
        }
    }
    Ok(())
}

/// An id that is dead opens nothing and takes no commit; a session that begins holds only what its request set, and only a sign-in begins one
/// in place of a session that it had found alive, or that is alive under another id.
pub(super) fn no_session_is_revived(outcome: &Outcome, history: &History<'_>) -> Checked {
    for (index, step) in history.steps.iter().enumerate().filter(|(_, step)| step.call.commits()) {
        let by = step.call.by;
        if step.call.verb != Verb::Insert {
            if step.standing != Standing::Current {
                return Err(format!("r{by} committed to an id that is {:?}", step.standing));
            }
            continue;
        }
        if step.call.left.as_ref() != Some(&step.expected) {
            return Err(format!("r{by} began a session of {:?}, but set {:?}", step.call.left, step.expected));
        }
        if came_for_one(history, by, index) && !outcome.acts[by].signs_in() {
            return Err(format!("r{by} began a session in place of one that had ended or moved on"));
        }
    }
    for key in history.keys() {
        let is_dead = matches!(history.standing(key), Standing::Ended | Standing::Renamed);
        if is_dead && outcome.opens.contains_key(key) {
            return Err("a dead id opens a session".to_owned());
        }
    }
    Ok(())
}

/// Whether this request had found a session before this step, or heard that it was renamed.
fn came_for_one(history: &History<'_>, request: usize, before: usize) -> bool {
    let mut loads = history.steps_of(request).take_while(|(index, _)| *index < before);
    loads.any(|(_, step)| step.call.verb == Verb::Load && matches!(step.call.answer, Told::Done | Told::Renamed))
}

/// Somebody who signs in is signed in, even where the session ended that they came with; but not to what it held.
pub(super) fn a_sign_in_signs_in(outcome: &Outcome, history: &History<'_>) -> Checked {
    let signs_in = |request: &usize| outcome.acts[*request].signs_in();
    let is_signed_in = |request: &usize| history.steps_of(*request).any(|(_, step)| !step.wish.is_empty());
    match (0..outcome.acts.len()).filter(signs_in).find(|request| !is_signed_in(request)) {
        Some(request) => Err(format!("r{request} signed in to no session")),
        None => Ok(()),
    }
}

/// The ids from before a sign-in open nothing after it: somebody else may have planted them.
pub(super) fn no_id_outlives_a_sign_in(outcome: &Outcome, history: &History<'_>) -> Checked {
    let mut renames = history.steps.iter().filter(|step| matches!(step.call.verb, Verb::Rename { .. }));
    let planted = outcome.planted.as_ref().map(|planted| planted.key);
    let outlived = renames.find(|step| {
        let opens = |key: &StoreKey| outcome.opens.contains_key(key);
        let signed_in = step.call.commits() && outcome.acts[step.call.by].signs_in();
        signed_in && (opens(&step.call.key) || planted.as_ref().is_some_and(opens))
    });
    outlived.map_or(Ok(()), |step| Err(format!("an id from before the sign-in of r{} opens a session", step.call.by)))
}

/// An id that was renewed by its age leads to the session until its grace ends.
pub(super) fn a_renewed_id_answers_during_its_grace(outcome: &Outcome, history: &History<'_>) -> Checked {
    let mut graceful = history.keys().filter(|key| history.standing(key) == Standing::Graceful);
    let current = |key| history.living().any(|life| life.key == key);
    match graceful.find(|key| !outcome.opens.get(key).is_some_and(|opened| current(opened.key))) {
        Some(_) => Err("an id in its grace opens nothing".to_owned()),
        None => Ok(()),
    }
}

/// Whoever signs out of a session that was there ends it, under whatever id it has become.
pub(super) fn a_sign_out_wins_over_every_rename(outcome: &Outcome, history: &History<'_>) -> Checked {
    for (request, act) in outcome.acts.iter().enumerate() {
        if !matches!(act, Act::SignOut | Act::Switch | Act::SaveAThenSignOut) {
            continue;
        }
        let mut steps = history.steps_of(request);
        let leads = |answer| matches!(answer, Told::Done | Told::Renamed);
        let found = steps.find(|(_, step)| step.call.verb == Verb::Load && leads(step.call.answer));
        if let Some(life) = found.and_then(|(_, step)| step.life)
            && !history.lives[life].ended
        {
            return Err(format!("the session lives on that r{request} signed out of"));
        }
    }
    Ok(())
}

/// Of every session that is alive at the end its client was told an id that leads to it.
pub(super) fn no_session_is_out_of_reach(outcome: &Outcome, history: &History<'_>) -> Checked {
    let planted = outcome.planted.iter().map(|planted| planted.key);
    let told = outcome.said.iter().filter_map(|said| match said {
        Said::Hold(key) => Some(*key),
        Said::Nothing | Said::Drop => None,
    });
    let reached: BTreeSet<_> = planted.chain(told).filter_map(|key| Some(outcome.opens.get(&key)?.key)).collect();
    match history.living().find(|life| !reached.contains(&life.key)) {
        Some(life) => Err(format!("no cookie ever led to the session of {:?}", life.fields)),
        None => Ok(()),
    }
}
