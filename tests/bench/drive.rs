//! Drives many commands with a fixed number in flight, and takes medians.

use std::future::Future;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;

/// Runs `command` for each number, `in_flight` at a time, and tells how many a second were done.
pub async fn per_second<F, R>(in_flight: usize, numbers: Range<usize>, command: F) -> f64
where
    F: Fn(usize) -> R + Send + Sync + 'static,
    R: Future<Output = ()> + Send + 'static,
{
    let (next, command) = (Arc::new(AtomicUsize::new(numbers.start)), Arc::new(command));
    let count = numbers.len();
    let started = Instant::now();
    let tasks = (0..in_flight).map(|_| {
        let (next, command, end) = (Arc::clone(&next), Arc::clone(&command), numbers.end);
        tokio::spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= end {
                    break;
                }
                command(number).await;
            }
        })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    rate(count, started.elapsed())
}

/// So many in such a time, a second.
pub fn rate(count: usize, taken: Duration) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / taken.as_secs_f64()
}

/// The middle of the measurements.
pub fn median(measured: &[f64]) -> f64 {
    let mut sorted = measured.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted[sorted.len() / 2]
}
