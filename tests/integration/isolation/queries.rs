//! Every query that answers a tenant, asked in a session that names another one: as if a handler had mixed up whom it
//! reads for. The first wall, the scope in the query, lets it through; the second does not.

use chrono::{DateTime, TimeDelta};
use logistics_domain::OrderStreamId;
use logistics_ledger::audit::dossier::checkpoint;
use logistics_ledger::audit::{Tiles, checkpoints};
use logistics_ledger::sync::links::{LinkFilter, links_portion, list_links};
use logistics_ledger::sync::runs;
use logistics_ledger::tenancy::{find_config, find_tenant};
use logistics_projections::TenantScope;
use logistics_projections::event_log::{HistoryRange, entries, entries_of, history};
use logistics_projections::orders::{OrderList, ReadAt, find_order, find_whole, list_orders};
use logistics_projections::tracking::tracking_of;
use sqlx::PgConnection;
use uuid::Uuid;

use super::world::{OTHER, OWN, World};

const SCOPE: TenantScope = TenantScope::granted(OWN);

/// An order of the tenant that has a recipient and a scan.
async fn full_order(world: &World) -> OrderStreamId {
    let id = sqlx::query_scalar(
        "select o.id from logistics_orders o join logistics_order_recipients r on r.logistics_order_id = o.id \
         where o.tenant_id = $1 and o.withheld_reason is null \
           and exists (select from logistics_tracking_events t where t.logistics_order_id = o.id) limit 1",
    )
    .bind(OWN.0)
    .fetch_one(world.owner())
    .await
    .unwrap();
    OrderStreamId(id)
}

/// How much each query finds for the tenant in this session, by the query's name.
async fn found(session: &mut PgConnection, order: OrderStreamId) -> Vec<(&'static str, usize)> {
    let now = DateTime::from_timestamp(1_790_000_000, 0).unwrap();
    let read = ReadAt { now, stale_after: TimeDelta::minutes(5) };
    let account = logistics_domain::AccountId(Uuid::from_u128(1));
    let list = list_orders(&mut *session, &SCOPE, &OrderList::default(), read).await.unwrap();
    let whole = find_whole(&mut *session, &SCOPE, &[order.0]).await.unwrap();
    let links = list_links(&mut *session, SCOPE, &LinkFilter::default(), 0, 10).await.unwrap();
    let searched = LinkFilter { states: Vec::new(), search: Some("#1".to_owned()) };
    let searched = links_portion(&mut *session, SCOPE, &searched, None).await.unwrap();
    let range = HistoryRange { withheld_too: true, ..HistoryRange::default() };
    vec![
        ("list_orders", list.items.len()),
        ("the total of list_orders", usize::try_from(list.total).unwrap()),
        ("find_order", find_order(&mut *session, &SCOPE, order, read).await.unwrap().iter().count()),
        ("find_whole", whole.len()),
        ("the recipient in find_whole", whole.iter().filter_map(|one| one.recipient().unwrap()).count()),
        ("tracking_of", tracking_of(&mut *session, &SCOPE, order).await.unwrap().iter().flatten().count()),
        ("history", history(&mut *session, &SCOPE, order, range).await.unwrap().len()),
        ("entries", entries(&mut *session, &SCOPE, 0, 10, 10).await.unwrap().len()),
        ("entries_of", entries_of(&mut *session, &SCOPE, order, 10).await.unwrap().len()),
        ("checkpoints::newest", checkpoints::newest(&mut *session, &SCOPE).await.unwrap().iter().count()),
        ("checkpoints::after", checkpoints::after(&mut *session, &SCOPE, 0, 10).await.unwrap().len()),
        ("checkpoint", checkpoint(session, SCOPE, None).await.unwrap().iter().count()),
        ("a leaf in a proof", Tiles::of(session, SCOPE).prove_inclusion(0, 2).await.iter().count()),
        ("a subtree in a proof", Tiles::of(session, SCOPE).prove_inclusion(256, 257).await.iter().count()),
        ("list_links", links.items.len()),
        ("the total of list_links", usize::try_from(links.total).unwrap()),
        ("links_portion of a search", searched.len()),
        ("find_config", find_config(&mut *session, OWN).await.unwrap().iter().count()),
        ("find_tenant", find_tenant(&mut *session, OWN).await.unwrap().iter().count()),
        ("runs::find", runs::find(&mut *session, account, account.0).await.unwrap().iter().count()),
    ]
}

#[tokio::test]
async fn a_query_for_one_tenant_finds_nothing_in_a_session_of_another() {
    let world = World::create().await;
    let order = full_order(&world).await;
    let mut own = world.reader.of(OWN).await.unwrap();
    for (query, count) in found(&mut own, order).await {
        assert!(count > 0, "{query} finds something where the session is right");
    }
    let mut other = world.reader.of(OTHER).await.unwrap();
    for (query, count) in found(&mut other, order).await {
        assert_eq!(count, 0, "{query}");
    }
    for (query, count) in found(&mut world.nameless().await, order).await {
        assert_eq!(count, 0, "{query}");
    }
}
