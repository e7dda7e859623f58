#![deny(warnings)]

use session_runtime::{Session, SessionHandle};

fn main() {
    const LIMIT: u32 = 3;

    #[derive(Session)]
    struct Visits {
        #[session(default = LIMIT)]
        limit: u32,
        // Names that generated code uses too.
        value: u32,
        visit: u32,
        f: u32,
        #[session(accessor = "the_core")]
        core: u32,
    }

    let mut visits = SessionHandle::detached().get::<Visits>().unwrap();
    visits.set_value(visits.limit() + visits.visit() + visits.f() + visits.the_core());
    assert_eq!(visits.value(), 3);
}
