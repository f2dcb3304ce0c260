//! Mintsoft's callbacks: registered on open orders, and followed by a re-read, since their bodies are only hints.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::order::observation::Observed;
use logistics_domain::{AccountId, Command, Order, OrderEvent, OrderStreamId};
use serde_json::json;

use super::SyncError;
use super::intent::Plain;
use super::reread::{ATTEMPTS_MAX, RETRY_CAP, RETRY_EVERY};
use super::sources::{Cause, SourceAccount, Sources};
use super::sweeps::Sweeps;
use crate::jobs::{Handler, Job, JobError, NewJob};
use crate::ledger::OrderAddress;
use crate::mintsoft::UpstreamError;
use crate::mintsoft::wire::NewConnectAction;

/// The job that registers our callback URLs on an order.
pub const REGISTER_CALLBACKS: &str = "register_callbacks";

/// The path that Mintsoft calls.
pub const CALLBACK_PATH: &str = "/api/v1/webhooks/mintsoft";

/// The kind of row that holds callback URLs for an integration like ours.
const OUR_KIND: &str = "API";

/// For how long nothing is registered for an account whose user may not.
const REFUSED_REST: TimeDelta = TimeDelta::hours(24);

/// The events a callback can be for, as its URL names them.
const DESPATCHED: &str = "despatched";
const CANCELLED: &str = "cancelled";
const DELIVERED: &str = "delivered";
const SPLIT: &str = "split";

/// What the events of an order call for: an open order that was just discovered gets our callbacks.
pub(super) fn jobs_called_for(
    address: &OrderAddress,
    order: &Order,
    events: &[OrderEvent],
    now: DateTime<Utc>,
) -> Vec<NewJob> {
    let discovered = events.iter().any(|event| matches!(event, OrderEvent::OrderDiscovered { .. }));
    if !discovered || order.is_dispatched() || order.is_cancelled() || order.vanished {
        return vec![];
    }
    let payload = json!({"account_id": address.account.0, "mintsoft_order_id": address.mintsoft_order_id});
    let job = NewJob::due(REGISTER_CALLBACKS, payload, now)
        .unique(format!("callbacks/{}", address.stream()))
        .tenant(address.tenant.0)
        .attempts(ATTEMPTS_MAX, RETRY_EVERY)
        .growing_to(RETRY_CAP);
    vec![job]
}

/// Does `register_callbacks` jobs.
pub struct RegisterHandler(pub Arc<Sources>);

#[async_trait]
impl Handler for RegisterHandler {
    async fn run(&self, job: &Job) -> Result<(), JobError> {
        let account = AccountId(job.id_in("account_id")?);
        let id = job.payload.get("mintsoft_order_id").and_then(serde_json::Value::as_i64);
        let id = id.ok_or_else(|| JobError::dead("the payload names no order"))?;
        self.0.register_callbacks(account, id).await.map_err(SyncError::into_job_error)
    }
}

