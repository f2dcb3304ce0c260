//! What was damaged in the read tables is found, named and repaired; of values nothing is told. What was damaged in the log is
//! refused, and the read tables stay.

use logistics_ledger::ledger::rebuild::RebuildOptions;
use logistics_ledger::ledger::rebuild::{Difference, DifferenceKind, RebuildError, rebuild};
use uuid::Uuid;

use super::world::{World, address, ring};

fn named<'a>(differences: &'a [Difference], table: &str, row: Uuid) -> &'a Difference {
    differences.iter().find(|found| found.table == table && found.row == row).unwrap()
}

#[tokio::test]
async fn damaged_missing_and_surplus_rows_are_named_and_repaired() {
    let world = World::with_orders(11, 40, 8).await;
    let rows = world.rows().await;
    let order = address(7).stream().0;
    world
        .run(&format!("update logistics_orders set status = 'LOST', weight = 7.5 where id = '{order}'"))
        .await;
    let person: Uuid = sqlx::query_scalar(
        "update logistics_order_recipients set name = 'Mallory', address_lines = '{}' where logistics_order_id = \
         (select min(logistics_order_id::text)::uuid from logistics_order_recipients where address_lines <> '{}') \
         returning logistics_order_id",
    )
    .fetch_one(world.owner())
    .await
    .unwrap();
    let (scan, of): (Uuid, Uuid) = sqlx::query_as(
        "delete from logistics_tracking_events where id = (select min(id::text)::uuid from logistics_tracking_events) \
         returning id, logistics_order_id",
    )
    .fetch_one(world.owner())
    .await
    .unwrap();
    let invented = Uuid::from_u128(99);
    world
        .run(&format!(
            "insert into logistics_tracking_events (id, tenant_id, logistics_order_id, raw_data_json, created_at) \
             values ('{invented}', 1, '{order}', '{{}}', now())"
        ))
        .await;
    world
        .run("update logistics_order_counts set orders = orders + 3; delete from logistics_order_searches")
        .await;
    let damaged = world.rows().await;

    let checked = world.check().await;
    assert_eq!((checked.differences, checked.swapped), (4, false));
    let found = &checked.differing_rows;
    let altered = named(found, "logistics_orders", order);
    assert_eq!(
        (altered.kind, &altered.columns[..]),
        (DifferenceKind::Altered, &["status".into(), "weight".into()][..])
    );
    let altered = named(found, "logistics_order_recipients", person);
    assert_eq!((altered.order, &altered.columns[..]), (person, &["name".into(), "address_lines".into()][..]));
    let missing = named(found, "logistics_tracking_events", scan);
    assert_eq!((missing.kind, missing.order), (DifferenceKind::Missing, of));
    let surplus = named(found, "logistics_tracking_events", invented);
    assert_eq!((surplus.kind, surplus.order), (DifferenceKind::Surplus, order));

    let told = serde_json::to_string(&checked).unwrap();
    assert!(["Mallory", "Rosa", "Larco"].iter().all(|word| !told.contains(word)), "{told}");
    assert_eq!(world.rows().await, damaged, "a check repairs nothing");

    let repaired = world.rebuild().await;
    assert_eq!((repaired.differences, &repaired.differing_rows), (4, found));
    assert_eq!(world.rows().await, rows);
    world.assert_beside().await;
    assert_eq!(world.rebuild().await.differences, 0);
}

#[tokio::test]
async fn without_the_master_key_nobody_is_lost() {
    let world = World::with_orders(12, 20, 3).await;
    let (rows, tables) = (world.rows().await, world.identities().await);
    let refused = rebuild(world.owner(), &ring("k2"), &RebuildOptions::default()).await.unwrap_err();
    assert!(matches!(refused, RebuildError::Sealed { .. }), "{refused}");
    assert_eq!((world.rows().await, world.identities().await), (rows, tables));
    assert_eq!(world.leftovers().await, 0);
}

