//! What a flaw makes of a commit, and of a record.

use std::collections::BTreeMap;

use session_runtime::record::Record;
use session_runtime::store::{Applied, ExpiryChange, PrincipalChange, Update};

use super::Flaw;

/// What an update makes of the record that is there.
pub(super) fn update(flaw: Option<Flaw>, update: &Update<'_>, current: &Record) -> Applied {
    let anyway = || Applied::Write(current.apply_stamped(update.delta(), update.stamp()));
    match (update.apply_to(current), flaw) {
        (Applied::Write(next), Some(Flaw::CountsTwice)) => {
            let version = next.version();
            Applied::Write(next.at_version(version + 1))
        }
        (Applied::Write(next), Some(Flaw::UpdateLosesUnknownEntries)) => Applied::Write(without_unknown_entries(&next)),
        (Applied::Write(next), Some(Flaw::RemovesOneFieldAtMost)) => {
            let removed = update.delta().iter().filter(|(_, value)| value.is_none()).skip(1);
            let kept: Vec<_> = removed.filter_map(|(name, _)| Some((name, current.get(name)?))).collect();
            Applied::Write(rebuilt(&next, |entries| {
                entries.extend(kept.iter().map(|(name, value)| ((*name).to_owned(), value.to_vec())));
            }))
        }
        (Applied::Write(next), Some(Flaw::UpdateIgnoresOwners)) => {
            Applied::Write(next.owned_by(current.principal().map(Into::into)))
        }
        (Applied::Write(next), Some(Flaw::EndsEmptySessionsUnasked)) if next.is_empty() => Applied::Empty,
        (Applied::Write(next), Some(Flaw::SetOnlyShortens))
            if matches!(update.expiry_change(), ExpiryChange::Set(_)) =>
        {
            let expires = next.expires().min(current.expires());
            Applied::Write(next.expiring(expires))
        }
        (Applied::Write(next), Some(Flaw::ExtendsOwnLifetimes)) => match update.expiry_change() {
            ExpiryChange::Extend(expires) => {
                let later = next.expires().max(expires);
                Applied::Write(next.expiring(later))
            }
            ExpiryChange::Keep | ExpiryChange::Set(_) => Applied::Write(next),
        },
        (Applied::Empty, Some(Flaw::CountsALifetimeAsField)) if current.own_lifetime().is_some() => anyway(),
        (Applied::Repeated, Some(Flaw::RepeatedUpdateWrites)) => anyway(),
        (applied, _) => applied,
    }
}

/// What a rename makes of the record that is there.
pub(super) fn rename(flaw: Option<Flaw>, update: &Update<'_>, current: &Record) -> Applied {
    let anyway = || Applied::Write(current.apply_stamped(update.delta(), update.stamp()));
    match (update.apply_to(current), flaw) {
        (_, Some(Flaw::RenameRefusesForGood)) if update.required_version().is_some() => Applied::Outdated,
        (Applied::Outdated, Some(Flaw::RenameIgnoresTheVersion))
        | (Applied::Empty, Some(Flaw::RenameKeepsEmptySessions)) => anyway(),
        (Applied::Write(_), Some(Flaw::RenameEmptiesByItsBase))
            if update.removes_if_empty() && update.base().apply(update.delta()).is_empty() =>
        {
            Applied::Empty
        }
        (Applied::Write(next), Some(Flaw::RenameNeverExtends))
            if matches!(update.expiry_change(), ExpiryChange::Extend(_)) =>
        {
            Applied::Write(next.expiring(current.expires()))
        }
        (Applied::Write(next), Some(Flaw::RenameUndoesTouches)) if update.base().version() == current.version() => {
            Applied::Write(next.expiring(update.expiry_change().applied_to(update.base())))
        }
        (Applied::Write(next), Some(Flaw::RenameDropsTheOwner))
            if *update.principal_change() == PrincipalChange::Keep =>
        {
            Applied::Write(next.owned_by(None))
        }
        (Applied::Write(next), Some(Flaw::RenameLosesUnknownEntries)) => Applied::Write(without_unknown_entries(&next)),
        (applied, _) => applied,
    }
}

/// A record as it is kept.
pub(super) fn kept(flaw: Option<Flaw>, record: &Record) -> Record {
    match flaw {
        Some(Flaw::FoldsNames) => rebuilt(record, |entries| {
            *entries = std::mem::take(entries).into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect();
        }),
        Some(Flaw::LosesEmptyValues) => rebuilt(record, |entries| entries.retain(|_, value| !value.is_empty())),
        Some(Flaw::LimitsFields) => rebuilt(record, |entries| {
            while entries.len() > 100 {
                entries.pop_last();
            }
        }),
        _ => record.clone(),
    }
}

/// The record without the entries of the runtime's that are neither its lifetime nor its stamps.
fn without_unknown_entries(record: &Record) -> Record {
    rebuilt(record, |entries| entries.retain(|name, _| !name.starts_with('@') || name == "@l" || name == "@s"))
}

/// The record with its entries changed.
pub(super) fn rebuilt(record: &Record, change: impl FnOnce(&mut BTreeMap<String, Vec<u8>>)) -> Record {
    let mut entries = record.entries().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    change(&mut entries);
    Record::from_entries(entries, record.created(), record.expires())
        .expect("entries of a record")
        .at_version(record.version())
        .owned_by(record.principal().map(Into::into))
}
