//! Accounts of several hosts: the order 2207 of one is not the order 2207 of another.

use logistics_ledger::mintsoft::Credentials;
use logistics_ledger::tenancy::ConfigPatch;

use super::{KALLPA, LADORE, World, shared};

#[tokio::test]
async fn an_account_goes_to_another_host_only_while_nothing_was_read_from_it() {
    let world = World::create().await;
    let account = world.configure(LADORE, shared("LADORE")).await;
    let to = |url: &str| ConfigPatch { api_url: Some(url.to_owned()), ..ConfigPatch::default() };
    assert_eq!(world.patch(LADORE, to("https://tset.mintsoft.co.uk")).await, account, "a slip is put right");
    assert_eq!(world.patch(LADORE, to("https://test.mintsoft.co.uk")).await, account);
    world.was_read(account).await;
    assert_eq!(world.patch(LADORE, to("https://test.mintsoft.co.uk/uk")).await, account, "the same host");
    assert!(world.is_read_anew(account).await);
    world.was_read(account).await;
    let fresh = world.patch(LADORE, to("https://api.mintsoft.co.uk")).await;
    assert_ne!(fresh, account, "order 2207 of the test system is not order 2207 of the real one");
}

#[tokio::test]
async fn an_account_that_is_being_read_does_not_go_to_another_host() {
    let world = World::create().await;
    let account = world.configure(LADORE, shared("LADORE")).await;
    let to = |url: &str| ConfigPatch { api_url: Some(url.to_owned()), ..ConfigPatch::default() };
    for state in ["queued", "running"] {
        sqlx::query(
            "insert into sync_runs (id, account_id, requested_by, state, created_at)
             values (gen_random_uuid(), $1, 'schedule', $2, $3)",
        )
        .bind(account.0)
        .bind(state)
        .bind(world.now)
        .execute(world.database.pool())
        .await
        .unwrap();
        let same_host = world.patch(LADORE, to("https://api.mintsoft.co.uk/uk")).await;
        assert_eq!(same_host, account, "{state}");
        let landed =
            world.tenancy.rehearse_patch(LADORE, &to("https://test.mintsoft.co.uk"), world.now).await;
        assert_ne!(
            landed.unwrap().unwrap().account(),
            account,
            "{state}: what it reads is of the former host"
        );
        sqlx::query("update sync_runs set state = 'failed'").execute(world.database.pool()).await.unwrap();
    }
    assert_eq!(world.patch(LADORE, to("https://test.mintsoft.co.uk")).await, account);
}

#[tokio::test]
async fn the_orders_of_a_tenant_have_one_home_on_each_host() {
    let world = World::create().await;
    let first = world.configure(LADORE, shared("LADORE")).await;
    world.configure(KALLPA, shared("KALLPA")).await;
    world.was_read(first).await;
    sqlx::query(
        r"insert into order_streams (stream_id, tenant_id, account_id, mintsoft_order_id, sealed_key, created_at)
          values (gen_random_uuid(), 7, $1, 2207, '\x00', now())",
    )
    .bind(first.0)
    .execute(world.database.owner_pool())
    .await
    .unwrap();
    let home = async || world.tenancy.find_config(LADORE).await.unwrap().unwrap().home_account_id;
    let to = |url: &str, client, name: &str| ConfigPatch {
        api_url: Some(url.to_owned()),
        shared_client_id: Some(client),
        credentials: Some(Credentials::login(name, "first")),
        ..ConfigPatch::default()
    };
    let own = world.patch(LADORE, to("https://api.mintsoft.co.uk", None, "ladore@brand.example")).await;
    assert_eq!(
        (own != first, home().await),
        (true, first),
        "the same Mintsoft: the orders stay where they stand"
    );
    let members = world.tenancy.members(own).await.unwrap();
    assert_eq!(members.iter().map(|member| member.home).collect::<Vec<_>>(), [first]);
    let other = world.patch(LADORE, to("https://test.mintsoft.co.uk", None, "ladore@brand.example")).await;
    assert_eq!(home().await, other, "another host numbers other orders");
    let back = world.patch(LADORE, to("https://api.mintsoft.co.uk/uk", Some(9), "third@brand.example")).await;
    assert_eq!((back != first && back != own, home().await), (true, first), "its orders wait for it there");
    assert_eq!(world.tenancy.find_config(KALLPA).await.unwrap().unwrap().home_account_id, first);
}
