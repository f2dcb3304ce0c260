//! What is secret or personal is written to no log, and stands open in no table but the one for recipients; what is secret
//! is told by no answer.

use std::fmt::Write as _;

use logistics_ledger::sandbox::{Fault, OrderSpec, Recipient, SandboxSettings, SandboxUser};
use reqwest::Method;
use serde_json::json;

use super::site::{CLIENT, KALLPA, LADORE, SHOP_SECRET, Site, sign};
use crate::support::service::{RING, Reply, until};

const PASSWORD: &str = "Contrasena-7731-warehouse";
/// A key of the warehouse, instead of a login.
const STATIC_KEY: &str = "0f9c1c55-aaaa-4f6e-9e5d-planted77310";

/// What somebody sends who has no business here: a token, a key, a callback's token.
const SENT_BY_STRANGERS: [&str; 3] = [
    "eyJhbGciOiJSUzI1NiJ9.cGxhbnRlZC03NzMx.c2lnbmVk",
    "llk_planted-key-of-a-stranger-7731",
    "planted-token-7731",
];

const BUYER: &str = "comprador.8824@correo.example";

/// The people of this test; every word of them is found nowhere else.
const PERSONAL: [&str; 11] = [
    "Xiomara",
    "Huamanquispe",
    "xiomara.9917@correo.example",
    "Calle Tordoya 4471",
    "Urubambilla",
    "+51 987 600 113",
    "Wenceslao",
    "Dejar con la vecina Petronila",
    BUYER,
    "Eleuteria ya no lo quiere",
    "Preguntar por Hermenegilda",
];

fn xiomara() -> Recipient {
    let text = |index: usize| Some(PERSONAL[index].to_owned());
    Recipient {
        first_name: text(0),
        last_name: text(1),
        email: text(2),
        address1: text(3),
        town: text(4),
        phone: text(5),
        country: "PERU".into(),
        ..Recipient::default()
    }
}

fn order(number: &str, sku: &str) -> OrderSpec {
    let delivery_notes = Some(PERSONAL[7].to_owned());
    OrderSpec { delivery_notes, ..OrderSpec::of(CLIENT, number, &[(sku, 1)]) }.for_recipient(xiomara())
}

#[tokio::test]
async fn no_log_line_and_no_other_table_tells_a_secret_or_a_person() {
    let users = vec![SandboxUser::admin("ops@warehouse.example", PASSWORD)];
    let sandbox = SandboxSettings { users, ..SandboxSettings::default() };
    let settings = [("LEDGER_LOG", "debug,logistics_ledger=trace"), ("LEDGER_REFRESH_AFTER", "1ms")];
    let site = Site::with(&settings, sandbox).await;
    everything_happens(&site).await;
    let told = everything_is_asked(&site).await;

    let key = RING.split(':').nth(1).unwrap();
    let mut secrets = vec![PASSWORD, SHOP_SECRET, STATIC_KEY, site.staff.as_str(), site.ladore.as_str(), key];
    secrets.extend(SENT_BY_STRANGERS);
    let log = site.service.log();
    assert!(log.contains("DEBUG"), "the log is as chatty as it was told to be");
    for secret in secrets.iter().chain(&PERSONAL) {
        assert!(!log.contains(secret), "the log tells {secret}: {:?}", line_with(&log, secret));
    }
    for secret in callback_tokens(&site) {
        assert!(!log.contains(&secret), "the log tells a callback's token: {:?}", line_with(&log, &secret));
    }
    for secret in &secrets {
        assert!(!told.contains(secret), "an answer tells {secret}: {:?}", line_with(&told, secret));
    }
    for table in tables(&site).await {
        for secret in secrets.iter().chain(&PERSONAL) {
            let found = rows_with(&site, &table, secret).await;
            let is_home = table == "logistics_order_recipients" && PERSONAL.contains(secret);
            assert!(found == 0 || is_home, "{table} shows {secret} in {found} rows");
        }
    }
    assert!(
        rows_with(&site, "logistics_order_recipients", PERSONAL[1]).await > 0,
        "the search finds what is there"
    );
}

