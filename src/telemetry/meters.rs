//! What is counted and timed while the service works. A part of the service calls one function of this room, and knows
//! neither names nor labels. Labels have few values, which are ours: templates of routes, kinds of jobs, outcomes. No
//! tenant's name, no order, no address and no credential is among them.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

pub(super) const REQUESTS: &str = "ledger_requests_total";
pub(super) const REQUEST_SECONDS: &str = "ledger_request_seconds";
pub(super) const LIMITED: &str = "ledger_requests_limited_total";
pub(super) const COMMITS: &str = "ledger_commits_total";
pub(super) const COMMIT_SECONDS: &str = "ledger_commit_seconds";
pub(super) const COMMIT_ORDERS: &str = "ledger_commit_orders";
pub(super) const EVENTS: &str = "ledger_events_appended_total";
pub(super) const CONFLICTS: &str = "ledger_conflicts_total";
pub(super) const DELIVERIES: &str = "ledger_deliveries_total";
pub(super) const REJECTIONS: &str = "ledger_rejections_total";
pub(super) const JOBS: &str = "ledger_jobs_total";
pub(super) const JOB_SECONDS: &str = "ledger_job_seconds";
pub(super) const UPSTREAM: &str = "ledger_upstream_calls_total";
pub(super) const UPSTREAM_SECONDS: &str = "ledger_upstream_call_seconds";
pub(super) const UNREADABLE: &str = "ledger_unreadable_rows_total";
pub(super) const SCANS_MISSING: &str = "ledger_scan_gaps_total";
pub(super) const SEALINGS: &str = "ledger_sealings_total";
pub(super) const FOLLOWERS: &str = "ledger_live_followers";

/// A request was answered. `route` is the template, such as `/api/v1/logistics/orders/{id}`.
pub fn answered(route: &str, method: &'static str, status: u16, took: Duration) {
    counter!(REQUESTS, "route" => route.to_owned(), "method" => method, "status" => status.to_string())
        .increment(1);
    histogram!(REQUEST_SECONDS, "route" => route.to_owned(), "method" => method).record(took);
}

/// A request was turned away by a limit: `credential`, `address`, `at_once` or `share` (the tenant's); or it let us wait and gave way: `gave_way`.
pub fn limited(by: &'static str) {
    counter!(LIMITED, "by" => by).increment(1);
}

/// The writer committed a batch.
pub fn committed(orders: usize, events: usize, took: Duration) {
    counter!(COMMITS).increment(1);
    counter!(EVENTS).increment(events as u64);
    histogram!(COMMIT_ORDERS).record(u32::try_from(orders).unwrap_or(u32::MAX));
    histogram!(COMMIT_SECONDS).record(took);
}

/// An append met another of the same order, and is decided anew.
pub fn conflicted() {
    counter!(CONFLICTS).increment(1);
}

/// A delivery was kept, or had been before.
pub fn delivered(source: &'static str, outcome: &'static str) {
    counter!(DELIVERIES, "source" => source, "outcome" => outcome).increment(1);
}

/// A delivery was turned away.
pub fn rejected(source: &'static str, reason: &'static str) {
    counter!(REJECTIONS, "source" => source, "reason" => reason).increment(1);
}

/// An attempt of a job ended.
pub fn worked(kind: &str, outcome: &'static str, took: Duration) {
    counter!(JOBS, "kind" => kind.to_owned(), "outcome" => outcome).increment(1);
    histogram!(JOB_SECONDS, "kind" => kind.to_owned()).record(took);
}

/// Mintsoft was called once: the class of its status, such as `2xx`, or how it failed.
pub fn called(outcome: &'static str, took: Duration) {
    counter!(UPSTREAM, "outcome" => outcome).increment(1);
    histogram!(UPSTREAM_SECONDS, "outcome" => outcome).record(took);
}

/// A row of one of Mintsoft's lists could not be read, and is passed over.
pub fn unreadable(list: &'static str) {
    counter!(UNREADABLE, "list" => list).increment(1);
}

/// A run left a span of which scans may be missing.
pub fn scans_missing() {
    counter!(SCANS_MISSING).increment(1);
}

/// A checkpoint of a ledger was signed (`sealed`), or refused since the ledger is not what was sealed (`altered`), or could not be
/// made (`failed`).
pub fn sealing(outcome: &'static str) {
    counter!(SEALINGS, "outcome" => outcome).increment(1);
}

/// Somebody who follows what changes, counted for as long as this lives.
#[derive(Debug)]
pub struct Follower(());

impl Follower {
    /// One more.
    pub fn begin() -> Self {
        gauge!(FOLLOWERS).increment(1);
        Self(())
    }
}

impl Drop for Follower {
    fn drop(&mut self) {
        gauge!(FOLLOWERS).decrement(1);
    }
}
