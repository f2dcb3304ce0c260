//! The job of a request: what it is told, and for how long it is tried.

use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_domain::{AccountId, Source, TenantId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use super::requests::Kind;
use super::{CANCEL_ORDER, POST_COMMENT};
use crate::jobs::NewJob;
use crate::ledger::OrderAddress;
use crate::sync::reread::RereadOrder;

/// How long upstream is tried to be reached: about twenty minutes.
const ATTEMPTS_MAX: i32 = 12;
const RETRY_EVERY: Duration = Duration::from_secs(2);
/// The longest pause between two attempts.
pub(super) const RETRY_CAP: Duration = Duration::from_mins(5);

/// What a job is told. The words of the person are in the event alone.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct SagaPayload {
    pub tenant_id: TenantId,
    pub account_id: Uuid,
    pub mintsoft_order_id: i64,
    pub request_id: Uuid,
    pub source: Source,
    pub correlation_id: String,
}

impl SagaPayload {
    /// Where the order stands.
    pub fn address(&self) -> OrderAddress {
        OrderAddress {
            tenant: self.tenant_id,
            account: AccountId(self.account_id),
            mintsoft_order_id: self.mintsoft_order_id,
        }
    }
}

/// The job of a request.
pub(super) fn saga_job(kind: Kind, payload: &SagaPayload, now: DateTime<Utc>) -> NewJob {
    let job = match kind {
        Kind::Cancel => CANCEL_ORDER,
        Kind::Comment => POST_COMMENT,
    };
    NewJob::due(job, json!(payload), now)
        .unique(format!("request/{}", payload.request_id))
        .tenant(payload.tenant_id.0)
        .attempts(ATTEMPTS_MAX, RETRY_EVERY)
        .growing_to(RETRY_CAP)
}

/// The job that reads the order of a request again.
pub(super) fn reread_job(payload: &SagaPayload, now: DateTime<Utc>) -> NewJob {
    RereadOrder::of(AccountId(payload.account_id), payload.mintsoft_order_id)
        .job(payload.request_id, now)
        .tenant(payload.tenant_id.0)
}
