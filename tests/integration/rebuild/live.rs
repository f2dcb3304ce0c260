//! Rebuilt equals live: after a random history, and while it goes on.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use logistics_ledger::ledger::rebuild::RebuildOptions;
use logistics_projections::orders::take_up_counts;
use sqlx::{Connection as _, PgPool};
use tokio::time::sleep;

use super::world::{TABLES, World, live};

/// What the tables are besides their rows: indexes, constraints, privileges, comments, settings.
async fn shape(pool: &PgPool) -> Vec<String> {
    let mut facts: Vec<String> = sqlx::query_scalar(
        "select indexdef from pg_indexes where tablename = any($1) \
         union all \
         select conrelid::regclass::text || ' ' || conname || ' ' || pg_get_constraintdef(oid) from pg_constraint \
         where conrelid = any($1::regclass[]) \
         union all \
         select relname || ' ' || relowner || ' ' || coalesce(reloptions::text, '') || obj_description(oid, 'pg_class') \
         from pg_class where oid = any($1::regclass[]) \
         union all \
         select relname || ' ' || a::text from pg_class cross join unnest(relacl) a where oid = any($1::regclass[]) \
         union all \
         select attrelid::regclass || ' ' || attname || ' ' || attnum || ' ' || attnotnull || format_type(atttypid, atttypmod) \
                || col_description(attrelid, attnum) \
         from pg_attribute where attrelid = any($1::regclass[]) and attnum > 0 \
         union all \
         select c.relname || ' ' || a.attnum || ' looked at ' || coalesce(a.attstattarget, -1) \
         from pg_index i join pg_class c on c.oid = i.indexrelid join pg_attribute a on a.attrelid = c.oid \
         where i.indrelid = any($1::regclass[])",
    )
    .bind(TABLES.map(|(table, _)| table.to_owned()))
    .fetch_all(pool)
    .await
    .unwrap();
    facts.sort();
    facts
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_after_a_random_history_equals_what_was_written_live() {
    let world = World::with_orders(1, 300, 7).await;
    let kinds = world.count("select count(distinct event_type) from events").await;
    assert_eq!(kinds, 30, "the history has every kind of event");
    let (rows, shape_before, before) =
        (world.rows().await, shape(world.owner()).await, world.identities().await);
    let known = (shape_before.len(), rows.len());
    assert!(known.0 > 60 && known.1 > 600, "{known:?}");

    let checked = world.check().await;
    assert_eq!((checked.differences, checked.swapped), (0, false), "{:?}", checked.differing_rows);
    assert_eq!(world.identities().await, before);
    world.assert_beside().await;

    // Twice, since the second one finds the names that the first one left.
    for _ in 0..2 {
        let identities = world.identities().await;
        let report = world.rebuild().await;
        assert_eq!((report.differences, report.swapped), (0, true), "{:?}", report.differing_rows);
        assert_eq!(report.streams, 300);
        assert_eq!(report.events, world.count("select count(*) from events").await.unsigned_abs());
        assert_ne!(world.identities().await, identities);
        assert_eq!(world.rows().await, rows);
        assert_eq!(shape(world.owner()).await, shape_before);
        assert_eq!(world.leftovers().await, 0);
        world.assert_beside().await;
    }

    // The service goes on with its prepared statements and its privileges.
    live(&world.ledger, 2, 300, 7..8).await;
    assert_eq!(world.check().await.differences, 0);
    assert_ne!(world.rows().await, rows);
    world.assert_beside().await;
}

#[tokio::test]
async fn whoever_searched_before_a_rebuild_searches_the_new_tables_after_it() {
    let world = World::with_orders(42, 40, 5).await;
    world.run("update logistics_order_recipients set search_text = 'ruc-20512345678' || search_text").await;
    let mut searching = sqlx::PgConnection::connect(world.database.url()).await.unwrap();
    let mut found = async || -> Vec<i32> {
        let sql = "select cardinality(find_orders_by_text($1, $2, 5000, true)) from set_config('ledger.tenant', $1::text, false)";
        let mut found = vec![];
        for text in ["ruc-20512345678", "ladore"] {
            found.push(
                sqlx::query_scalar(sql).bind(1_i64).bind(text).fetch_one(&mut searching).await.unwrap(),
            );
        }
        found
    };
    let before = found().await;
    assert!(before.iter().all(|found| *found > 0), "{before:?}");
    world.rebuild().await;
    assert_eq!(found().await, [0, before[1]], "what no event tells is gone with the former tables");
}

#[tokio::test]
async fn a_tenants_days_are_counted_anew_when_its_zone_changes() {
    let world = World::with_orders(8, 40, 6).await;
    world
        .run(
            "insert into tenants (id, name, slug, timezone, created_at) \
               values (1, 'one', 'one', 'UTC', now()), (2, 'two', 'two', 'UTC', now())",
        )
        .await;
    world.assert_beside().await;
    let days = "select count(*) from logistics_order_counted where day = '2026-09-22' and tenant_id = 2";
    let before = world.count(days).await;
    world.run("update tenants set timezone = 'Pacific/Kiritimati' where id = 2").await;
    world.assert_beside().await;
    assert_ne!(world.count(days).await, before, "some orders lie on another day there");
    live(&world.ledger, 9, 40, 6..8).await;
    world.assert_beside().await;
}

#[tokio::test]
async fn the_first_commit_of_a_tenant_whose_zone_changes_just_now_is_counted_once() {
    let world = World::open().await;
    world.run("insert into tenants (id, name, slug, timezone, created_at) values (2, 'two', 'two', 'UTC', now())").await;
    // The recount comes as far as the counters, and waits there.
    let mut in_the_way = world.owner().acquire().await.unwrap().detach();
    sqlx::raw_sql("begin; lock table logistics_order_counts in share mode")
        .execute(&mut in_the_way)
        .await
        .unwrap();
    let changing = "update tenants set timezone = 'Pacific/Kiritimati' where id = 2";
    let owner = world.owner().clone();
    let changing = tokio::spawn(async move { sqlx::query(changing).execute(&owner).await });
    let ledger = world.ledger.clone();
    let appending = tokio::spawn(async move { live(&ledger, 1, 1, 0..1).await });
    let waiting = "select count(*) from pg_stat_activity \
                   where datname = current_database() and wait_event_type = 'Lock'";
    while world.count(waiting).await < 2 && !appending.is_finished() {
        sleep(Duration::from_millis(5)).await;
    }
    in_the_way.close().await.unwrap();
    changing.await.unwrap().unwrap();
    appending.await.unwrap();
    assert!(world.count("select count(*) from logistics_orders where tenant_id = 2").await > 0);
    world.assert_beside().await;
}

#[tokio::test]
async fn a_tenant_whose_zone_the_server_does_not_know_stops_the_counters_of_no_other() {
    let world = World::open().await;
    world
        .run(
            "insert into tenants (id, name, slug, timezone, created_at) \
             values (1, 'one', 'one', 'UTC', now()), (2, 'two', 'two', 'Not/AZone', now())",
        )
        .await;
    world.ledger.clone().stop().await;
    let another = world.another_instance();
    live(&another, 14, 40, 0..2).await;
    another.stop().await;
    // In case that ledger has taken up all that it noted.
    world
        .run(
            "insert into logistics_order_count_changes (tenant_id, facet, step, created_at, updated_at) \
             select 1, 0, step, now(), now() from unnest('{1, -1}'::smallint[]) step",
        )
        .await;
    let mut connection = world.database.pool().acquire().await.unwrap();
    assert!(take_up_counts(&mut connection).await.is_err(), "it is told");
    let noted = world.count("select count(*) from logistics_order_count_changes where tenant_id = 1").await;
    assert_eq!(noted, 0, "the notes of the other tenant were taken up");
    assert!(world.count("select count(*) from logistics_order_count_changes where tenant_id = 2").await > 0);
}

#[tokio::test]
async fn notes_of_commits_are_taken_up_once_and_count_the_same_before_and_after() {
    let world = World::with_orders(13, 40, 6).await;
    world.ledger.clone().stop().await;
    let another = world.another_instance();
    live(&another, 14, 40, 6..9).await;
    another.stop().await;
    // An order that came and went, in case that ledger has taken up all that it noted.
    world
        .run(
            "insert into logistics_order_count_changes (tenant_id, facet, step, created_at, updated_at) \
             select 1, 0, step, now(), now() from unnest('{1, -1}'::smallint[]) step",
        )
        .await;
    let noted = "select count(*) from logistics_order_count_changes";
    let before = world.count(noted).await;
    assert!(before > 0);
    world.assert_beside().await;

    let take_up = || async {
        let mut connection = world.database.pool().acquire().await.unwrap();
        take_up_counts(&mut connection).await.unwrap()
    };
    let (one, other) = tokio::join!(take_up(), take_up());
    assert_eq!(one + other, before, "each note is taken up by one of them");
    assert_eq!(world.count(noted).await, 0);
    world.assert_beside().await;
}

#[tokio::test]
async fn notes_are_gone_through_once_though_the_server_planned_for_none() {
    const NOTES: i64 = 3000;
    let world = World::open().await;
    world.ledger.clone().stop().await;
    let note = |count: i64| {
        format!(
            "insert into logistics_order_count_changes (tenant_id, facet, step, created_at, updated_at) \
             select 1, 0, 1, now(), now() from generate_series(1, {count})"
        )
    };
    world.run(&note(500)).await;
    let mut connection = world.database.pool().acquire().await.unwrap();
    take_up_counts(&mut connection).await.unwrap();
    world.run("vacuum analyze logistics_order_count_changes").await;
    // Often enough that the server keeps a plan for whatever comes.
    for _ in 0..10 {
        assert_eq!(take_up_counts(&mut connection).await.unwrap(), 0);
    }
    world.run(&note(NOTES)).await;
    let mut transaction = connection.begin().await.unwrap();
    assert_eq!(take_up_counts(&mut transaction).await.unwrap(), NOTES);
    let gone_through: i64 = sqlx::query_scalar(
        "select pg_stat_get_xact_tuples_returned('logistics_order_count_changes'::regclass)",
    )
    .fetch_one(&mut *transaction)
    .await
    .unwrap();
    assert!(gone_through <= 4 * NOTES, "{gone_through} rows were gone through");
}

#[tokio::test]
async fn an_empty_log_is_rebuilt_into_empty_tables() {
    let world = World::open().await;
    let report = world.rebuild().await;
    assert_eq!((report.streams, report.events, report.differences, report.swapped), (0, 0, 0, true));
    live(&world.ledger, 3, 5, 0..1).await;
    assert_eq!(world.count("select count(*) from logistics_orders").await, 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn orders_live_and_are_read_while_the_tables_are_rebuilt() {
    let world = Arc::new(World::with_orders(4, 40, 4).await);
    let rebuilt = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = [world.ledger.clone(), world.another_instance()]
        .into_iter()
        .zip([50, 51])
        .map(|(ledger, seed)| {
            let rebuilt = Arc::clone(&rebuilt);
            tokio::spawn(async move {
                let mut minute = 4;
                while !rebuilt.load(Ordering::Relaxed) {
                    // New orders begin as well.
                    live(&ledger, seed + u64::try_from(minute).unwrap(), 40 + minute, minute..minute + 1)
                        .await;
                    minute += 1;
                    // So that the log does not grow faster than it is folded, however slow the machine is.
                    sleep(Duration::from_millis(100)).await;
                }
                minute
            })
        })
        .collect();
    let reader = tokio::spawn(read_until(world.database.pool().clone(), Arc::clone(&rebuilt)));

    let mut caught_up = 0;
    for _ in 0..3 {
        let report = world.rebuild().await;
        assert_eq!((report.differences, report.swapped), (0, true), "{:?}", report.differing_rows);
        caught_up += report.caught_up;
    }
    rebuilt.store(true, Ordering::Relaxed);
    for writer in writers {
        assert!(writer.await.unwrap() > 5, "the writer wrote meanwhile");
    }
    assert!(reader.await.unwrap() > 0);
    assert!(caught_up > 0, "orders moved on during a rebuild");

    let (events, heads) = (
        world.count("select count(*) from events").await,
        world.count("select sum(next_position)::bigint from ledger_heads").await,
    );
    assert_eq!(events, heads);
    let checked = world.check().await;
    assert_eq!(checked.differences, 0, "{:?}", checked.differing_rows);
    assert_eq!(checked.events, events.unsigned_abs());
    world.assert_beside().await;
}

/// Reads across the tables as pages do, and never sees them empty.
async fn read_until(pool: PgPool, rebuilt: Arc<AtomicBool>) -> u64 {
    let mut reads = 0;
    while !rebuilt.load(Ordering::Relaxed) {
        let shown: i64 = sqlx::query_scalar(
            "select count(distinct o.id) from logistics_order_recipients r \
             right join logistics_orders o on o.id = r.logistics_order_id \
             left join logistics_tracking_events t on t.logistics_order_id = o.id",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        assert!(shown >= 40, "{shown}");
        let off: i64 = sqlx::query_scalar(
            "select (select count(*) from logistics_orders where withheld_reason is null) \
                  - (select sum(orders)::bigint from logistics_order_counted where field = 'all')",
        )
        .fetch_one(&pool)
        .await
        .unwrap();
        assert_eq!(off, 0, "counters move with the rows");
        reads += 1;
    }
    reads
}

#[tokio::test]
async fn an_erased_person_does_not_come_back() {
    let world = World::with_orders(6, 150, 7).await;
    let erased = "select count(*) from order_streams where sealed_key is null";
    assert!(world.count(erased).await > 5);
    world.rebuild().await;
    let shown = "select count(*) from logistics_order_recipients r join order_streams s on s.stream_id = \
                 r.logistics_order_id where s.sealed_key is null";
    assert_eq!(world.count(shown).await, 0);
    assert!(world.count("select count(*) from logistics_order_recipients").await > 10);
}

#[tokio::test]
async fn only_as_many_differences_are_told_as_asked_for_and_all_are_counted() {
    let world = World::with_orders(7, 20, 2).await;
    world.run("update logistics_orders set status = 'LOST'").await;
    let options = RebuildOptions { check_only: true, differences_told_max: 3, ..RebuildOptions::default() };
    let report =
        logistics_ledger::ledger::rebuild::rebuild(world.owner(), &world.ring, &options).await.unwrap();
    assert_eq!((report.differences, report.differing_rows.len()), (20, 3));
}
