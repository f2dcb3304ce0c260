//! Configurations that read by one login over HTTP: a dedicated one that sees what another brand reads is refused, and so is a
//! shared one with the prefix of another that is shown the same orders, whichever of the two came first and by whatever change.

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{Answer, World};

const HOST: &str = "https://api.mintsoft.co.uk";

/// Nothing answers under these addresses, so nothing is tried.
fn path(tenant: i64) -> String {
    format!("/api/v1/tenants/{tenant}/logistics-config?unverified=true")
}

fn login(name: &str) -> Value {
    json!({"username": name, "password": "hunter2hunter2"})
}

fn shared(prefix: &str, client: Option<i64>) -> Value {
    json!({
        "provider": "mintsoft", "account_type": "shared", "api_url": HOST, "credentials": login("ops@warehouse.example"),
        "sku_prefix": prefix, "shared_client_id": client, "timezone": "Europe/London", "sync_enabled": true
    })
}

fn dedicated(client: Option<i64>) -> Value {
    json!({
        "provider": "mintsoft", "account_type": "dedicated", "api_url": HOST,
        "credentials": login("ops@warehouse.example"), "shared_client_id": client, "timezone": "Europe/London",
        "sync_enabled": true
    })
}

/// The same by another address or login.
fn by(mut config: Value, field: &str, value: Value) -> Value {
    config[field] = value;
    config
}

struct Staff {
    world: World,
    key: String,
}

impl Staff {
    async fn create() -> Self {
        let world = World::create().await;
        let key = world.staff().await;
        Self { world, key }
    }

    async fn post(&self, tenant: i64, config: &Value) -> Answer {
        self.world.send(Method::POST, &path(tenant), &self.key, config).await
    }

    async fn patch(&self, tenant: i64, patch: &Value) -> Answer {
        self.world.send(Method::PATCH, &path(tenant), &self.key, patch).await
    }

    async fn made(&self, tenant: i64, config: &Value) {
        let made = self.post(tenant, config).await;
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    }

    async fn accounts(&self) -> i64 {
        let count = "select count(*) from mintsoft_accounts";
        sqlx::query_scalar(count).fetch_one(self.world.database.pool()).await.unwrap()
    }
}

fn assert_crowded(refused: &Answer) {
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::CONFLICT, "account_not_dedicated"),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_brand_takes_no_login_for_itself_by_which_another_reads() {
    for client in [None, Some(3)] {
        let staff = Staff::create().await;
        staff.made(8, &shared("KALLPA", Some(3))).await;
        assert_crowded(&staff.post(7, &dedicated(client)).await);
        let elsewhere = by(dedicated(client), "api_url", json!(format!("{HOST}/uk")));
        assert_crowded(&staff.post(7, &elsewhere).await);
        let missing = staff.world.get("/api/v1/tenants/7/logistics-config", &staff.key).await;
        assert_eq!(missing.code(), "logistics_config_missing");
        assert_eq!(staff.accounts().await, 1, "nothing of it was kept");
    }
}

#[tokio::test]
async fn a_brand_joins_no_login_that_another_has_for_itself() {
    for client in [None, Some(3)] {
        let staff = Staff::create().await;
        staff.made(7, &dedicated(client)).await;
        assert_crowded(&staff.post(8, &shared("KALLPA", Some(3))).await);
        assert_crowded(&staff.post(8, &dedicated(Some(3))).await);
        assert_eq!(staff.accounts().await, 1);
    }
}

#[tokio::test]
async fn brands_with_clients_of_their_own_share_a_login() {
    let staff = Staff::create().await;
    staff.made(7, &dedicated(Some(5))).await;
    staff.made(8, &dedicated(Some(3))).await;
    let staff = Staff::create().await;
    staff.made(7, &shared("LADORE", None)).await;
    staff.made(8, &shared("KALLPA", Some(3))).await;
}

#[tokio::test]
async fn no_change_takes_a_brand_to_what_another_reads() {
    let staff = Staff::create().await;
    staff.made(8, &shared("KALLPA", Some(3))).await;
    staff.made(7, &by(dedicated(None), "credentials", login("ladore@brand.example"))).await;
    // The login of the one, or of the other, becomes the same.
    assert_crowded(&staff.patch(7, &json!({"credentials": login("OPS@warehouse.example")})).await);
    assert_crowded(&staff.patch(8, &json!({"credentials": login("ladore@brand.example")})).await);
    // With a client of its own it may; then not without one, nor with the other's.
    let own = json!({"credentials": login("ops@warehouse.example"), "shared_client_id": 5});
    assert_eq!(staff.patch(7, &own).await.status, StatusCode::OK);
    assert_crowded(&staff.patch(7, &json!({"shared_client_id": null})).await);
    assert_crowded(&staff.patch(8, &json!({"shared_client_id": 5})).await);
    // Nor does what was shared become one brand's own.
    let told = json!({"account_type": "shared", "sku_prefix": "LADORE", "shared_client_id": null});
    assert_eq!(staff.patch(7, &told).await.status, StatusCode::OK);
    assert_crowded(&staff.patch(7, &json!({"account_type": "dedicated"})).await);
}

