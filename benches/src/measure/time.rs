//! Nanoseconds a request: the median of many batches.

use std::time::Instant;

use super::{Grid, WARM_UP, instructions};
use crate::{Result, case::Case, client::Client, runtime, subjects::SUBJECTS};

const BATCHES: usize = 301;
const REQUESTS: usize = 100;

pub(crate) fn measure() -> Result<Grid> {
    let mut grid = Grid::default();
    for case in Case::ALL {
        measure_case(case, &mut grid)?;
    }
    Ok(grid)
}

/// All subjects take turns, so that a machine that slows down meanwhile slows all of them down.
fn measure_case(case: Case, grid: &mut Grid) -> Result<()> {
    let runtime = runtime()?;
    let mut clients = Vec::new();
    for subject in SUBJECTS {
        let mut client = Client::new(subject, &runtime)?;
        client.send_many(&runtime, case, WARM_UP);
        clients.push((subject.name, client, Vec::with_capacity(BATCHES)));
    }
    for _ in 0..BATCHES {
        for (_, client, batches) in &mut clients {
            batches.push(nanoseconds_of(REQUESTS, || {
                client.send_many(&runtime, case, REQUESTS);
            }));
        }
    }
    for (subject, _, batches) in clients {
        grid.insert(subject, case, median(batches));
    }
    Ok(())
}

/// One SHA-256 of a session id on this processor.
pub(crate) fn of_one_hash() -> f64 {
    median((0..BATCHES).map(|_| nanoseconds_of(REQUESTS, || instructions::hash(REQUESTS))).collect())
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn nanoseconds_of(repetitions: usize, run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_nanos() as f64 / repetitions as f64
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}
