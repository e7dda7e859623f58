use session_runtime::Session;

#[derive(Session)]
#[session(colour = "red")]
struct Visits(u32, String);

fn read(visits: &Session<Visits>) -> u32 {
    visits.0
}

fn main() {}
