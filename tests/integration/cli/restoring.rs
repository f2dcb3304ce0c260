//! A backup is a dump and the key ring: restored into an empty database, the service works as before.

use std::path::{Path, PathBuf};

use logistics_ledger::access::{KeyRequest, Role, issue_key};
use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::{OrderSpec, Sandbox, SandboxSettings};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::process::Command;

use super::terminal::{MASTER_KEY, end_of, program};
use crate::support::database::TestDatabase;
use crate::support::service::{Service, until};

/// A program of PostgreSQL's clients; none on a machine that has only a copied server.
fn client_program(name: &str) -> Option<PathBuf> {
    let newest = || {
        let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
        let mut found: Vec<PathBuf> =
            versions.flatten().map(|version| version.path().join("bin").join(name)).collect();
        found.sort();
        found.into_iter().rev().find(|path| path.is_file())
    };
    let common = Path::new("/usr/bin").join(name);
    newest().or_else(|| common.is_file().then_some(common))
}

async fn run(program: &Path, words: &[&str]) {
    let output = Command::new(program).args(words).output().await.unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[tokio::test]
async fn a_restored_dump_serves_what_was_known() {
    let (Some(dump), Some(restore)) = (client_program("pg_dump"), client_program("pg_restore")) else {
        return;
    };
    let database = TestDatabase::create_with(4).await;
    let sandbox = Sandbox::start(SandboxSettings::default()).await.unwrap();
    let service = Service::start(database.url(), &[("LEDGER_MASTER_KEY", MASTER_KEY)]).await;
    let request = KeyRequest { tenant: None, role: Role::Superadmin, label: String::new(), expires_at: None };
    let staff = issue_key(database.pool(), &request, Clock::system().now()).await.unwrap().text;
    let tenant = json!({"id": 7, "name": "Ladore", "slug": "ladore"});
    service.send(Method::POST, "/api/v1/tenants", &staff, &tenant).await.expect(201);
    let config = json!({"account_type": "shared", "api_url": sandbox.url(), "sku_prefix": "LADORE", "shared_client_id": 3,
                        "credentials": {"username": "ops@warehouse.example", "password": "sandbox"}});
    let path = "/api/v1/tenants/7/logistics-config";
    service.send(Method::POST, path, &staff, &config).await.expect(201);
    sandbox.world().create_order(OrderSpec::of(3, "ladore-1", &[("LADORE_A", 1)]));
    service.send(Method::POST, "/api/v1/tenants/7/logistics/sync", &staff, &Value::Null).await;
    let list = "/api/v1/logistics/orders?tenant_id=7";
    until("the order was read", async || service.get(list, &staff).await.expect(200)["total"] == 1).await;

    let file =
        Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.dump", logistics_ledger::clock::new_id()));
    let file_name = file.to_str().unwrap();
    run(&dump, &["-Fc", "-f", file_name, "-d", database.url()]).await;
    drop(service);
    let fresh = TestDatabase::create_empty().await;
    run(&restore, &["--no-owner", "--exit-on-error", "-d", &fresh, file_name]).await;
    std::fs::remove_file(&file).unwrap();

    let service = Service::start(&fresh, &[("LEDGER_MASTER_KEY", MASTER_KEY)]).await;
    let known = service.get(list, &staff).await.expect(200);
    assert_eq!(
        (&known["total"], &known["items"][0]["mintsoft_order_number"]),
        (&json!(1), &json!("ladore-1"))
    );
    let order = known["items"][0]["id"].as_str().unwrap();
    let shown = format!("/api/v1/logistics/orders/{order}?tenant_id=7");
    assert!(service.get(&shown, &staff).await.expect(200).is_object());
    let tested = service.send(Method::POST, &format!("{path}/test"), &staff, &json!({})).await.expect(200);
    assert_eq!(tested["state"], "ok", "the credentials open with the same ring: {tested}");
    let mut rebuild = program(&["rebuild"]);
    rebuild.env("DATABASE_URL", &fresh).env("LEDGER_LOG", "error");
    let rebuilt = end_of(rebuild).await;
    assert_eq!(rebuilt.status, 0, "{rebuilt:?}");
}
