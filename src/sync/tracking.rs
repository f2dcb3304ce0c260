//! The couriers' scans: one list for the whole account, joined to orders through their shipment. A scan whose shipment
//! is not known yet waits until an order's consignments tell, and so does one that its order would not take.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::Provenance;
use logistics_domain::order::facts::TrackingEvent;
use logistics_domain::order::observation::Observed;
use serde_json::Value;
use sqlx::PgPool;

use super::SyncError;
use super::cursor::List;
use super::erasure::is_erased;
use super::intent::RecordScans;
use super::refusals::Forbidden;
use super::scan_pages::{PagesSeen, ScansRead};
use super::sources::{Cause, SourceAccount, Sources};
use super::unreadable::readable;
use crate::ledger::{Intent, OrderAddress};
use crate::mintsoft::wire::{self, Row};
use crate::mintsoft::{Answer, TRACKING_EVENTS_PAGE, UpstreamError, translate};

/// How often a list that moves while it is read is read at the most.
const SWEEPS_MAX: u32 = 3;

/// The most waiting scans that one run looks at again.
const WAITING_MAX: i64 = 5_000;

/// The most waiting scans that one statement forgets, and the most statements of one round.
const PORTION: i64 = 500;
const PORTIONS_MAX: usize = 100;

/// How long a scan waits for its order.
pub(super) const WAIT_MAX: TimeDelta = TimeDelta::days(90);

/// Scans of one order, by Mintsoft's id of it.
type ByOrder = BTreeMap<i64, Vec<TrackingEvent>>;

/// Reads the scans since the cursor, so many pages at most, and again where the list moved meanwhile; answers where
/// the cursor is to be afterwards. None are taken in, and the cursor is to stay where it is, before it is known what their
/// statuses are called: a scan is recorded once. Nor are they where the account's user may not see them: that is no trouble of
/// the orders.
pub(super) async fn read_scans(
    sources: &Sources,
    account: &SourceAccount,
    cause: &Cause,
    (began_at, pages_max): (DateTime<Utc>, u32),
) -> Result<Option<ScansRead>, SyncError> {
    place_waiting(sources, account, cause, began_at).await?;
    if sources.is_refused(account.id, Forbidden::Scans).await? {
        return Ok(None);
    }
    let (before, asked_since) = sources.window(account, List::Tracking, began_at).await?;
    let within = (before, asked_since, began_at);
    for _ in 1..SWEEPS_MAX {
        match read_pages(sources, account, cause, within, pages_max).await? {
            Some((_, Moved(true))) => {}
            read => return Ok(read.map(|(read, _)| read)),
        }
    }
    Ok(read_pages(sources, account, cause, within, pages_max).await?.map(|(read, _)| read))
}

/// Whether rows met twice show that the list moved while it was read, so that one may have moved past us.
struct Moved(bool);

/// Reads the pages of what changed since an instant once, and takes them in.
async fn read_pages(
    sources: &Sources,
    account: &SourceAccount,
    cause: &Cause,
    (before, asked_since, began_at): (DateTime<Utc>, DateTime<Utc>, DateTime<Utc>),
    pages_max: u32,
) -> Result<Option<(ScansRead, Moved)>, SyncError> {
    let overlap = TimeDelta::from_std(sources.settings.poll_overlap).unwrap_or(TimeDelta::MAX);
    let mut seen = PagesSeen::none(overlap);
    let mut first_of_page_before = None;
    for page in 1..=pages_max {
        let answer = match account.calls.tracking_events(Some(asked_since), page).await {
            Err(UpstreamError::NotPermitted) => {
                sources.note_refusal(account.id, Forbidden::Scans).await?;
                return Ok(None);
            }
            answer => answer?,
        };
        let (rows, first) = (answer.value.len(), answer.value.first().and_then(|row| row.id));
        if first.is_some() && first == first_of_page_before {
            return Err(SyncError::BrokenList { list: "tracking events", what: "repeats a page" });
        }
        first_of_page_before = first;
        if rows == 0 {
            // Nothing that would have to be called by a name.
            return Ok(Some((seen.at_end(before, began_at), Moved(seen.met_twice))));
        }
        seen.note(&answer.value, account.zone);
        let Some(names) = sources.names.naming_scans(account, &answer.value).await? else {
            tracing::warn!(account = %account.id, "scans wait until upstream tells what their statuses are called");
            return Ok(None);
        };
        let present = if cause.is_background() {
            sources.still_read(account).await
        } else {
            sources.present(account).await
        };
        take_scans(sources, &present?, &answer, &names, cause).await?;
        if rows < TRACKING_EVENTS_PAGE {
            return Ok(Some((seen.at_end(before, began_at), Moved(seen.met_twice))));
        }
    }
    // The next run goes on, so this one does not begin again. Rows that moved up meanwhile show only at the list's end: where the
    // list moved far before its last page that was read, a row that slipped past a page is not seen.
    Ok(Some((seen.cut_short((before, asked_since), began_at), Moved(false))))
}

