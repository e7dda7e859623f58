//! Counts allocations a request; the table's program runs it and reads what it prints.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> session_benches::Result<()> {
    session_benches::count_allocations(ALLOCATOR)
}
