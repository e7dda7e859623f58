//! Measures what requests notice of a sweep over a million sessions, and prints one table.

fn main() -> session_benches::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    session_benches::run_reaper(&arguments)
}