#[tokio::test]
async fn what_a_rebuild_cannot_carry_over_stops_it() {
    let world = World::with_orders(13, 5, 2).await;
    world
        .run(
            "create function hush() returns trigger language plpgsql as 'begin return new; end';
             create trigger hush before insert on logistics_orders for each row execute function hush();",
        )
        .await;
    let refused = world.try_rebuild().await.unwrap_err();
    let RebuildError::ShapeDiffers { table, what } = &refused else { panic!("{refused}") };
    assert_eq!((*table, what.as_str()), ("logistics_orders", "trigger hush"));
    assert_eq!(world.leftovers().await, 0);
    world.run("drop trigger hush on logistics_orders").await;
    assert!(world.rebuild().await.swapped);
}

#[tokio::test]
async fn row_security_and_grants_given_later_are_carried_over() {
    let world = World::with_orders(14, 5, 2).await;
    world
        .run(
            "alter table logistics_orders enable row level security;
             create policy by_tenant on logistics_orders for select to ledger_app using (tenant_id < 100);
             create policy writing on logistics_orders as permissive for all to ledger_app using (true) with check (true);
             grant select (id, status) on logistics_orders to public;
             grant references on logistics_tracking_events to ledger_app with grant option;",
        )
        .await;
    let facts = "select (select string_agg(p::text, '|' order by p::text) from pg_policies p)
                        || (select relrowsecurity::text || relacl::text from pg_class where relname = 'logistics_orders')
                        || (select attacl::text from pg_attribute where attrelid = 'logistics_orders'::regclass and attname = 'status')
                        || (select relacl::text from pg_class where relname = 'logistics_tracking_events')";
    let before: String = sqlx::query_scalar(facts).fetch_one(world.owner()).await.unwrap();
    assert!(world.rebuild().await.swapped);
    let after: String = sqlx::query_scalar(facts).fetch_one(world.owner()).await.unwrap();
    assert_eq!(after, before);
    super::world::live(&world.ledger, 15, 5, 2..4).await;
    assert_eq!(world.check().await.differences, 0);
}

/// Does to the log what only somebody with the owner's rights can, past the trigger.
async fn tamper(world: &World, sql: &str) {
    world
        .run(&format!("set session_replication_role = replica; {sql}; reset session_replication_role"))
        .await;
}

/// The log is refused by both ways to look at it, and what people read is as it was.
async fn refused(world: &World) -> String {
    let (rows, tables) = (world.rows().await, world.identities().await);
    let options = RebuildOptions { check_only: true, ..RebuildOptions::default() };
    let checked = rebuild(world.owner(), &world.ring, &options).await.unwrap_err();
    let refused = world.try_rebuild().await.unwrap_err();
    assert_eq!(checked.to_string(), refused.to_string());
    assert_eq!((world.rows().await, world.identities().await), (rows, tables));
    assert_eq!(world.leftovers().await, 0);
    refused.to_string()
}

/// The last event of the order's stream.
fn last_of(order: Uuid) -> String {
    format!(
        "aggregate_id = '{order}' and sequence = (select max(sequence) from events where aggregate_id = '{order}')"
    )
}

#[tokio::test]
async fn a_log_without_the_last_event_of_an_order_is_refused() {
    let world = World::with_orders(15, 12, 6).await;
    let order = address(7).stream().0;
    tamper(&world, &format!("delete from events where {}", last_of(order))).await;
    let told = refused(&world).await;
    assert!(told.contains(&order.to_string()) && told.contains("its last events are missing"), "{told}");
    // Though the head was set back with it.
    tamper(&world, "update ledger_heads h set next_position = (select count(*) from events e where e.tenant_id = h.tenant_id)").await;
    assert!(refused(&world).await.contains("its last events are missing"));
    // And where the row is gone as well, its stream tells of it, or else the head.
    tamper(&world, &format!("delete from events where aggregate_id = '{order}'; delete from logistics_orders where id = '{order}'")).await;
    let told = refused(&world).await;
    assert!(told.contains(&order.to_string()) && told.contains("its events are missing"), "{told}");
    tamper(&world, &format!("delete from order_streams where stream_id = '{order}'")).await;
    assert!(refused(&world).await.starts_with("the ledger of tenant 4 is not whole"));
}

