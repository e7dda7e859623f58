//! What is deprecated says so where it is used, not where it is declared.
#![deny(warnings)]

use session_runtime::{Session, SessionHandle};

#[deprecated]
#[derive(serde::Serialize, serde::Deserialize, Default)]
struct Old;

#[derive(Session)]
struct Visits {
    #[deprecated = "count pages"]
    hits: u32,
    #[allow(deprecated)]
    old: Option<Old>,
    #[expect(deprecated)]
    older: Old,
    pages: u32,
}

#[expect(deprecated)]
fn read(visits: &Session<Visits>) -> u32 {
    visits.hits()
}

fn main() {
    let visits = SessionHandle::detached().get::<Visits>().unwrap();
    assert_eq!(read(&visits), visits.pages());
    assert!(visits.old().is_none());
    let _ = (visits.older(), visits.snapshot().pages);
}