async fn take_scans(
    sources: &Sources,
    account: &SourceAccount,
    answer: &Answer<Vec<Row<wire::TrackingEvent>>>,
    names: &translate::Names,
    cause: &Cause,
) -> Result<(), SyncError> {
    let rows = readable("tracking_events", account.id, &answer.value);
    let told = told_shipments(&rows);
    let pairs: Vec<(i64, i64)> = told.iter().map(|(shipment, order)| (*shipment, *order)).collect();
    remember(sources, account, &pairs, true).await?;
    let mut known = known_shipments(sources, account, &rows).await?;
    known.extend(told);
    let mut by_order = ByOrder::new();
    let mut waiting = Vec::new();
    for row in rows {
        let scan = translate::scan(row, names, account.zone);
        let order = row.order_shipment.as_ref().and_then(|shipment| shipment.order_id);
        match order.or_else(|| known.get(&scan.shipment_id?).copied()) {
            Some(order) => by_order.entry(order).or_default().push(scan),
            None => waiting.push(WaitingScan { order: None, scan }),
        }
    }
    waiting.extend(take_unowned(sources, account, &mut by_order).await?);
    let stamps = (answer.asked_at, answer.answered_at);
    let recorded = record(sources, account, &by_order, stamps, cause).await?;
    let failed = recorded.failed.into_iter().filter_map(|order| Some((order, by_order.remove(&order)?)));
    waiting.extend(failed.flat_map(|(order, scans)| {
        scans.into_iter().map(move |scan| WaitingScan { order: Some(order), scan })
    }));
    keep_waiting(sources, account, &waiting, answer.answered_at).await
}

/// A scan that cannot be recorded yet, and the order it belongs to where that is known.
struct WaitingScan {
    order: Option<i64>,
    scan: TrackingEvent,
}

/// Takes out the scans of orders that are nobody's yet. Those of parked orders wait for their owner; those of other
/// clients of the warehouse are none of ours.
async fn take_unowned(
    sources: &Sources,
    account: &SourceAccount,
    by_order: &mut ByOrder,
) -> Result<Vec<WaitingScan>, SyncError> {
    let ids: Vec<i64> = by_order.keys().copied().collect();
    let parked: Vec<i64> = sqlx::query_scalar(
        "select mintsoft_order_id from parked_orders
         where account_id = $1 and mintsoft_order_id = any($2) and resolved_at is null
           and not exists (select from order_streams s
                           where s.account_id = any($3) and s.mintsoft_order_id = parked_orders.mintsoft_order_id)",
    )
    .bind(account.id.0)
    .bind(&ids)
    .bind(account.home_ids())
    .fetch_all(&sources.pool)
    .await?;
    let mut waiting = Vec::new();
    for order in parked {
        for scan in by_order.remove(&order).unwrap_or_default() {
            waiting.push(WaitingScan { order: Some(order), scan });
        }
    }
    Ok(waiting)
}

/// What became of the scans, by order; those that are nobody's or not read for are in neither.
#[derive(Default)]
struct Recorded {
    done: HashSet<i64>,
    /// The order would not have them for now.
    failed: Vec<i64>,
}

