//! The public conformance suite: over the memory store, over a store that only swaps whole records, and over stores that are wrong on purpose.

mod swap_store;

pub(crate) use swap_store::SwapStore;

mod flawed_store;
mod flaws;
mod real_time;

mod memory {
    use session_runtime::MemoryStore;

    session_runtime::conformance!(|clock| MemoryStore::new().clock(clock), beside = MemoryStore::new().clock(clock));
}

mod swap {
    use super::swap_store::SwapStore;

    session_runtime::conformance!(|clock| SwapStore::new(clock), beside = SwapStore::new(clock));
}
