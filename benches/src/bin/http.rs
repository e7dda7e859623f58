//! Measures what sessions cost a server over HTTP, and prints one table.

fn main() -> session_benches::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    session_benches::run_http(&arguments)
}
