//! What a newcomer writes first, and what reads a session where it changes it.
#![deny(warnings)]

use serde::{Deserialize, Serialize};
use session_runtime::{Session, SessionHandle};

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct UserId(u64);

impl From<u64> for UserId {
    fn from(id: u64) -> Self {
        Self(id)
    }
}

#[derive(Session)]
struct Visits {
    hits: u32,
    other: u32,
    name: String,
    user: Option<UserId>,
    last: Option<u32>,
    pages: Vec<String>,
}

fn change(v: &mut Session<Visits>) {
    v.set_hits(v.hits() + 1);
    v.set_name(format!("{}!", v.name()));
    *v.hits_mut() += v.other();
    v.set_name("a");
    v.set_name('c');
    v.set_user(1);
    v.set_user(UserId(2));
    v.set_last(3);
    *v.last_mut() = v.last().map(|last| last + 1);
    *v.pages_mut() = ["a", "b"].into_iter().map(String::from).collect();
    v.set_pages(vec![]);
    let name = v.name().clone();
    v.pages_mut().push(name);
    assert_eq!(v.take_user(), Some(UserId(2)));
    assert_eq!(v.user(), None);
    v.clear_last();
}

fn main() {
    let mut visits = SessionHandle::detached().get::<Visits>().unwrap();
    change(&mut visits);
    assert_eq!((visits.hits(), visits.name().as_str(), visits.last()), (1, "c", None));
    assert_eq!(visits.pages(), &["c"]);
    let mut all: Visits = visits.snapshot();
    all.hits += 1;
    visits.replace(all);
    assert_eq!(visits.hits(), 2);
}
