//! `api_url` cannot lead into anybody's network: not when it is given, in whatever disguise, nor when it is called. The way
//! to the OpenID provider is not here: its address is the operator's setting, and no caller can choose it.

use logistics_ledger::access::Role;
use logistics_ledger::mintsoft::{Credentials, UpstreamError};
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::net::TcpListener;

use super::stub::{Scene, reply};
use crate::api::world::{LADORE, World};

/// Addresses inside, and disguises of them.
const INSIDE: [&str; 47] = [
    "127.0.0.1",
    "127.0.0.1:443",
    "127.0.0.1.",
    "127.1",
    "0",
    "0.0.0.0",
    "2130706433",
    "0x7f000001",
    "0x7f.0.0.1",
    "0177.0.0.1",
    "017700000001",
    "127.0.0.1%2f",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "0xa9fea9fe",
    "100.64.0.1",
    "192.0.0.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "[::]",
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[::ffff:10.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::a00:1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[2001::1]",
    "[fc00::1]",
    "[fd12:3456::1]",
    "[fe80::1]",
    "[fec0::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "１２７.０.０.１",
    "127。0。0。1",
    "localhost",
    "LOCALHOST.",
    "warehouse.localhost",
];

/// What is no address of a warehouse at all.
const MALFORMED: [&str; 17] = [
    "http://api.mintsoft.example",
    "file:///etc/passwd",
    "gopher://api.mintsoft.example/_GET",
    "ftp://api.mintsoft.example",
    "ws://api.mintsoft.example",
    "data:text/plain,x",
    "javascript:alert(1)",
    "api.mintsoft.example",
    "//api.mintsoft.example",
    "https://",
    "https://user@api.mintsoft.example",
    "https://user:secret@api.mintsoft.example",
    "https://api.mintsoft.example@10.0.0.1",
    "https://10.0.0.1\\@api.mintsoft.example",
    "https://api.mintsoft.example/?next=http://10.0.0.1",
    "https://api.mintsoft.example/#@10.0.0.1",
    "https://api.mintsoft.example:99999",
];

#[tokio::test]
async fn no_address_inside_somebodys_network_is_taken_for_an_api_url() {
    let world = World::create().await;
    let key = world.key(Role::Superadmin, None).await;
    let inside = INSIDE.iter().map(|host| format!("https://{host}"));
    for url in inside.chain(MALFORMED.iter().map(|url| (*url).to_owned())) {
        let config = json!({
            "account_type": "shared", "api_url": url, "credentials": {"api_key": "k-1"}, "sku_prefix": "LADORE",
        });
        let path = format!("/api/v1/tenants/{LADORE}/logistics-config");
        let refused = world.send(Method::POST, &path, &key, &config).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::UNPROCESSABLE_ENTITY, "field_invalid"),
            "{url}"
        );
        assert_eq!(refused.body["field"], "api_url", "{url}");
        assert!(!refused.detail().contains("secret"), "{url}: {refused:?}");
    }
    let kept: i64 = sqlx::query_scalar("select count(*) from logistics_config")
        .fetch_one(world.database.owner_pool())
        .await
        .unwrap();
    assert_eq!(kept, 0);
}

#[tokio::test]
async fn an_address_that_was_stored_before_a_rule_is_not_called_either() {
    let mut scene = Scene::create().await;
    scene.settings.allow_insecure_upstream = false;
    scene.settings.retries_max = 0;
    for host in INSIDE {
        let mut access = scene.access(Credentials::api_key("k"));
        access.api_url = format!("https://{host}");
        let error = scene.client().account(access).order_statuses().await.unwrap_err();
        assert!(matches!(error, UpstreamError::BadUrl { .. }), "{host}: {error}");
    }
}

#[tokio::test]
async fn no_answer_sends_a_call_elsewhere() {
    let scene = Scene::create().await;
    let elsewhere = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let inside = format!("http://{}/latest/meta-data", elsewhere.local_addr().unwrap());
    for status in [301, 302, 303, 307, 308] {
        for place in [inside.as_str(), "file:///etc/passwd", "//169.254.169.254/", "gopher://127.0.0.1/"] {
            let sent =
                || reply(status, "").header("location", place).header("refresh", format!("0; url={place}"));
            scene.stub.will_answer([sent()]);
            let before = scene.stub.calls().len();
            let error = scene.by_key().order_statuses().await.unwrap_err();
            assert!(error.to_string().contains("redirect"), "{status} {place}: {error}");
            assert_eq!(scene.stub.calls().len(), before + 1, "{status} {place}");
        }
    }
    let called = tokio::time::timeout(std::time::Duration::from_millis(50), elsewhere.accept()).await;
    assert!(called.is_err(), "somebody followed the redirect");
}
