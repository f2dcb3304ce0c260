//! Rotating the master key end to end: everything is re-encrypted while the service runs, and the older key may leave.

use std::collections::BTreeSet;

use logistics_ledger::access::{KeyRequest, Role, issue_key};
use logistics_ledger::clock::Clock;
use logistics_ledger::reseal::columns;
use logistics_ledger::sandbox::{OrderSpec, Sandbox, SandboxSettings};
use reqwest::Method;
use serde_json::{Value, json};

use super::terminal::{MASTER_KEY, end_of, program};
use crate::support::database::TestDatabase;
use crate::support::service::{Service, until};

const NEWER: &str = "k2:QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVowMTIzNDU=";

/// How many values of each kind are sealed under a key of this name.
async fn sealed_under(database: &TestDatabase, key: &str) -> i64 {
    let mark = [&[u8::try_from(key.len()).unwrap()], key.as_bytes()].concat();
    let mut found = 0;
    for (table, column) in columns() {
        let sql = format!("select count(*) from {table} where substr({column}, 1, {}) = $1", mark.len());
        let counted: i64 =
            sqlx::query_scalar(&sql).bind(&mark).fetch_one(database.owner_pool()).await.unwrap();
        found += counted;
    }
    found
}

async fn reseal(database: &TestDatabase, ring: &str) -> super::terminal::Told {
    under(database, ring, &["keys", "reseal"]).await
}

/// What a command tells that has this key ring.
async fn under(database: &TestDatabase, ring: &str, words: &[&str]) -> super::terminal::Told {
    let mut command = program(words);
    command.env("DATABASE_URL", database.url()).env("LEDGER_LOG", "error").env("LEDGER_MASTER_KEY", ring);
    end_of(command).await
}

#[tokio::test]
async fn an_older_master_key_leaves_the_ring_once_all_is_sealed_anew() {
    let database = TestDatabase::create_with(4).await;
    let sandbox = Sandbox::start(SandboxSettings::default()).await.unwrap();
    let settings = [("LEDGER_MASTER_KEY", MASTER_KEY), ("LEDGER_SEAL_INTERVAL", "1s")];
    let mut service = Service::start(database.url(), &settings).await;
    let request = KeyRequest { tenant: None, role: Role::Superadmin, label: String::new(), expires_at: None };
    let staff = issue_key(database.pool(), &request, Clock::system().now()).await.unwrap().text;
    let tenant = json!({"id": 7, "name": "Ladore", "slug": "ladore"});
    service.send(Method::POST, "/api/v1/tenants", &staff, &tenant).await.expect(201);
    let config = json!({"account_type": "shared", "api_url": sandbox.url(), "sku_prefix": "LADORE", "shared_client_id": 3,
                        "credentials": {"username": "ops@warehouse.example", "password": "sandbox"}});
    let path = "/api/v1/tenants/7/logistics-config";
    service.send(Method::POST, path, &staff, &config).await.expect(201);
    let shop = json!({"webhook_secret": "shhh"});
    service.send(Method::PUT, "/api/v1/tenants/7/shops/shopify", &staff, &shop).await.expect(200);
    let mintsoft = sandbox.world();
    mintsoft.create_order(OrderSpec::of(3, "ladore-1", &[("LADORE_A", 1)]));
    mintsoft.create_order(OrderSpec::of(3, "nobodys-1", &[("X_A", 1)]));
    let sync = "/api/v1/tenants/7/logistics/sync";
    service.send(Method::POST, sync, &staff, &Value::Null).await;
    until("both orders were read", async || sealed_under(&database, "k1").await >= 6).await;
    // A ring that opens nothing here makes no key that the service could not open.
    for words in
        [&["audit", "key", "--tenant", "7", "--renew"][..], &["audit", "checkpoint", "--tenant", "7"]]
    {
        let told = under(&database, NEWER, words).await;
        assert_eq!((told.status, &*told.answer), (1, ""), "{told:?}");
        assert!(told.sentence().contains("key ring"), "{told:?}");
    }
    let sealed = async || {
        let checkpoints = "select coalesce(max(size), 0) from audit_checkpoints where tenant_id = 7";
        sqlx::query_scalar::<_, i64>(checkpoints).fetch_one(database.owner_pool()).await.unwrap()
    };
    until("the ledger was sealed", async || sealed().await > 0).await;

    // Both keys on the ring, the newer one in front; the service runs on.
    let both = format!("{NEWER},{MASTER_KEY}");
    service.set("LEDGER_MASTER_KEY", &both);
    service.restart().await;
    let told = reseal(&database, &both).await;
    assert!(told.answer().ends_with("everything is sealed under the key k2"), "{told:?}");
    assert_eq!(sealed_under(&database, "k1").await, 0);
    let again = reseal(&database, &both).await;
    assert!(!again.answer().contains(": 1 re-encrypted"), "there is nothing left to do: {again:?}");

    // Without the older key everything still opens.
    service.set("LEDGER_MASTER_KEY", NEWER);
    service.restart().await;
    let tested = service.send(Method::POST, &format!("{path}/test"), &staff, &json!({})).await.expect(200);
    assert_eq!(tested["state"], "ok", "{tested}");
    service.get("/api/v1/tenants/7/shops", &staff).await.expect(200);
    let listed = service.get("/api/v1/logistics/orders?tenant_id=7", &staff).await.expect(200);
    let order = listed["items"][0]["id"].as_str().unwrap();
    let shown = service.get(&format!("/api/v1/logistics/orders/{order}?tenant_id=7"), &staff).await;
    shown.expect(200);
    let before = sealed().await;
    mintsoft.create_order(OrderSpec::of(3, "ladore-2", &[("LADORE_A", 1)]));
    // A run that was under way when the service stopped goes on first.
    until("another run begins", async || {
        service.send(Method::POST, sync, &staff, &Value::Null).await.status != 409
    })
    .await;
    until("the key that seals ledgers opens, too", async || sealed().await > before).await;
}