#[tokio::test]
async fn a_pair_that_was_let_in_before_may_be_switched_off_and_not_on() {
    let staff = Staff::create().await;
    staff.made(8, &shared("KALLPA", Some(3))).await;
    staff.made(7, &by(dedicated(None), "credentials", login("ladore@brand.example"))).await;
    let paired = "update mintsoft_accounts set identity = 'ladore@brand.example' where client_id = 3";
    sqlx::query(paired).execute(staff.world.database.owner_pool()).await.unwrap();
    assert_eq!(staff.patch(7, &json!({"sync_enabled": false})).await.status, StatusCode::OK);
    assert_crowded(&staff.patch(7, &json!({"sync_enabled": true})).await);
}

fn assert_prefix_taken(refused: &Answer) {
    assert_eq!((refused.status, refused.code()), (StatusCode::CONFLICT, "sku_prefix_taken"), "{refused:?}");
}

#[tokio::test]
async fn brands_that_are_shown_the_same_orders_have_prefixes_that_differ() {
    for (one, other) in [(None, Some(3)), (Some(3), None)] {
        let staff = Staff::create().await;
        staff.made(7, &shared("LADORE", one)).await;
        assert_prefix_taken(&staff.post(8, &shared("Ladore", other)).await);
        // By another path of the host they are the same orders, too.
        let elsewhere = by(shared("LADORE", one), "api_url", json!(format!("{HOST}/uk")));
        assert_prefix_taken(&staff.post(8, &elsewhere).await);
        assert_eq!(staff.accounts().await, 1, "nothing of it was kept");
        let another = by(shared("LADORE", other), "credentials", login("kallpa@brand.example"));
        staff.made(8, &another).await;
    }
}

#[tokio::test]
async fn no_change_gives_a_brand_the_prefix_of_another_that_is_shown_its_orders() {
    let staff = Staff::create().await;
    staff.made(7, &shared("LADORE", Some(3))).await;
    staff.made(8, &shared("LADORE", Some(4))).await;
    assert_prefix_taken(&staff.patch(8, &json!({"shared_client_id": null})).await);
    assert_eq!(staff.patch(8, &json!({"shared_client_id": null, "sku_prefix": "KALLPA"})).await.status, 200);
    assert_prefix_taken(&staff.patch(8, &json!({"sku_prefix": "ladore"})).await);
    // A pair that was let in before may be switched off, and not on.
    let paired = "update logistics_config set sku_prefix = 'LADORE' where tenant_id = 8";
    sqlx::query(paired).execute(staff.world.database.owner_pool()).await.unwrap();
    assert_eq!(staff.patch(8, &json!({"sync_enabled": false})).await.status, StatusCode::OK);
    assert_prefix_taken(&staff.patch(8, &json!({"sync_enabled": true})).await);
}

#[tokio::test]
async fn a_login_that_becomes_that_of_other_brands_too_has_room_for_each_of_them() {
    let staff = Staff::create().await;
    let third = "insert into tenants (id, name, slug, created_at) values (9, 'Tumi', 'tumi', now())";
    sqlx::query(third).execute(staff.world.database.owner_pool()).await.unwrap();
    let there = |config| by(config, "credentials", login("other@warehouse.example"));
    staff.made(9, &there(shared("KALLPA", Some(3)))).await;
    for (tenant, prefix) in [(7, "LADORE"), (8, "KALLPA")] {
        staff.made(tenant, &shared(prefix, None)).await;
    }
    let moved = json!({"credentials": login("other@warehouse.example")});
    assert_prefix_taken(&staff.patch(7, &moved).await);
    assert_eq!(staff.patch(9, &json!({"sku_prefix": "TUMI"})).await.status, StatusCode::OK);
    assert_eq!(staff.patch(7, &moved).await.status, StatusCode::OK);
}

#[tokio::test]
async fn of_two_that_come_at_once_one_is_refused() {
    for _ in 0..5 {
        let staff = Staff::create().await;
        let (ladore, kallpa) = (dedicated(None), shared("KALLPA", Some(3)));
        let (one, other) = tokio::join!(staff.post(7, &ladore), staff.post(8, &kallpa));
        let (made, refused) = if one.status == StatusCode::CREATED { (one, other) } else { (other, one) };
        assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
        assert_crowded(&refused);
    }
}
