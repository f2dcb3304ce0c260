//! A configuration that changes while its account is read: what was read for the old one is not taken for the new one's.

use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use logistics_ledger::mintsoft::Credentials;
use logistics_ledger::sandbox::{Fault, OrderSpec};
use logistics_ledger::tenancy::{AccountType, ConfigPatch, NewConfig, NewTenant, Tenancy};

use crate::support::world::{CLIENT, LADORE, World};

const TUMI: TenantId = TenantId(9);

impl World {
    /// Tumi joins the account by a change that somebody began at this instant.
    async fn tumi_joins(&self, begun_at: DateTime<Utc>) {
        let new =
            NewTenant { id: 9, name: "Tumi".into(), slug: "tumi".into(), timezone: "America/Lima".into() };
        self.sources.tenancy.add_tenant(&new, begun_at).await.unwrap();
        let config = NewConfig {
            account_type: AccountType::Shared,
            api_url: self.sandbox.url(),
            credentials: Credentials::login("ops@warehouse.example", "sandbox"),
            sku_prefix: Some("TUMI".into()),
            shared_client_id: Some(CLIENT),
            timezone: None,
            sync_enabled: true,
        };
        self.sources.tenancy.create_config(TUMI, &config, begun_at).await.unwrap();
    }

    /// Waits until the list of orders is asked for.
    async fn is_being_read(&self) {
        self.is_asked("Order/List", 1).await;
    }

    /// Waits until upstream was asked this so often.
    pub async fn is_asked(&self, call: &str, times: usize) {
        while self.mintsoft.count_calls(call) < times {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// Waits until somebody waits for a lock of somebody else.
    pub async fn somebody_waits(&self) {
        let waits = "select count(*) from pg_locks l join pg_stat_activity a using (pid)
                     where not l.granted and a.datname = current_database()";
        while self.count(waits).await == 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

const CURSORS: &str = "select count(*) from sync_cursors where kind = 'orders'";

#[tokio::test]
async fn a_poll_that_began_with_the_old_brands_begins_anew_with_the_new_ones() {
    let world = World::shared().await;
    let id = world.mintsoft.create_order(OrderSpec::of(CLIENT, "tumi-1", &[("TUMI_1", 1)]));
    // The change begins, and waits for its turn; the poll begins with what is there.
    let begun_at = world.clock.now();
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 1_500 }, 1, Some("Order/List"));
    let (run, ()) = tokio::join!(world.poll(), async {
        world.is_being_read().await;
        world.tumi_joins(begun_at).await;
    });
    assert_eq!((run.state.as_str(), run.pages, world.parked().await), ("done", 1, vec![]));
    assert_eq!(world.row(id, "tenant_id").await.as_deref(), Some("9"));
    assert_eq!(world.count(CURSORS).await, 1);
    assert_eq!(world.mintsoft.count_calls("Order/List"), 2, "what the first answer showed was not taken in");
}

#[tokio::test]
async fn a_cursor_is_not_put_back_behind_a_change_that_is_being_committed() {
    let world = World::shared().await;
    world.order("ladore-1");
    world.poll().await;
    world.mintsoft.forget_calls();
    world.mintsoft.fail_next(Fault::Slow { milliseconds: 1_000 }, 1, Some("Order/List"));
    let (run, ()) = tokio::join!(world.poll(), async {
        world.is_being_read().await;
        let mut change = world.pool().begin().await.unwrap();
        for step in
            ["update mintsoft_accounts set times_read_anew = times_read_anew + 1", "delete from sync_cursors"]
        {
            sqlx::query(step).execute(&mut *change).await.unwrap();
        }
        world.somebody_waits().await;
        change.commit().await.unwrap();
    });
    assert_eq!(run.state, "done");
    let calls = world.mintsoft.calls().into_iter().filter(|call| call.path.ends_with("Order/List"));
    let since: Vec<String> = calls.map(|call| call.query).collect();
    assert!(since.len() == 2 && since[1] < since[0], "the second time from the beginning: {since:?}");
}

#[tokio::test]
async fn a_cursor_that_is_being_committed_is_forgotten_by_the_change_that_comes_then() {
    let world = World::shared().await;
    let mut keeping = world.pool().begin().await.unwrap();
    let keep = "insert into sync_cursors (account_id, kind, since, updated_at)
                select id, 'orders', now(), now() from mintsoft_accounts for share";
    sqlx::query(keep).execute(&mut *keeping).await.unwrap();
    tokio::join!(world.tumi_joins(world.clock.now()), async {
        world.somebody_waits().await;
        keeping.commit().await.unwrap();
    });
    assert_eq!(world.count(CURSORS).await, 0);
}

/// What the account and its configurations are locked by, in that order, while `other` waits for the account.
async fn between_account_and_configurations(world: &World, other: impl Future<Output = ()>) {
    let mut holder = world.pool().begin().await.unwrap();
    sqlx::query("update mintsoft_accounts set timezone = timezone").execute(&mut *holder).await.unwrap();
    tokio::join!(other, async {
        world.somebody_waits().await;
        let configurations = "update logistics_config set updated_by = updated_by";
        sqlx::query(configurations).execute(&mut *holder).await.expect("the other holds none of them");
        holder.commit().await.unwrap();
    });
}

#[tokio::test]
async fn the_end_of_a_poll_and_a_change_of_its_configurations_never_wait_for_each_other() {
    let world = World::shared().await;
    between_account_and_configurations(&world, async {
        let mut ending = world.pool().begin().await.unwrap();
        let now = world.clock.now();
        Tenancy::record_poll(&mut ending, world.account, &[LADORE], now, now).await.unwrap();
        ending.commit().await.unwrap();
    })
    .await;
    between_account_and_configurations(&world, async {
        let patch = ConfigPatch { sku_prefix: Some(Some("LDR".into())), ..ConfigPatch::default() };
        world.sources.change_config(LADORE, &patch, "operator".into(), true).await.unwrap();
    })
    .await;
}
