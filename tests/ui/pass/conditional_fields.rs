#![deny(warnings)]

use session_runtime::{Session, SessionHandle};

#[derive(Session)]
#[cfg_attr(all(), session(namespace = "web"))]
struct Visits {
    hits: u32,
    #[cfg(any())]
    absent: NoSuchType,
    #[cfg(all())]
    present: u32,
    #[cfg_attr(all(), session(rename = "last_page"))]
    page: String,
}

fn main() {
    let mut visits = SessionHandle::detached().get::<Visits>().unwrap();
    visits.set_present(visits.hits() + 1);
    visits.set_page("a");
    assert_eq!(visits.changed_fields(), ["web.present", "web.last_page"]);
}
