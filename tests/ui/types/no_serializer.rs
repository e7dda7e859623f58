use session_runtime::Session;

struct Yaml;

#[derive(Session)]
struct Visits {
    #[session(serializer = Yaml)]
    hits: u32,
}

fn main() {}
