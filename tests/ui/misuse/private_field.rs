mod visits {
    #[derive(session_runtime::Session)]
    pub struct Visits {
        hits: u32,
    }
}

fn count(visits: &mut session_runtime::Session<visits::Visits>) {
    visits.set_hits(1);
}

fn main() {}