#[tokio::test]
async fn a_log_without_all_events_of_an_order_is_refused() {
    let world = World::with_orders(16, 12, 6).await;
    let order = address(7).stream().0;
    tamper(&world, &format!("delete from events where aggregate_id = '{order}'")).await;
    let told = refused(&world).await;
    assert!(told.contains(&order.to_string()) && told.contains("its events are missing"), "{told}");
}

#[tokio::test]
async fn an_event_that_says_something_else_than_was_recorded_is_refused() {
    let world = World::with_orders(17, 12, 6).await;
    let order = address(7).stream().0;
    for change in [
        "payload = (payload::jsonb || '{\"invented\": 1}')::json",
        "metadata = (metadata::jsonb || '{\"actor\": \"user:mallory\"}')::json",
        "recorded_at = recorded_at - interval '1 day'",
        "leaf_hash = sha256('')",
    ] {
        tamper(
            &world,
            &format!(
                "create table as_recorded as select * from events where {last}; update events set {change} where {last}",
                last = last_of(order)
            ),
        )
        .await;
        let told = refused(&world).await;
        assert!(
            told.contains(&order.to_string()) && told.contains("is not the one that was recorded"),
            "{change}: {told}"
        );
        tamper(
            &world,
            "update events e set payload = r.payload, metadata = r.metadata, recorded_at = r.recorded_at, \
             leaf_hash = r.leaf_hash from as_recorded r \
             where (e.aggregate_id, e.sequence) = (r.aggregate_id, r.sequence); drop table as_recorded",
        )
        .await;
    }
    // However the text is spelled that says the same.
    tamper(
        &world,
        "update events set payload = payload::jsonb::text::json, metadata = (' ' || metadata::text)::json",
    )
    .await;
    assert_eq!(world.check().await.differences, 0);
}

#[tokio::test]
async fn an_event_that_was_put_at_the_end_past_the_ledger_is_refused() {
    let world = World::with_orders(18, 12, 6).await;
    let order = address(7).stream().0;
    // Its hash is right, as anybody can compute it.
    let leaf = "sha256('\\x00'::bytea || int8send(tenant_id) || int8send(position) \
                || int8send((extract(epoch from recorded_at) * 1000000)::bigint) || content)";
    let field = |text: &str| format!("int8send(octet_length({text})::bigint) || {text}");
    let utf8 = |column: &str| field(&format!("convert_to({column}, 'UTF8')"));
    let content = [
        utf8("'logistics_order'"),
        utf8("aggregate_id"),
        field("int8send(sequence)"),
        utf8("event_type"),
        utf8("event_version"),
        utf8("payload::text"),
        utf8("metadata::text"),
    ]
    .join(" || ");
    tamper(
        &world,
        &format!(
            "insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata, \
                                 tenant_id, position, recorded_at, leaf_hash) \
             select 'logistics_order', aggregate_id, sequence, event_type, event_version, payload, metadata, tenant_id, \
                    position, recorded_at, {leaf} \
             from (select *, sha256({content}) as content from ( \
                     select aggregate_id, sequence + 1 as sequence, 'OrderReleased' as event_type, '1.0' as event_version, \
                            '{{\"type\":\"OrderReleased\"}}'::json as payload, metadata, tenant_id, \
                            (select next_position from ledger_heads h where h.tenant_id = e.tenant_id) as position, \
                            recorded_at \
                     from events e where {last}) added) hashed",
            last = last_of(order)
        ),
    )
    .await;
    let told = refused(&world).await;
    assert!(told.starts_with("the ledger of tenant 4 is not whole"), "{told}");
}
