#![deny(warnings)]

use session_runtime::{Session, SessionHandle};

#[derive(Session)]
struct Unit;

#[derive(Session)]
struct Empty {}

#[derive(Session)]
#[session()]
struct Skipped {
    #[session(skip)]
    cache: Vec<u8>,
}

fn main() {
    let handle = SessionHandle::detached();
    let mut unit = handle.get::<Unit>().unwrap();
    unit.replace(unit.snapshot());
    assert!(!unit.is_modified());
    assert!(!handle.get::<Empty>().unwrap().is_modified());
    let mut skipped = handle.get::<Skipped>().unwrap();
    skipped.replace(Skipped { cache: vec![1] });
    assert!(skipped.snapshot().cache.is_empty());
}