impl Sources {
    /// Registers our URLs, unless upstream has them: what a second registration does is not known, so it is asked
    /// first, every time.
    async fn register_callbacks(&self, account: AccountId, mintsoft_order_id: i64) -> Result<(), SyncError> {
        let Some(public_url) = self.settings.public_url.as_deref() else { return Ok(()) };
        let stream = OrderStreamId::derive(account, mintsoft_order_id);
        let known: Option<i64> =
            sqlx::query_scalar("select mintsoft_order_id from callback_registrations where stream_id = $1")
                .bind(stream.0)
                .fetch_optional(&self.pool)
                .await?;
        if known.is_some() {
            return Ok(());
        }
        let opened = self.account_of_order(account, mintsoft_order_id).await?;
        if self.callbacks_rest(opened.id).await? {
            return Ok(());
        }
        let number = logistics_projections::orders::number_of(&self.pool, stream).await?;
        let Some(number) = number else { return Ok(()) };
        let url = |event: &str| self.callback_url(public_url, account, mintsoft_order_id, event);
        let held = match opened.calls.connect_actions(mintsoft_order_id).await {
            // Merged away meanwhile: there is nothing to be told about it.
            Err(UpstreamError::NotFound) => return Ok(()),
            Err(UpstreamError::NotPermitted) => return self.rest_callbacks(opened.id).await,
            held => held?,
        };
        let despatched_url = url(DESPATCHED);
        let is_ours = |row: &crate::mintsoft::wire::ConnectAction| {
            row.kind.as_deref() == Some(OUR_KIND) && row.despatched_url.as_deref() == Some(&despatched_url)
        };
        if !held.value.iter().filter_map(|row| row.parsed.as_ref().ok()).any(is_ours) {
            let action = NewConnectAction {
                // Parts of a split order share a number, and this must be unique for the client.
                source_order_id: format!("{number}/{mintsoft_order_id}"),
                despatched_url: despatched_url.clone(),
                cancelled_url: url(CANCELLED),
                delivered_url: url(DELIVERED),
                split_url: url(SPLIT),
                authorization: None,
            };
            match opened.calls.put_connect_action(mintsoft_order_id, &action).await {
                Err(UpstreamError::NotPermitted) => return self.rest_callbacks(opened.id).await,
                put => put?,
            };
        }
        sqlx::query(
            "insert into callback_registrations (stream_id, account_id, mintsoft_order_id, registered_at)
             values ($1, $2, $3, $4) on conflict (stream_id) do nothing",
        )
        .bind(stream.0)
        .bind(account.0)
        .bind(mintsoft_order_id)
        .bind(self.clock.now())
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Whether Mintsoft said of late that the account's user may not register callbacks.
    async fn callbacks_rest(&self, account: AccountId) -> Result<bool, SyncError> {
        let rest: Option<bool> =
            sqlx::query_scalar("select callbacks_refused_until > $2 from mintsoft_accounts where id = $1")
                .bind(account.0)
                .bind(self.clock.now())
                .fetch_optional(&self.pool)
                .await?
                .flatten();
        Ok(rest.unwrap_or(false))
    }

    /// Notes that the account's user may not. Every order would be told the same, at the price of a login each; the
    /// polls bring what the callbacks would have told. Other credentials end the rest.
    async fn rest_callbacks(&self, account: AccountId) -> Result<(), SyncError> {
        tracing::warn!(%account, "Mintsoft does not permit this account's user to register callbacks");
        sqlx::query("update mintsoft_accounts set callbacks_refused_until = $2 where id = $1")
            .bind(account.0)
            .bind(self.clock.now() + REFUSED_REST)
            .execute(&self.pool)
            .await?;
        Ok(())
    }

    /// One URL for each event of an order: the only thing that tells which event of which order is meant.
    fn callback_url(&self, public_url: &str, account: AccountId, order: i64, event: &str) -> String {
        let token = self.ring.callback_token(account.0, order, event);
        let root = public_url.trim_end_matches('/');
        format!("{root}{CALLBACK_PATH}?a={account}&o={order}&e={event}&t={token}")
    }
}

/// After the delivered callback: the couriers' scans are the fact. Where none says so, or none any more, or they cannot be
/// had for now, the callback itself is recorded, for when it arrived, however late it is worked on; a scan that comes later
/// proves more. False where the order has not left by what the warehouse shows, so that nothing is recorded: that may come a little
/// later than the callback.
pub(super) async fn after_delivered(
    sources: &Sources,
    sweeps: &Sweeps,
    account: &SourceAccount,
    (mintsoft_order_id, received_at): (i64, DateTime<Utc>),
    cause: &Cause,
) -> Result<bool, SyncError> {
    let swept = sweeps.swept_since(sources, account, cause, received_at).await;
    let known = sources.known(account, [mintsoft_order_id]).await?;
    let Some(address) = known.get(&mintsoft_order_id).copied() else { return swept.map(|()| true) };
    let observed = Observed {
        asked_at: received_at,
        answered_at: received_at,
        upstream_updated_at: None,
        raw_sha256: None,
    };
    // The aggregate knows whether a scan has said so already, and whether that still holds.
    let intent = Plain(Command::ReportDelivery { delivered_at: received_at, observed });
    sources.ledger.execute(address, &intent, &cause.at(received_at)).await?;
    swept?;
    let order = sources.ledger.open(address).await?.order;
    Ok(order.is_dispatched() && order.delivered_at.is_some() || order.is_cancelled() || order.vanished)
}

/// After the split callback: the parts are orders of their own that share the number.
pub(super) async fn after_split(
    sources: &Sources,
    account: &SourceAccount,
    mintsoft_order_id: i64,
    cause: &Cause,
) -> Result<(), SyncError> {
    let known = sources.known(account, [mintsoft_order_id]).await?;
    let Some(stream) = known.get(&mintsoft_order_id).map(OrderAddress::stream) else { return Ok(()) };
    let Some(number) = logistics_projections::orders::number_of(&sources.pool, stream).await? else {
        return Ok(());
    };
    let mut answer = account.calls.order_search(&number, true).await?;
    answer.value.retain(|row| {
        let found = row.parsed.as_ref().ok().and_then(|order| order.order_number.as_deref());
        found.is_some_and(|found| found.eq_ignore_ascii_case(&number))
    });
    let account = sources.present(account).await?;
    sources.take_rows(&account, answer, cause).await?;
    Ok(())
}
