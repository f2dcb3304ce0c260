//! The ledger's own parts of a commit as arrays, one a column, in the order in which `parts` numbers them.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_projections::Binder;
use uuid::Uuid;

use super::append::Append;

/// The heads to advance and the events to insert.
#[derive(Default)]
pub(super) struct EventArrays<'a> {
    head_tenant: Vec<i64>,
    head_count: Vec<i64>,
    tenant_id: Vec<i64>,
    /// How far each event stands before the new end of its tenant's ledger.
    back: Vec<i64>,
    aggregate_id: Vec<&'a str>,
    sequence: Vec<i64>,
    event_type: Vec<&'static str>,
    event_version: Vec<&'static str>,
    payload: Vec<&'a str>,
    metadata: Vec<&'a str>,
    content_hash: Vec<&'a [u8]>,
    /// The first `back` of each append, one an append.
    pub(super) first_back: Vec<i64>,
}

impl<'a> EventArrays<'a> {
    pub(super) fn of(appends: &[&'a Append]) -> Self {
        let mut left: BTreeMap<i64, i64> = BTreeMap::new();
        for append in appends.iter().filter(|append| !append.events.is_empty()) {
            *left.entry(append.tenant).or_default() += i64::try_from(append.events.len()).unwrap_or(i64::MAX);
        }
        // In the order of tenants, so that no two writers wait for each other.
        let (head_tenant, head_count) = left.iter().map(|(tenant, count)| (*tenant, *count)).unzip();
        let mut arrays = Self { head_tenant, head_count, ..Self::default() };
        for append in appends {
            let mut none = 0;
            let left = left.get_mut(&append.tenant).unwrap_or(&mut none);
            arrays.first_back.push(*left);
            for event in &append.events {
                arrays.tenant_id.push(append.tenant);
                arrays.back.push(*left);
                *left -= 1;
                arrays.aggregate_id.push(&append.stream_text);
                arrays.sequence.push(event.sequence);
                arrays.event_type.push(event.event_type);
                arrays.event_version.push(event.event_version);
                arrays.payload.push(&event.payload);
                arrays.metadata.push(&event.metadata);
                arrays.content_hash.push(&event.content_hash);
            }
        }
        arrays
    }

    pub(super) fn is_empty(&self) -> bool {
        self.sequence.is_empty()
    }

    pub(super) fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.head_tenant)
            .bind(&self.head_count)
            .bind(&self.tenant_id)
            .bind(&self.back)
            .bind(&self.aggregate_id)
            .bind(&self.sequence)
            .bind(&self.event_type)
            .bind(&self.event_version)
            .bind(&self.payload)
            .bind(&self.metadata)
            .bind(&self.content_hash)
    }
}

/// The streams that begin.
#[derive(Default)]
pub(super) struct ClaimArrays<'a> {
    stream_id: Vec<Uuid>,
    tenant_id: Vec<i64>,
    account_id: Vec<Uuid>,
    mintsoft_order_id: Vec<i64>,
    sealed_key: Vec<Option<&'a [u8]>>,
    key_destroyed_at: Vec<Option<DateTime<Utc>>>,
    created_at: Vec<DateTime<Utc>>,
}

impl<'a> FromIterator<&'a Append> for ClaimArrays<'a> {
    fn from_iter<T: IntoIterator<Item = &'a Append>>(appends: T) -> Self {
        let mut arrays = Self::default();
        for append in appends {
            let Some(claim) = &append.claim else { continue };
            arrays.stream_id.push(append.stream.0);
            arrays.tenant_id.push(append.tenant);
            arrays.account_id.push(claim.account);
            arrays.mintsoft_order_id.push(claim.mintsoft_order_id);
            arrays.sealed_key.push(claim.sealed_key.as_deref());
            arrays.key_destroyed_at.push(append.erasure.as_ref().map(|erasure| erasure.at));
            arrays.created_at.push(claim.at);
        }
        arrays
    }
}

impl ClaimArrays<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.stream_id.is_empty()
    }

    pub(super) fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.stream_id)
            .bind(&self.tenant_id)
            .bind(&self.account_id)
            .bind(&self.mintsoft_order_id)
            .bind(&self.sealed_key)
            .bind(&self.key_destroyed_at)
            .bind(&self.created_at)
    }
}

/// The orders whose persons are erased, also those that begin without a person: another account may have kept what it read.
#[derive(Default)]
pub(super) struct ErasureArrays {
    stream_id: Vec<Uuid>,
    at: Vec<DateTime<Utc>>,
    account_id: Vec<Uuid>,
    mintsoft_order_id: Vec<i64>,
}

impl<'a> FromIterator<&'a Append> for ErasureArrays {
    fn from_iter<T: IntoIterator<Item = &'a Append>>(appends: T) -> Self {
        let mut arrays = Self::default();
        for append in appends {
            let Some(erasure) = &append.erasure else { continue };
            arrays.stream_id.push(append.stream.0);
            arrays.at.push(erasure.at);
            arrays.account_id.push(erasure.account);
            arrays.mintsoft_order_id.push(erasure.mintsoft_order_id);
        }
        arrays
    }
}

