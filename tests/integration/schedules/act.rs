//! What a request does to its session, and what it wants of it: that is written down as it acts, whatever then becomes of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use session_runtime::{Expiry, Session, SessionError, SessionHandle};

/// A kind of request. Every value that one writes is its own: who wrote a field is seen in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Act {
    Read,
    /// A read that finds the session due to be extended.
    Touch,
    WriteA,
    /// The same, of a session that is due to be extended.
    ExtendAndWriteA,
    WriteB,
    /// Through two typed views.
    WriteBoth,
    /// Writes one field and saves, then writes another, of a session that is due to be extended.
    SaveAThenWriteB,
    /// Adds one to a field whose additions all count.
    Add,
    /// Adds one and saves, then adds another.
    SaveAddThenAdd,
    TakeFlash,
    /// Every field of one schema; the session ends if that was all.
    Clear,
    SignIn,
    /// Signs in and saves, then writes a field.
    SaveSignInThenWriteB,
    SignInAndAdd,
    /// A read that finds the id due to be renewed.
    Rotate,
    RotateAndWriteB,
    SignOut,
    /// Signs out, and in as another.
    Switch,
    /// Writes a field and saves, then signs out.
    SaveAThenSignOut,
}

/// Every kind.
pub(super) const ALL: [Act; 19] = [
    Act::Read,
    Act::Touch,
    Act::WriteA,
    Act::ExtendAndWriteA,
    Act::WriteB,
    Act::WriteBoth,
    Act::SaveAThenWriteB,
    Act::Add,
    Act::SaveAddThenAdd,
    Act::TakeFlash,
    Act::Clear,
    Act::SignIn,
    Act::SaveSignInThenWriteB,
    Act::SignInAndAdd,
    Act::Rotate,
    Act::RotateAndWriteB,
    Act::SignOut,
    Act::Switch,
    Act::SaveAThenSignOut,
];

#[derive(Session)]
struct Page {
    user: Option<u32>,
    a: u32,
    b: u32,
    flash: Option<String>,
    #[session(merge = sum)]
    sum: u32,
}

#[derive(Session)]
#[session(namespace = "cart")]
struct Cart {
    items: u32,
}

/// What a request wants of one field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Change {
    Set(&'static str, u32),
    /// So much more than is there.
    Plus(&'static str, u32),
    Drop(&'static str),
}

impl Change {
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Set(field, _) | Self::Plus(field, _) | Self::Drop(field) => field,
        }
    }
}

/// What a request wanted, commit by commit: all of one list is written at once.
#[derive(Clone, Default)]
pub(super) struct Wishes(Arc<Mutex<Vec<Vec<Change>>>>);

impl Wishes {
    pub(super) fn list(&self) -> Vec<Vec<Change>> {
        self.0.lock().expect("not poisoned").clone()
    }

    fn add(&self, changes: impl Into<Vec<Change>>) {
        self.0.lock().expect("not poisoned").push(changes.into());
    }
}

/// How long a session lives unused.
pub(super) const IDLE: Duration = Duration::from_hours(1);

/// How old a session is at the start, and its id: old enough to be due to some, and not to the others.
pub(super) const AGE: Duration = Duration::from_mins(15);

impl Act {
    /// When sessions end, as the layer of such a request sees it.
    pub(super) fn expiry(self) -> Expiry {
        let expiry = Expiry::idle(IDLE);
        match self {
            Self::Touch | Self::ExtendAndWriteA | Self::SaveAThenWriteB => expiry.touch_after(IDLE / 10),
            Self::Rotate | Self::RotateAndWriteB => expiry.touch_after(IDLE / 2).rotate_every(AGE),
            _ => expiry.touch_after(IDLE / 2),
        }
    }

    /// Whether it begins a session where the one that it came for has ended.
    pub(super) fn signs_in(self) -> bool {
        matches!(self, Self::SignIn | Self::SaveSignInThenWriteB | Self::SignInAndAdd | Self::Switch)
    }

    /// The request number `n`.
    pub(super) async fn perform(self, n: u32, handle: SessionHandle, wishes: Wishes) -> Result<(), SessionError> {
        let mut page = handle.load::<Page>().await?;
        let (user, a, b, items) = (2 + n, 10 + n, 20 + n, 30 + n);
        match self {
            Self::Read | Self::Touch | Self::Rotate => {}
            Self::WriteA | Self::ExtendAndWriteA => {
                wishes.add([Change::Set("a", a)]);
                page.set_a(a);
            }
            Self::WriteB | Self::RotateAndWriteB => write_b(&mut page, b, &wishes),
            Self::WriteBoth => {
                let mut cart = handle.load::<Cart>().await?;
                wishes.add([Change::Set("a", a), Change::Set("cart.items", items)]);
                page.set_a(a);
                cart.set_items(items);
            }
            Self::SaveAThenWriteB => {
                wishes.add([Change::Set("a", a)]);
                page.set_a(a);
                page.save().await?;
                write_b(&mut page, b, &wishes);
            }
            Self::Add => add(&mut page, &wishes),
            Self::SaveAddThenAdd => {
                add(&mut page, &wishes);
                page.save().await?;
                add(&mut page, &wishes);
            }
            Self::TakeFlash => {
                if page.take_flash().is_some() {
                    wishes.add([Change::Drop("flash")]);
                }
            }
            Self::Clear => clear(&mut page, &wishes),
            Self::SignIn => sign_in(&mut page, user, &wishes),
            Self::SignInAndAdd => {
                wishes.add([Change::Set("user", user), Change::Plus("sum", 1)]);
                page.set_user(user);
                page.regenerate_id();
                *page.sum_mut() += 1;
            }
            Self::SaveSignInThenWriteB => {
                sign_in(&mut page, user, &wishes);
                page.save().await?;
                write_b(&mut page, b, &wishes);
            }
            Self::SignOut => page.destroy(),
            Self::SaveAThenSignOut => {
                wishes.add([Change::Set("a", a)]);
                page.set_a(a);
                page.save().await?;
                page.destroy();
            }
            Self::Switch => {
                page.destroy();
                wishes.add([Change::Set("user", user)]);
                page.set_user(user);
            }
        }
        Ok(())
    }
}

fn sign_in(page: &mut Session<Page>, user: u32, wishes: &Wishes) {
    wishes.add([Change::Set("user", user)]);
    page.set_user(user);
    page.regenerate_id();
}

fn write_b(page: &mut Session<Page>, b: u32, wishes: &Wishes) {
    wishes.add([Change::Set("b", b)]);
    page.set_b(b);
}

fn add(page: &mut Session<Page>, wishes: &Wishes) {
    wishes.add([Change::Plus("sum", 1)]);
    *page.sum_mut() += 1;
}

/// What is cleared is what was seen: a field that another adds meanwhile is another's.
fn clear(page: &mut Session<Page>, wishes: &Wishes) {
    let seen = [
        ("user", page.user().is_some()),
        ("a", page.a() != 0),
        ("b", page.b() != 0),
        ("flash", page.flash().is_some()),
        ("sum", page.sum() != 0),
    ];
    let dropped: Vec<_> = seen.iter().filter(|(_, is_there)| *is_there).map(|(field, _)| Change::Drop(field)).collect();
    if !dropped.is_empty() {
        wishes.add(dropped);
    }
    page.clear();
}