#[tokio::test]
async fn a_key_that_is_missing_from_the_ring_is_told() {
    let database = TestDatabase::create_with(4).await;
    let ring: logistics_ledger::secrets::KeyRing = MASTER_KEY.parse().unwrap();
    sqlx::query("insert into mintsoft_logins (login_id, key_sealed, key_obtained_at) values ($1, $2, now())")
        .bind(uuid::Uuid::nil())
        .bind(ring.seal("mintsoft_logins/00000000-0000-0000-0000-000000000000/key", b"x"))
        .execute(database.owner_pool())
        .await
        .unwrap();
    let told = reseal(&database, NEWER).await;
    assert_eq!(told.status, 1, "{told:?}");
    assert!(told.sentence().contains("put the key that sealed them back on the ring"), "{told:?}");
    let told = reseal(&database, &format!("{NEWER},{MASTER_KEY}")).await;
    assert!(told.answer().contains("mintsoft_logins.key_sealed: 1 re-encrypted, 0 not readable"), "{told:?}");
}

#[tokio::test]
async fn every_sealed_column_is_known_to_the_rotation() {
    let database = TestDatabase::create().await;
    // What is sealed with an order's own key needs no rotation: that key is re-encrypted.
    let found: Vec<(String, String)> = sqlx::query_as(
        "select c.relname::text, a.attname::text from pg_class c join pg_attribute a on a.attrelid = c.oid
         join pg_namespace n on n.oid = c.relnamespace
         where n.nspname = 'public' and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
           and a.atttypid = 'bytea'::regtype and (a.attname like '%sealed%' or a.attname like '%encrypted%')
           and c.relname not in ('raw_payloads', 'order_glimpses')",
    )
    .fetch_all(database.owner_pool())
    .await
    .unwrap();
    let found: BTreeSet<(&str, &str)> =
        found.iter().map(|(table, column)| (table.as_str(), column.as_str())).collect();
    assert_eq!(
        found,
        columns().collect(),
        "add a sealed column to src/reseal.rs, or a key rotation loses it"
    );
}
