//! `ledger rebuild` as a command: what it answers, and with which status it ends.

use std::process::Output;

use serde_json::Value;
use tokio::process::Command;

use super::world::{MASTER_KEY, World};

async fn run(world: &World, words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_ledger"))
        .arg("rebuild")
        .args(words)
        .env("DATABASE_URL", world.database.url())
        .env("LEDGER_MASTER_KEY", format!("k1:{MASTER_KEY}"))
        .output()
        .await
        .unwrap()
}

#[tokio::test]
async fn a_check_fails_where_something_differs_and_a_rebuild_repairs_it() {
    let world = World::with_orders(31, 10, 3).await;
    world.run("update logistics_orders set status = 'LOST'").await;

    let checked = run(&world, &["--check", "--json"]).await;
    assert_eq!(checked.status.code(), Some(1));
    let report: Value = serde_json::from_slice(&checked.stdout).unwrap();
    assert_eq!((&report["differences"], &report["swapped"]), (&10.into(), &false.into()));
    assert_eq!(report["differing_rows"][0]["columns"], serde_json::json!(["status"]));

    let rebuilt = run(&world, &[]).await;
    let told = String::from_utf8(rebuilt.stdout).unwrap();
    assert!(rebuilt.status.success(), "{}", String::from_utf8_lossy(&rebuilt.stderr));
    assert!(told.contains("the rebuilt tables are in place"), "{told}");

    let checked = run(&world, &["--check"]).await;
    assert!(checked.status.success());
    assert!(String::from_utf8(checked.stdout).unwrap().ends_with("nothing was changed\n"));
}
