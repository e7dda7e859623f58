//! What decoding costs in memory.

use std::alloc::System;

use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// What the harness of the tests may allocate meanwhile, on a thread of its own.
const BESIDE: usize = 1 << 14;

/// Does something that may allocate so many bytes in all.
pub(crate) fn within<T>(most: usize, what: impl FnOnce() -> T) -> T {
    let region = Region::new(ALLOCATOR);
    let done = what();
    let allocated = region.change().bytes_allocated;
    assert!(allocated <= most + BESIDE, "{allocated} bytes were allocated, at most {most} are in proportion");
    done
}
