use session_runtime::Session;

#[derive(Session)]
union Visits {
    hits: u32,
}

fn main() {}