async fn record(
    sources: &Sources,
    account: &SourceAccount,
    by_order: &ByOrder,
    (asked_at, answered_at): (DateTime<Utc>, DateTime<Utc>),
    cause: &Cause,
) -> Result<Recorded, SyncError> {
    let known = sources.known(account, by_order.keys().copied()).await?;
    let observed = Observed { asked_at, answered_at, upstream_updated_at: None, raw_sha256: None };
    let provenance = cause.at(answered_at);
    let entries: Vec<(OrderAddress, Arc<dyn Intent>, Provenance)> = by_order
        .iter()
        // Scans of orders that are nobody's: other clients' of the warehouse, or parked ones.
        .filter_map(|(mintsoft_order_id, scans)| {
            let address = *known.get(mintsoft_order_id)?;
            let (scans, observed) = (scans.clone(), observed.clone());
            let intent: Arc<dyn Intent> = Arc::new(RecordScans { scans, observed });
            account.reads_for(address.tenant).then(|| (address, intent, provenance.clone()))
        })
        .collect();
    let orders: Vec<i64> = entries.iter().map(|(address, ..)| address.mintsoft_order_id).collect();
    let mut recorded = Recorded::default();
    for (order, outcome) in orders.into_iter().zip(sources.ledger.execute_page(entries).await) {
        match outcome {
            Ok(_) => {
                recorded.done.insert(order);
            }
            Err(error) if error.is_of_the_order() => {
                tracing::error!(order, %error, "the scans of an order could not be taken in; they wait");
                recorded.failed.push(order);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(recorded)
}

/// The shipments whose order these rows tell, since other rows name the same shipment only.
fn told_shipments(rows: &[&wire::TrackingEvent]) -> HashMap<i64, i64> {
    rows.iter()
        .filter_map(|row| {
            let shipment = row.order_shipment.as_ref()?;
            Some((row.order_shipment_id.or(shipment.id)?, shipment.order_id?))
        })
        .collect()
}

/// Keeps which order each shipment is of, for rows that name the shipment only. The list of scans shows every client's
/// shipments, so of those only `known_only`, the ones of orders that stand in the ledger, are kept.
pub(super) async fn remember(
    sources: &Sources,
    account: &SourceAccount,
    told: &[(i64, i64)],
    known_only: bool,
) -> Result<(), SyncError> {
    if told.is_empty() {
        return Ok(());
    }
    let (shipments, orders): (Vec<i64>, Vec<i64>) = told.iter().copied().unzip();
    // Of several who keep the same none waits for another in a circle: what is kept already is left alone, and the rest is written in one order.
    sqlx::query(
        "insert into known_shipments (account_id, shipment_id, mintsoft_order_id)
         select distinct on (told.shipment) $1, told.shipment, told.of
         from unnest($2::int8[], $3::int8[]) as told (shipment, of)
         where (not $4
            or exists (select from order_streams s where s.account_id = any($5) and s.mintsoft_order_id = told.of))
           and not exists (select from known_shipments k
                           where k.account_id = $1 and k.shipment_id = told.shipment and k.mintsoft_order_id = told.of)
         order by told.shipment
         on conflict (account_id, shipment_id) do update set mintsoft_order_id = excluded.mintsoft_order_id
           where known_shipments.mintsoft_order_id <> excluded.mintsoft_order_id",
    )
    .bind(account.id.0)
    .bind(shipments)
    .bind(orders)
    .bind(known_only)
    .bind(account.home_ids())
    .execute(&sources.pool)
    .await?;
    Ok(())
}

async fn known_shipments(
    sources: &Sources,
    account: &SourceAccount,
    rows: &[&wire::TrackingEvent],
) -> Result<HashMap<i64, i64>, SyncError> {
    let bare: Vec<i64> = rows
        .iter()
        .filter(|row| row.order_shipment.as_ref().is_none_or(|shipment| shipment.order_id.is_none()))
        .filter_map(|row| row.order_shipment_id)
        .collect();
    if bare.is_empty() {
        return Ok(HashMap::new());
    }
    let known: Vec<(i64, i64)> = sqlx::query_as(
        "select shipment_id, mintsoft_order_id from known_shipments where account_id = any($1) and shipment_id = any($2)",
    )
    .bind(account.home_ids())
    .bind(&bare)
    .fetch_all(&sources.pool)
    .await?;
    Ok(known.into_iter().collect())
}

async fn keep_waiting(
    sources: &Sources,
    account: &SourceAccount,
    waiting: &[WaitingScan],
    seen_at: DateTime<Utc>,
) -> Result<(), SyncError> {
    if waiting.is_empty() {
        return Ok(());
    }
    let scans: Vec<Value> = waiting.iter().filter_map(|one| serde_json::to_value(&one.scan).ok()).collect();
    let orders: Vec<Option<i64>> = waiting.iter().map(|one| one.order).collect();
    let is_erased = is_erased("$1", "told.mintsoft_order_id");
    sqlx::query(&format!(
        "insert into unplaced_scans (account_id, scan_id, shipment_id, mintsoft_order_id, scan, seen_at)
         select $1, (scan->>'id')::int8, (scan->>'shipment_id')::int8, mintsoft_order_id,
                case when {is_erased} then jsonb_set(scan, '{{description}}', 'null') else scan end, $4
         from unnest($2::jsonb[], $3::int8[]) as told (scan, mintsoft_order_id)
         on conflict (account_id, scan_id) do nothing"
    ))
    .bind(account.id.0)
    .bind(scans)
    .bind(orders)
    .bind(seen_at)
    .execute(&sources.pool)
    .await?;
    Ok(())
}

/// Records the waiting scans whose order has become known and has its owner.
pub(super) async fn place_waiting(
    sources: &Sources,
    account: &SourceAccount,
    cause: &Cause,
    now: DateTime<Utc>,
) -> Result<(), SyncError> {
    let account = &sources.present(account).await?;
    let rows: Vec<(i64, i64, Value)> = sqlx::query_as(
        "select u.scan_id, s.mintsoft_order_id, u.scan from unplaced_scans u
         left join known_shipments k on k.account_id = any($3) and k.shipment_id = u.shipment_id
         join order_streams s on s.account_id = any($3)
           and s.mintsoft_order_id = coalesce(u.mintsoft_order_id, k.mintsoft_order_id)
         where u.account_id = $1 order by u.scan_id limit $2",
    )
    .bind(account.id.0)
    .bind(WAITING_MAX)
    .bind(account.home_ids())
    .fetch_all(&sources.pool)
    .await?;
    let mut by_order = ByOrder::new();
    let mut of_order: Vec<(i64, i64)> = Vec::with_capacity(rows.len());
    for (id, order, scan) in rows {
        if let Ok(scan) = serde_json::from_value(scan) {
            by_order.entry(order).or_default().push(scan);
            of_order.push((id, order));
        }
    }
    // What was not recorded, as the order would not have it or is not read for now, goes on waiting.
    let recorded = record(sources, account, &by_order, (now, now), cause).await?;
    let placed = of_order.into_iter().filter(|(_, order)| recorded.done.contains(order));
    let done: Vec<i64> = placed.map(|(id, _)| id).collect();
    // An unchanged account is not written to, so there must be something to forget.
    if !done.is_empty() {
        sqlx::query("delete from unplaced_scans where account_id = $1 and scan_id = any($2)")
            .bind(account.id.0)
            .bind(&done)
            .execute(&sources.pool)
            .await?;
    }
    Ok(())
}

/// Forgets the scans that waited too long, in small portions: of every account, also of one that nobody reads any more. Tells how
/// many.
pub async fn forget_waiting(pool: &PgPool, now: DateTime<Utc>) -> Result<u64, sqlx::Error> {
    let mut forgotten = 0;
    for _ in 0..PORTIONS_MAX {
        let portion = sqlx::query(
            "delete from unplaced_scans where (account_id, scan_id) in (
               select account_id, scan_id from unplaced_scans where seen_at < $1
               order by seen_at limit $2 for update skip locked)",
        )
        .bind(now - WAIT_MAX)
        .bind(PORTION)
        .execute(pool)
        .await?
        .rows_affected();
        forgotten += portion;
        if portion < PORTION.unsigned_abs() {
            break;
        }
    }
    Ok(forgotten)
}
