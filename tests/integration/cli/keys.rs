//! `api-key create` and `revoke`: the key alone on standard output, good at a running service until it is revoked.

use logistics_ledger::app::{App, AppSettings};
use logistics_ledger::clock::Clock;
use serde_json::Value;

use super::terminal::{MASTER_KEY, end_of, program, typed};
use crate::support::database::TestDatabase;

/// A service over the database, in this process.
pub async fn service(database: &TestDatabase) -> App {
    let settings = AppSettings::default();
    let ring = MASTER_KEY.parse().unwrap();
    App::start(database.pool().clone(), ring, Clock::system(), settings).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "a test calls as anybody does")]
pub fn caller() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// A database with the tenant 7.
pub async fn with_ladore() -> TestDatabase {
    let database = TestDatabase::create_with(12).await;
    let words = ["tenant", "add", "--id", "7", "--name", "Ladore", "--slug", "ladore"];
    assert_eq!(typed(database.url(), &words).await.status, 0);
    database
}

async fn asks(app: &App, key: &str) -> u16 {
    let url = format!("http://{}/api/v1/logistics/orders", app.address());
    caller().get(url).header("x-api-key", key).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn a_fresh_key_stands_alone_and_opens_the_service_until_it_is_revoked() {
    let database = with_ladore().await;
    let app = service(&database).await;
    let mut command =
        program(&["--log-format", "json", "api-key", "create", "--tenant", "7", "--role", "ADMIN"]);
    command.env("DATABASE_URL", database.url()).env("LEDGER_LOG", "info");
    let made = end_of(command).await;
    assert_eq!((made.status, made.answer.lines().count()), (0, 1), "{made:?}");
    let key = made.answer.trim_end();
    assert!(!made.aside.contains(key), "a key is not logged");
    assert_eq!(asks(&app, key).await, 200);

    let logged: Vec<Value> = made.aside.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let id = logged.iter().find_map(|line| line["id"].as_str()).unwrap();
    let revoked = typed(database.url(), &["api-key", "revoke", id]).await;
    assert_eq!(revoked.answer(), format!("the key {id} was revoked"));
    assert_eq!(asks(&app, key).await, 401);
    let again = typed(database.url(), &["api-key", "revoke", id]).await;
    assert_eq!(again.failure(), format!("there is no key {id}, or it was revoked before"));
    app.stop().await;
}

#[tokio::test]
async fn a_key_needs_a_tenant_that_exists_unless_it_is_the_staffs() {
    let database = with_ladore().await;
    let create = |words: &'static [&'static str]| {
        let words: Vec<&str> = ["api-key", "create"].iter().chain(words).copied().collect();
        let url = database.url();
        async move { typed(url, &words).await }
    };
    for words in [
        &["--role", "ADMIN"][..],
        &["--role", "ADMIN", "--tenant", "99"],
        &["--role", "SUPERADMIN", "--tenant", "7"],
    ] {
        let refused = create(words).await;
        assert!(!refused.failure().is_empty());
        assert_eq!(refused.aside.lines().count(), 1, "{refused:?}");
    }
    assert_eq!(create(&["--role", "SUPERADMIN"]).await.answer().lines().count(), 1);
    assert_eq!(create(&["--role", "VIEWER", "--tenant", "7"]).await.answer().lines().count(), 1);
}

#[tokio::test]
async fn an_unknown_key_is_not_revoked() {
    let database = TestDatabase::create().await;
    let unknown = "00000000-0000-7000-8000-000000000000";
    let told = typed(database.url(), &["api-key", "revoke", unknown]).await;
    assert_eq!(told.failure(), format!("there is no key {unknown}, or it was revoked before"));
}
