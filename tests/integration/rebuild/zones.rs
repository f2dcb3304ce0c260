//! Zones that change: all orders of the tenant are counted by other days, and nobody waits for it.

use std::time::Duration;

use logistics_projections::orders::take_up_counts;
use sqlx::{Connection, Executor, PgConnection};
use tokio::time::sleep;

use super::endings::{AT_THE_SWAP, running};
use super::world::{World, live};

const TENANTS: &str = "insert into tenants (id, name, slug, timezone, created_at)
  values (1, 'one', 'one', 'UTC', now()), (2, 'two', 'two', 'UTC', now())";

/// Holds up whoever counts, but for those who take up notes.
const HELD_UP: &str = "
  create function hold_up() returns trigger language plpgsql as $$
  begin
    if current_user <> 'ledger_app' then perform pg_advisory_xact_lock_shared(7); end if;
    return null;
  end $$;
  create trigger hold_up before insert on logistics_order_counts for each statement execute function hold_up()";

/// Waits until somebody who counts is held up.
async fn is_held_up(world: &World) {
    let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted and database = \
                   (select oid from pg_database where datname = current_database())";
    while world.count(waiting).await == 0 {
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_zone_holds_no_commit_up_and_counts_what_is_committed_meanwhile_once() {
    let world = World::with_orders(31, 40, 5).await;
    world.run(TENANTS).await;
    world.run(HELD_UP).await;
    let mut in_the_way = PgConnection::connect(world.database.url()).await.unwrap();
    in_the_way.execute("select pg_advisory_lock(7)").await.unwrap();
    let owner = world.owner().clone();
    let zone = "update tenants set timezone = 'Pacific/Kiritimati' where id = 2";
    let changing = tokio::spawn(async move { sqlx::query(zone).execute(&owner).await });
    is_held_up(&world).await;
    let ledger = world.ledger.clone();
    // Known orders, and new ones.
    let appending = tokio::spawn(async move { live(&ledger, 32, 60, 5..8).await });
    let waits_for_it = "select count(*) from pg_stat_activity a join pg_locks z on z.pid = any(pg_blocking_pids(a.pid)) \
                        where a.datname = current_database() and a.wait_event in ('transactionid', 'tuple') \
                          and z.locktype = 'advisory' and not z.granted";
    while !appending.is_finished() && world.count(waits_for_it).await == 0 {
        sleep(Duration::from_millis(5)).await;
    }
    assert!(appending.is_finished(), "commits wait for it");
    appending.await.unwrap();
    world.assert_beside().await;
    in_the_way.close().await.unwrap();
    changing.await.unwrap().unwrap();
    world.assert_beside().await;
    let mut connection = world.database.pool().acquire().await.unwrap();
    take_up_counts(&mut connection).await.unwrap();
    assert_eq!(world.count("select count(*) from logistics_order_count_changes").await, 0);
    world.assert_beside().await;
}

/// Whether the counters of the rebuild, under the next generation, say what those of the present one do.
const COUNTED_ALIKE: &str = "
  select count(*) from (
    select field, day, facet, orders from logistics_order_counts
    where tenant_id = 2 and orders <> 0 and generation = (select generation from logistics_order_generation)
    except
    select field, day, facet, orders from logistics_order_counts
    where tenant_id = 2 and generation = (select generation + 1 from logistics_order_generation)) off";

/// Fails whoever counts anew while appends are held.
const NOT_WHILE_HELD: &str = "
  create function refuse_while_held() returns trigger language plpgsql as $$
  begin
    if exists (select from pg_locks where pid = pg_backend_pid() and relation = 'ledger_heads'::regclass
                 and mode = 'ExclusiveLock') then
      raise exception 'appends wait for it';
    end if;
    return null;
  end $$;
  create trigger refuse_while_held before delete on logistics_order_counts
    for each statement execute function refuse_while_held()";

#[tokio::test(flavor = "multi_thread")]
async fn a_rebuild_counts_by_another_zone_before_it_holds_appends() {
    let world = World::with_orders(33, 40, 5).await;
    world.run(TENANTS).await;
    let in_the_way = AT_THE_SWAP.put(&world).await;
    let rebuilding = running(&world);
    AT_THE_SWAP.met(&world).await;
    world.run("update tenants set timezone = 'Pacific/Kiritimati' where id = 2").await;
    while world.count(COUNTED_ALIKE).await > 0 && !rebuilding.is_finished() {
        sleep(Duration::from_millis(5)).await;
    }
    world.run(NOT_WHILE_HELD).await;
    in_the_way.close().await.unwrap();
    assert!(rebuilding.await.unwrap().unwrap().swapped);
    world.assert_beside().await;
}

/// Holds up the counting of the shadow.
const COUNTING_HELD_UP: &str = "
  create function hold_up() returns trigger language plpgsql as $$
  begin
    if to_regclass('logistics_orders_shadow') is not null then perform pg_advisory_xact_lock_shared(7); end if;
    return null;
  end $$;
  create trigger hold_up before delete on logistics_order_counts for each statement execute function hold_up()";

#[tokio::test(flavor = "multi_thread")]
async fn a_facet_that_a_commit_tells_of_first_ends_no_rebuild() {
    let world = World::with_orders(34, 30, 5).await;
    world
        .run(
            "create table unheard_of as select * from logistics_order_facets
               where (tenant_id, facet) = (select tenant_id, facet from logistics_orders limit 1);
             delete from logistics_order_facets f using unheard_of u where (f.tenant_id, f.facet) = (u.tenant_id, u.facet)",
        )
        .await;
    world.run(COUNTING_HELD_UP).await;
    let mut in_the_way = PgConnection::connect(world.database.url()).await.unwrap();
    in_the_way.execute("select pg_advisory_lock(7)").await.unwrap();
    let rebuilding = running(&world);
    is_held_up(&world).await;
    // The rebuild has its snapshot by now.
    world.run("insert into logistics_order_facets select * from unheard_of").await;
    in_the_way.close().await.unwrap();
    assert!(rebuilding.await.unwrap().unwrap().swapped);
    world.assert_beside().await;
}
