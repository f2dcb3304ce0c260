//! What the meters show, as Prometheus reads it.

use std::fmt::Write as _;
use std::sync::OnceLock;

use metrics::{describe_counter, describe_gauge, describe_histogram};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};

use super::meters;

/// The upper ends of the classes of latencies, in seconds.
const LATENCIES: [f64; 13] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];
/// The upper ends of the classes of batches, in orders.
const BATCHES: [f64; 9] = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 512.0];

static METERS: OnceLock<Option<PrometheusHandle>> = OnceLock::new();

/// The meters of this process, begun with the first call; none where another part of the program has set up its own.
fn handle() -> Option<&'static PrometheusHandle> {
    METERS.get_or_init(begin).as_ref()
}

fn begin() -> Option<PrometheusHandle> {
    let batches = Matcher::Full(meters::COMMIT_ORDERS.to_owned());
    let recorder = PrometheusBuilder::new()
        .set_buckets(&LATENCIES)
        .ok()?
        .set_buckets_for_metric(batches, &BATCHES)
        .ok()?;
    let recorder = recorder.build_recorder();
    let handle = recorder.handle();
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("another part of this program measures already; /metrics shows less");
        return None;
    }
    describe_counter!(meters::REQUESTS, "Requests that were answered");
    describe_histogram!(meters::REQUEST_SECONDS, "How long answers took");
    describe_counter!(meters::LIMITED, "Requests that a limit turned away");
    describe_counter!(meters::COMMITS, "Statements that the writer of the ledger committed");
    describe_histogram!(meters::COMMIT_SECONDS, "How long those statements took");
    describe_histogram!(meters::COMMIT_ORDERS, "How many orders a statement wrote");
    describe_counter!(meters::EVENTS, "Events that were appended");
    describe_counter!(meters::CONFLICTS, "Appends that met another of the same order");
    describe_counter!(meters::DELIVERIES, "Deliveries of webhooks that were taken");
    describe_counter!(meters::REJECTIONS, "Deliveries of webhooks that were turned away");
    describe_counter!(meters::JOBS, "Attempts of background jobs, by how they ended");
    describe_histogram!(meters::JOB_SECONDS, "How long those attempts took");
    describe_counter!(meters::UPSTREAM, "Calls to Mintsoft, by what came back");
    describe_histogram!(meters::UPSTREAM_SECONDS, "How long Mintsoft took to answer");
    describe_counter!(meters::UNREADABLE, "Rows of Mintsoft's lists that could not be read, by list");
    describe_counter!(
        meters::SCANS_MISSING,
        "Spans of which couriers' scans may be missing, as the list was too long"
    );
    describe_counter!(meters::SEALINGS, "Checkpoints of ledgers, by whether one was signed");
    describe_gauge!(meters::FOLLOWERS, "Clients that follow what changes");
    Some(handle)
}

/// Begins to measure; harmless to repeat.
pub fn measure() {
    handle();
}

/// What was counted and timed so far.
pub fn measured() -> String {
    handle().map(PrometheusHandle::render).unwrap_or_default()
}

/// Lets go of single measurements that are summed up by now; to be called every few seconds.
pub fn sum_up() {
    if let Some(handle) = handle() {
        handle.run_upkeep();
    }
}

/// Values that are looked up when somebody asks, rather than kept.
#[derive(Debug, Default)]
pub struct Readings(String);

impl Readings {
    /// Adds a value with all its labels. Labels are ours or numbers, so none needs quoting; what would is left out.
    pub fn gauge<'a>(
        &mut self,
        name: &str,
        help: &str,
        values: impl IntoIterator<Item = (Vec<(&'a str, String)>, f64)>,
    ) {
        // Writing into a string cannot fail.
        let _written = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in values {
            let plain = |text: &str| !text.contains(['"', '\\', '\n']);
            let labels: Vec<String> = labels
                .iter()
                .filter(|(_, value)| plain(value))
                .map(|(name, value)| format!("{name}=\"{value}\""))
                .collect();
            let labels = if labels.is_empty() { String::new() } else { format!("{{{}}}", labels.join(",")) };
            let _written = writeln!(self.0, "{name}{labels} {value}");
        }
    }

    /// The text.
    pub fn into_text(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reading_is_written_as_prometheus_reads_it() {
        let mut readings = Readings::default();
        readings.gauge(
            "ledger_x",
            "What x is",
            [(vec![("a", "1".to_owned()), ("b", "q\"".to_owned())], 2.5)],
        );
        readings.gauge("ledger_y", "What y is", [(vec![], 1.0)]);
        assert_eq!(
            readings.into_text(),
            "# HELP ledger_x What x is\n# TYPE ledger_x gauge\nledger_x{a=\"1\"} 2.5\n\
             # HELP ledger_y What y is\n# TYPE ledger_y gauge\nledger_y 1\n"
        );
    }
}
