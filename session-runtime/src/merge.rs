//! A field that two requests changed: what becomes of it where it has a `merge`.

mod binding;
pub mod rules;

use std::borrow::Cow;
use std::fmt;

pub(crate) use binding::BINDING_RULE;

use crate::envelope::KeptContext;
use crate::error::{SessionError, StoreError};
use crate::record::{Bindings, Delta, Record, Staged, Stamp, is_field};

/// How two changes of one field become one, whatever the field's type.
pub trait Rule: Send + Sync {
    /// The field's stored name.
    fn name(&self) -> &'static str;

    /// Appends the encoded value that both changes make; `Removed` if they leave none. Envelopes are opened and closed with the context.
    ///
    /// # Errors
    ///
    /// If that value cannot be encoded.
    fn merge(&self, sides: Sides<'_>, context: Option<&KeptContext>, out: &mut Vec<u8>)
    -> Result<Staged, SessionError>;
}

/// The three encoded values that a merge is about; `None` where nothing is stored.
#[derive(Clone, Copy)]
pub struct Sides<'a> {
    /// What both started from.
    pub(crate) base: Option<&'a [u8]>,
    /// What others made of it.
    pub(crate) theirs: Option<&'a [u8]>,
    /// What this request made of it.
    pub(crate) ours: Option<&'a [u8]>,
    /// What this request read of the base, without an envelope, where that was kept.
    pub(crate) seen: Option<&'a [u8]>,
}

/// Which fields of a delta are merged with what others made of them, and what each was made from.
///
/// Boxed, for the many requests that have none.
#[derive(Clone, Default)]
pub(crate) struct Merges(Option<Box<List>>);

#[derive(Clone, Default)]
struct List(Vec<Merge>);

/// One such field.
#[derive(Clone)]
struct Merge {
    rule: &'static dyn Rule,
    /// The record that the request changed it in.
    base: Record,
    /// What the request read there, without an envelope, where that was kept.
    seen: Option<Box<[u8]>>,
    /// What was around it, where its values may be in envelopes.
    context: Option<Box<KeptContext>>,
    /// Commits of it whose answers were lost, the latest first.
    tried: Vec<Tried>,
    /// The version that the first of those was written over of which no more is known.
    untold: Option<u64>,
}

/// What a commit wrote that may or may not have happened.
#[derive(Clone)]
struct Tried {
    stamp: Stamp,
    /// No later than the version that it was written over.
    version: u64,
    value: Option<Box<[u8]>>,
}

/// How many unanswered commits of a field are remembered with their values.
const MAX_TRIED: usize = 8;