/// Paid, read, linked, parked, moved, called back, refreshed, failed and refused.
async fn everything_happens(site: &Site) {
    let body = json!({
        "id": 900, "name": "#1", "financial_status": "paid", "email": BUYER,
        "shipping_address": {"name": PERSONAL[0], "address1": PERSONAL[3], "city": PERSONAL[4]},
        "line_items": [{"requires_shipping": true}],
    })
    .to_string();
    for body in [body.clone(), body[..body.len() - 2].to_owned()] {
        let shop = site.service.request(Method::POST, &format!("/api/v1/webhooks/shopify/{LADORE}"));
        let shop = shop.header("x-shopify-topic", "orders/paid");
        let shop = shop.header("x-shopify-hmac-sha256", sign(SHOP_SECRET, body.as_bytes())).body(body);
        assert_eq!(Reply::to(shop).await.status, 200);
    }
    let id = site.mintsoft.create_order(order("ladore-1", "LADORE_SERUM"));
    site.mintsoft.create_order(order("ladore-2", "KALLPA_SERUM"));
    site.sync().await;
    until("the callbacks are registered", async || !site.mintsoft.connect_actions(id).is_empty()).await;
    let moved = Recipient { first_name: Some(PERSONAL[6].into()), ..xiomara() };
    site.mintsoft.set_recipient(id, moved).unwrap();
    site.mintsoft.despatch(id, Some("JD1")).unwrap();
    site.mintsoft.add_tracking_event(id, "Delivered").unwrap();
    until("the order is delivered", async || site.row(id, "delivered_at").await.is_some()).await;
    let path = format!("logistics/orders/{}", site.id_of(id).await);
    let shown = site.get(&path).await.expect(200);
    assert!(shown["recipient"].to_string().contains(PERSONAL[6]), "{shown}");
    site.get(&format!("logistics/orders?search={}", PERSONAL[1])).await.expect(200);
    site.get(&format!("{path}/history")).await.expect(200);
    people_write(site).await;
    for fault in [Fault::TruncatedJson, Fault::NotAnArray, Fault::Status { code: 500 }, Fault::Unauthorized] {
        site.mintsoft.fail_next(fault, 3, None);
        site.get(&path).await.expect(200);
        site.mintsoft.forget_faults();
    }
    let wrong =
        json!({"provider": "mintsoft", "credentials": {"username": "u", "password": PASSWORD, "x": 1}});
    let refused = site.staff(Method::POST, &format!("tenants/{LADORE}/logistics-config"), &wrong).await;
    assert_eq!(refused.status, 422, "{}", refused.text);
    assert!(!refused.text.contains(PASSWORD), "{}", refused.text);
}

/// A reason and a comment, both with a person in them.
async fn people_write(site: &Site) {
    let id = site.mintsoft.create_order(order("ladore-3", "LADORE_SERUM"));
    site.sync().await;
    let path = format!("/api/v1/logistics/orders/{}", site.id_of(id).await);
    let comment = json!({"comment": PERSONAL[10]});
    site.service.send(Method::POST, &format!("{path}/comments"), &site.ladore, &comment).await.expect(200);
    let thread = site.service.get(&format!("{path}/comments"), &site.ladore).await.expect(200);
    assert!(thread.to_string().contains(PERSONAL[10]), "{thread}");
    let reason = json!({"reason": PERSONAL[9]});
    site.service.send(Method::POST, &format!("{path}/cancel"), &site.ladore, &reason).await.expect(200);
    let history = site.service.get(&format!("{path}/history"), &site.ladore).await.expect(200);
    assert!(history.to_string().contains(PERSONAL[9]), "{history}");
}

