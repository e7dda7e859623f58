#![deny(warnings, unreachable_pub)]

mod visits {
    use session_runtime::Session;

    struct Secret;

    #[derive(Session)]
    pub(crate) struct Visits {
        pub(crate) hits: u32,
        pub(super) page: String,
        #[session(default = (Secret, 3).1)]
        secret: u32,
    }

    pub(crate) fn secret(visits: &Session<Visits>) -> u32 {
        visits.secret()
    }
}

fn main() {
    let handle = session_runtime::SessionHandle::detached();
    let mut visits = handle.get::<visits::Visits>().unwrap();
    visits.set_hits(visits::secret(&visits));
    visits.set_page("a");
}