impl Merges {
    #[inline]
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The first field's name.
    pub(crate) fn first(&self) -> Option<&'static str> {
        self.all().iter().map(|merge| merge.rule.name()).find(|name| is_field(name.as_bytes()))
    }

    /// Adds a field that was changed from what it is in `base`; `before` knows of earlier commits of it.
    pub(crate) fn push(
        &mut self,
        rule: &'static dyn Rule,
        base: &Record,
        around: Option<(KeptContext, Option<&[u8]>)>,
        before: Option<&Self>,
    ) {
        let before = before.and_then(|before| before.find(rule.name()));
        let tried = before.map(|merge| merge.tried.clone()).unwrap_or_default();
        let untold = before.and_then(|merge| merge.untold);
        let (context, seen) = around.map_or((None, None), |(context, seen)| (Some(context), seen));
        let (context, seen) = (context.map(Box::new), seen.map(Box::from));
        self.0.get_or_insert_default().0.push(Merge { rule, base: base.clone(), seen, context, tried, untold });
    }

    /// Adds an entry that is to be asked before all others.
    pub(crate) fn push_first(&mut self, rule: &'static dyn Rule, base: &Record) {
        let merge = Merge { rule, base: base.clone(), seen: None, context: None, tried: Vec::new(), untold: None };
        self.0.get_or_insert_default().0.insert(0, merge);
    }

    /// What of `delta` is to be written where `current` is stored: in a field that others changed too, what both changes make.
    ///
    /// # Errors
    ///
    /// If a merged value cannot be encoded, or nobody can tell whether an unanswered commit has happened.
    pub(crate) fn onto<'a>(&self, delta: &'a Delta, current: &Record) -> Result<Cow<'a, Delta>, SessionError> {
        let mut written = Cow::Borrowed(delta);
        for merge in self.all() {
            let name = merge.rule.name();
            let Some(ours) = delta.get(name) else { continue };
            let theirs = current.get(name);
            let base = merge.base_in(current)?;
            if theirs == base {
                continue;
            }
            match merge.decide(merge.sides(base, theirs, ours), &current.bindings())? {
                merged if merged.as_deref() == theirs => written.to_mut().forget(name),
                Some(merged) => written.to_mut().set(name, &merged),
                None => written.to_mut().remove(name),
            }
        }
        Ok(written)
    }

    /// What `delta` holds where there is no session any more: of each field, what this request alone made.
    ///
    /// # Errors
    ///
    /// If a value cannot be encoded.
    pub(crate) fn alone<'a>(&self, delta: &'a Delta) -> Result<Cow<'a, Delta>, SessionError> {
        let mut written = Cow::Borrowed(delta);
        for merge in self.all() {
            let name = merge.rule.name();
            let base = merge.base.get(name);
            if let Some(ours @ Some(_)) = delta.get(name)
                && base.is_some()
            {
                match merge.merged(merge.sides(base, None, ours), &Bindings::default())? {
                    Some(merged) => written.to_mut().set(name, &merged),
                    None => written.to_mut().forget(name),
                }
            }
        }
        Ok(written)
    }

    /// Notes that this delta is committed with this stamp to a record of this version or a later one, should the answer be lost.
    pub(crate) fn note_tried(&mut self, stamp: Stamp, version: u64, delta: &Delta) {
        for merge in self.0.iter_mut().flat_map(|list| &mut list.0) {
            let Some(value) = delta.get(merge.rule.name()) else { continue };
            if merge.tried.len() == MAX_TRIED
                && let Some(oldest) = merge.tried.pop()
            {
                merge.untold = merge.untold.or(Some(oldest.version));
            }
            merge.tried.insert(0, Tried { stamp, version, value: value.map(Box::from) });
        }
    }

    /// Notes that the commit with this stamp did not happen.
    pub(crate) fn forget_tried(&mut self, stamp: Stamp) {
        for merge in self.0.iter_mut().flat_map(|list| &mut list.0) {
            merge.tried.retain(|tried| tried.stamp != stamp);
        }
    }

    /// Adds those of fields that are not here.
    pub(crate) fn carry(&mut self, others: &Self) {
        let more: Vec<_> =
            others.all().iter().filter(|merge| self.find(merge.rule.name()).is_none()).cloned().collect();
        if !more.is_empty() {
            self.0.get_or_insert_default().0.extend(more);
        }
    }

    /// Whether a field here is changed by `delta` too.
    pub(crate) fn overlap(&self, delta: &Delta) -> bool {
        self.all().iter().any(|merge| delta.get(merge.rule.name()).is_some())
    }

    /// Merges the fields of `later` with those of an earlier delta of the same request, which has `self` for its own: `later` is to be written
    /// over it afterwards, with the merges that are returned. What is sealed in the earlier delta is for these bindings.
    ///
    /// # Errors
    ///
    /// If a merged value cannot be encoded.
    pub(crate) fn followed_by(
        &self,
        earlier: &Delta,
        laters: Self,
        later: &mut Delta,
        bindings: &Bindings,
    ) -> Result<Self, SessionError> {
        // What the later delta replaces without a merge is no longer merged.
        let mut all: Vec<_> =
            self.all().iter().filter(|merge| later.get(merge.rule.name()).is_none()).cloned().collect();
        for mut merge in laters.0.into_iter().flat_map(|list| list.0) {
            let name = merge.rule.name();
            let (Some(theirs), Some(ours)) = (earlier.get(name), later.get(name)) else {
                all.push(merge);
                continue;
            };
            match merge.decide(merge.sides(merge.base.get(name), theirs, ours), bindings)? {
                Some(both) => later.set(name, &both),
                None => later.remove(name),
            }
            // What was set before without a merge stays a value to be set.
            if let Some(before) = self.find(name) {
                merge.tried = before.tried_with(&merge, bindings)?;
                merge.untold = before.untold.or(merge.untold);
                merge.base = before.base.clone();
                merge.seen.clone_from(&before.seen);
                all.push(merge);
            }
        }
        Ok(Self((!all.is_empty()).then(|| Box::new(List(all)))))
    }

    fn find(&self, name: &str) -> Option<&Merge> {
        self.all().iter().find(|merge| merge.rule.name() == name)
    }

    fn all(&self) -> &[Merge] {
        self.0.as_ref().map_or(&[], |list| &list.0)
    }
}