impl ErasureArrays {
    pub(super) fn is_empty(&self) -> bool {
        self.stream_id.is_empty()
    }

    pub(super) fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder.bind(&self.stream_id).bind(&self.at).bind(&self.account_id).bind(&self.mintsoft_order_id)
    }
}

/// What upstream sent, sealed.
#[derive(Default)]
pub(super) struct RawArrays<'a> {
    stream_id: Vec<Uuid>,
    sha256: Vec<&'a [u8]>,
    tenant_id: Vec<i64>,
    sealed: Vec<&'a [u8]>,
    received_at: Vec<DateTime<Utc>>,
}

impl<'a> FromIterator<&'a Append> for RawArrays<'a> {
    fn from_iter<T: IntoIterator<Item = &'a Append>>(appends: T) -> Self {
        let mut arrays = Self::default();
        for append in appends {
            let Some(raw) = &append.raw else { continue };
            arrays.stream_id.push(append.stream.0);
            arrays.sha256.push(&raw.sha256);
            arrays.tenant_id.push(append.tenant);
            arrays.sealed.push(&raw.sealed);
            arrays.received_at.push(raw.received_at);
        }
        arrays
    }
}

impl RawArrays<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.stream_id.is_empty()
    }

    pub(super) fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.stream_id)
            .bind(&self.sha256)
            .bind(&self.tenant_id)
            .bind(&self.sealed)
            .bind(&self.received_at)
    }
}

/// The jobs that the events call for.
#[derive(Default)]
pub(super) struct JobArrays<'a> {
    kind: Vec<&'static str>,
    payload: Vec<String>,
    unique_key: Vec<Option<&'a str>>,
    run_at: Vec<DateTime<Utc>>,
    max_attempts: Vec<i32>,
    retry_every: Vec<i64>,
    retry_cap: Vec<Option<i64>>,
    tenant_id: Vec<Option<i64>>,
}

impl<'a> FromIterator<&'a Append> for JobArrays<'a> {
    fn from_iter<T: IntoIterator<Item = &'a Append>>(appends: T) -> Self {
        let mut arrays = Self::default();
        for job in appends.into_iter().flat_map(|append| &append.jobs) {
            arrays.kind.push(job.kind);
            arrays.payload.push(job.payload.to_string());
            arrays.unique_key.push(job.unique_key.as_deref());
            arrays.run_at.push(job.run_at);
            arrays.max_attempts.push(job.max_attempts);
            arrays.retry_every.push(microseconds(job.retry_every));
            arrays.retry_cap.push(job.retry_cap.map(microseconds));
            arrays.tenant_id.push(job.tenant);
        }
        arrays
    }
}

impl JobArrays<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.kind.is_empty()
    }

    pub(super) fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.kind)
            .bind(&self.payload)
            .bind(&self.unique_key)
            .bind(&self.run_at)
            .bind(&self.max_attempts)
            .bind(&self.retry_every)
            .bind(&self.retry_cap)
            .bind(&self.tenant_id)
    }
}

fn microseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

/// The answers that changed nothing.
#[derive(Default)]
pub(super) struct CheckArrays<'a> {
    stream_id: Vec<Uuid>,
    tenant_id: Vec<i64>,
    via: Vec<&'static str>,
    asked_at: Vec<DateTime<Utc>>,
    answered_at: Vec<DateTime<Utc>>,
    upstream_updated_at: Vec<Option<DateTime<Utc>>>,
    raw_sha256: Vec<Option<&'a str>>,
    describes_at: Vec<DateTime<Utc>>,
}

impl<'a> FromIterator<&'a Append> for CheckArrays<'a> {
    fn from_iter<T: IntoIterator<Item = &'a Append>>(appends: T) -> Self {
        let mut arrays = Self::default();
        for append in appends {
            let Some(check) = &append.check else { continue };
            arrays.stream_id.push(append.stream.0);
            arrays.tenant_id.push(append.tenant);
            arrays.via.push(check.via.as_str());
            arrays.asked_at.push(check.observed.asked_at);
            arrays.answered_at.push(check.observed.answered_at);
            arrays.upstream_updated_at.push(check.observed.upstream_updated_at);
            arrays.raw_sha256.push(check.observed.raw_sha256.as_deref());
            arrays.describes_at.push(check.observed.describes_at());
        }
        arrays
    }
}

impl CheckArrays<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.stream_id.is_empty()
    }

    pub(super) fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.stream_id)
            .bind(&self.tenant_id)
            .bind(&self.via)
            .bind(&self.asked_at)
            .bind(&self.answered_at)
            .bind(&self.upstream_updated_at)
            .bind(&self.raw_sha256)
            .bind(&self.describes_at)
    }
}
