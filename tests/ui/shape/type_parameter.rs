use session_runtime::Session;

#[derive(Session)]
struct Visits<T, const N: usize> {
    hits: T,
    last: [u8; N],
}

fn main() {}