impl Merge {
    /// What becomes of a field: asks for a merge only where both sides changed it, and this one did not clear it.
    fn decide(&self, sides: Sides<'_>, more: &Bindings) -> Result<Option<Box<[u8]>>, SessionError> {
        let Sides { base, theirs, ours, .. } = sides;
        if theirs == base || ours.is_none() {
            return Ok(ours.map(Box::from));
        }
        if ours == base {
            return Ok(theirs.map(Box::from));
        }
        self.merged(sides, more)
    }

    /// What both sides make, of which one may be sealed for more bindings.
    fn merged(&self, sides: Sides<'_>, more: &Bindings) -> Result<Option<Box<[u8]>>, SessionError> {
        let mut context = self.context.as_deref().cloned();
        if let Some(context) = &mut context {
            context.unite(more);
        }
        let mut merged = Vec::new();
        let staged = self.rule.merge(sides, context.as_ref(), &mut merged)?;
        Ok((staged != Staged::Removed).then(|| merged.into()))
    }

    fn sides<'a>(&'a self, base: Option<&'a [u8]>, theirs: Option<&'a [u8]>, ours: Option<&'a [u8]>) -> Sides<'a> {
        let seen = self.seen.as_deref().filter(|_| base == self.base.get(self.rule.name()));
        Sides { base, theirs, ours, seen }
    }

    /// What the field was made from, as far as `current` does not hold the change already.
    fn base_in(&self, current: &Record) -> Result<Option<&[u8]>, StoreError> {
        if let Some(happened) = self.tried.iter().find(|tried| current.has_stamp(tried.stamp)) {
            return Ok(happened.value.as_deref());
        }
        let forgotten = self.tried.iter().any(|tried| current.may_have_forgotten(tried.version));
        if forgotten || self.untold.is_some_and(|version| current.version() > version) {
            let reason =
                "a save was not answered, and too many came since to tell what became of it: reload the session";
            return Err(StoreError::unreachable(reason));
        }
        Ok(self.base.get(self.rule.name()))
    }

    /// What of it is stored, should the commit with this stamp have happened.
    fn base_after(&self, stamp: Stamp) -> Option<&[u8]> {
        match self.tried.iter().find(|tried| tried.stamp == stamp) {
            Some(tried) => tried.value.as_deref(),
            None => self.base.get(self.rule.name()),
        }
    }

    /// What the lost commits of this change and a later one have written together.
    fn tried_with(&self, later: &Self, bindings: &Bindings) -> Result<Vec<Tried>, SessionError> {
        let mut together: Vec<Tried> = Vec::new();
        for &Tried { stamp, version, .. } in later.tried.iter().chain(&self.tried) {
            if together.iter().all(|tried| tried.stamp != stamp) {
                let (theirs, ours) = (self.base_after(stamp), later.base_after(stamp));
                let sides = later.sides(later.base.get(self.rule.name()), theirs, ours);
                // What the later one did not change is not what it cleared.
                let value = if ours == sides.base { theirs.map(Box::from) } else { later.decide(sides, bindings)? };
                together.push(Tried { stamp, version, value });
            }
        }
        Ok(together)
    }
}

impl fmt::Debug for Sides<'_> {
    /// Lengths, never values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lengths = [self.base, self.theirs, self.ours].map(|side| side.map(<[u8]>::len));
        f.debug_tuple("Sides").field(&lengths).finish()
    }
}

impl fmt::Debug for Merges {
    /// The fields' names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.all().iter().map(|merge| merge.rule.name())).finish()
    }
}
