//! Whether the parts of a worker still turn. Each notes every round it makes; one that makes none for long is stuck,
//! which no error would tell of.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How long a part may be silent: longer than the longest pause and the longest statement together.
const SILENT_MAX: Duration = Duration::from_mins(2);

/// The rounds of the parts of a worker. Cloning shares it.
#[derive(Clone, Debug)]
pub struct Pulse {
    silent_max: Duration,
    beats: Arc<Mutex<BTreeMap<&'static str, Instant>>>,
}

impl Default for Pulse {
    fn default() -> Self {
        Self::within(SILENT_MAX)
    }
}

impl Pulse {
    /// A pulse whose parts may be silent for so long.
    pub fn within(silent_max: Duration) -> Self {
        Self { silent_max, beats: Arc::default() }
    }

    /// The part goes round once more.
    pub fn beat(&self, part: &'static str) {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).insert(part, Instant::now());
    }

    /// The part has ended, as it should.
    pub fn end(&self, part: &'static str) {
        self.beats.lock().unwrap_or_else(PoisonError::into_inner).remove(part);
    }

    /// The parts that have been silent for too long.
    pub fn silent(&self) -> Vec<&'static str> {
        let beats = self.beats.lock().unwrap_or_else(PoisonError::into_inner);
        beats.iter().filter(|(_, beat)| beat.elapsed() > self.silent_max).map(|(part, _)| *part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_no_longer_turns_is_named() {
        let patient = Pulse::default();
        patient.beat("polls");
        assert_eq!(patient.silent(), Vec::<&str>::new());

        let pulse = Pulse::within(Duration::ZERO);
        pulse.beat("polls");
        pulse.beat("links");
        pulse.end("links");
        std::thread::sleep(Duration::from_millis(1));
        assert_eq!(pulse.silent(), ["polls"]);
    }
}
