use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    page: String,
}

#[session(autoload)]
async fn page(visits: &mut Session<Visits>, #[cfg(unix)] body: String) {
    visits.set_page(body);
}

fn main() {}
