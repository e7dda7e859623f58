use session_runtime::{Session, session};

#[derive(Session)]
struct Visits {
    hits: u32,
}

struct Handlers;

impl Handlers {
    #[session(autoload)]
    async fn count(&self, visits: &mut Session<Visits>) {
        visits.set_hits(1);
    }
}

fn main() {}
