//! The order of use, as links between slots.

/// No slot.
pub(super) const NONE: u32 = u32::MAX;

/// A slot's neighbours in the order of use; `NONE` at the ends, both where the slot is not in the list.
#[derive(Clone, Copy, Debug)]
pub(super) struct Links {
    pub(super) newer: u32,
    pub(super) older: u32,
}

impl Links {
    pub(super) const LOOSE: Self = Self { newer: NONE, older: NONE };
}

/// What holds the slots.
pub(super) trait Linked {
    /// A slot's links; `None` for [`NONE`].
    fn links(&mut self, slot: u32) -> Option<&mut Links>;
}

/// The ends of the list.
#[derive(Debug)]
pub(super) struct Order {
    newest: u32,
    oldest: u32,
}

impl Order {
    pub(super) const fn new() -> Self {
        Self { newest: NONE, oldest: NONE }
    }

    pub(super) fn newest(&self) -> u32 {
        self.newest
    }

    pub(super) fn oldest(&self) -> u32 {
        self.oldest
    }

    /// Puts a loose slot at the newest end.
    pub(super) fn push(&mut self, slot: u32, slots: &mut impl Linked) {
        if let Some(own) = slots.links(slot) {
            *own = Links { newer: NONE, older: self.newest };
        }
        match slots.links(self.newest) {
            Some(newest) => newest.newer = slot,
            None => self.oldest = slot,
        }
        self.newest = slot;
    }

    /// Takes a slot of the list out of it.
    pub(super) fn unlink(&mut self, slot: u32, slots: &mut impl Linked) {
        let Some(own) = slots.links(slot) else { return };
        let Links { newer, older } = std::mem::replace(own, Links::LOOSE);
        match slots.links(newer) {
            Some(newer) => newer.older = older,
            None => self.newest = older,
        }
        match slots.links(older) {
            Some(older) => older.newer = newer,
            None => self.oldest = newer,
        }
    }
}
