//! Measures what the list of a principal's sessions costs, among a thousand and among a million, and prints one table.

fn main() -> session_benches::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    session_benches::run_registry(&arguments)
}
