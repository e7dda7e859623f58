use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

struct Handlers;

impl Handlers {
    const LIMIT: u32 = 3;

    #[session(autoload)]
    async fn count(visits: &mut Session<Visits>) -> String {
        visits.set_hits(Self::LIMIT);
        String::new()
    }
}

fn main() {}