/// Every page that the description knows is asked for, by the staff, by the brand, and by strangers; a key of the warehouse
/// goes in. Gives every answer, with its headers.
async fn everything_is_asked(site: &Site) -> String {
    let mut told = String::new();
    let mut keep = |place: &str, reply: &Reply| {
        writeln!(told, "{place}: {} {:?} {}", reply.status, reply.headers, reply.text).unwrap();
    };
    let id = site.mintsoft.order_ids()[0];
    let order = site.id_of(id).await;
    let document = site.service.get("/openapi.json", &site.staff).await.expect(200);
    let paths = document["paths"].as_object().unwrap();
    let ends = |path: &str| !path.ends_with("/stream");
    let readable =
        paths.iter().filter(|(path, item)| item["get"].is_object() && ends(path)).map(|(path, _)| path);
    let mut answered = 0;
    for path in readable {
        let named = path.contains("{tenant_id}");
        let mut address = path.replace("{tenant_id}", &LADORE.to_string()).replace("{id}", &order);
        while let Some((begin, rest)) = address.split_once('{') {
            let end = rest.split_once('}').map_or("", |(_, end)| end);
            address = format!("{begin}00000000-0000-0000-0000-000000000000{end}");
        }
        let query = if named || !path.starts_with("/api/v1/logistics") { "" } else { "?tenant_id=7" };
        for key in [&site.staff, &site.ladore] {
            let request = site.service.request(Method::GET, &format!("{address}{query}"));
            let Some(reply) = Reply::perhaps(request.header("x-api-key", key)).await else { continue };
            answered += usize::from(reply.status == 200);
            keep(path, &reply);
        }
    }
    assert!(answered > 8, "the walk reaches what is behind the gate: {told}");

    let [token, key, callback] = SENT_BY_STRANGERS;
    let orders = || site.service.request(Method::GET, "/api/v1/logistics/orders");
    keep("a token", &Reply::to(orders().header("authorization", format!("Bearer {token}"))).await);
    keep("a key", &Reply::to(orders().header("x-api-key", key)).await);
    let hook = format!("/api/v1/webhooks/mintsoft?a={LADORE}&o=1&e=delivered&t={callback}");
    keep("a callback", &Reply::to(site.service.request(Method::POST, &hook)).await);

    let config = format!("tenants/{KALLPA}/logistics-config");
    for body in [
        json!({"credentials": {"api_key": STATIC_KEY}}),
        json!({"credentials": {"api_key": [STATIC_KEY]}}),
        json!({"credentials": STATIC_KEY}),
        json!({"api_url": format!("https://ops:{PASSWORD}@warehouse.example")}),
        json!({"timezone": PASSWORD}),
        json!({"sku_prefix": "", "credentials": {"api_key": STATIC_KEY}}),
    ] {
        keep("a configuration", &site.staff(Method::PATCH, &config, &body).await);
    }
    let secret = json!({"webhook_secret": {"text": SHOP_SECRET}});
    keep("a shop", &site.staff(Method::PUT, &format!("tenants/{KALLPA}/shops/shopify"), &secret).await);
    told
}

fn callback_tokens(site: &Site) -> Vec<String> {
    let orders = site.mintsoft.order_ids();
    let actions = orders.iter().flat_map(|id| site.mintsoft.connect_actions(*id));
    let tokens = actions.filter_map(|action| Some(action.despatched_url?.split("&t=").nth(1)?.to_owned()));
    let tokens: Vec<String> = tokens.collect();
    assert!(!tokens.is_empty());
    tokens
}

fn line_with<'a>(log: &'a str, secret: &str) -> Option<&'a str> {
    log.lines().find(|line| line.contains(secret))
}

async fn tables(site: &Site) -> Vec<String> {
    let sql = "select tablename::text from pg_tables where schemaname = 'public' order by 1";
    let tables: Vec<String> = sqlx::query_scalar(sql).fetch_all(site.database.owner_pool()).await.unwrap();
    assert!(tables.len() > 15, "{tables:?}");
    tables
}

/// How many rows show the text in any column, as text or as bytes.
async fn rows_with(site: &Site, table: &str, secret: &str) -> i64 {
    let sql = format!(
        "select count(*) from {table} t where strpos(lower(t::text), lower($1)) > 0 or strpos(t::text, $2) > 0"
    );
    sqlx::query_scalar(&sql)
        .bind(secret)
        .bind(hex::encode(secret))
        .fetch_one(site.database.owner_pool())
        .await
        .unwrap()
}
