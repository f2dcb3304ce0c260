//! Schemathesis, a tool that knows nothing of this code, tries the running service by its own description: `ledger serve`
//! over a real database and the sandbox, once for every role. It fails on any 5xx, any answer whose status, type, headers or
//! body the description does not tell of, any bad request that is taken and any good one that is not, any door that opens
//! without a key. What it generates hangs on a seed, so a failure can be repeated.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use logistics_ledger::access::Role;
use tokio::process::Command;

use crate::service::site::{KALLPA, LADORE, Site};

/// Where `.ci/prepare test` puts the tool.
fn tool() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let tool = target.join("schemathesis/venv/bin/schemathesis");
    assert!(tool.is_file(), "schemathesis is missing; run .ci/prepare test");
    tool
}

/// Orders of every kind of state, and a paid shop order that is not in the warehouse.
async fn seeded() -> (Site, String) {
    // The tool asks faster than any caller should; what a limit would answer is not what is tried here.
    let unlimited = [("LEDGER_RATE_LIMIT", "0"), ("LEDGER_RATE_LIMIT_ADDRESS", "0")];
    let site = Site::settled(&unlimited).await;
    let ids: Vec<i64> = (1001..1009).map(|n| site.order(&format!("ladore-{n}"))).collect();
    site.mintsoft.despatch(ids[0], Some("JD1")).unwrap();
    site.mintsoft.add_tracking_event(ids[0], "InTransit").unwrap();
    site.sync().await;
    let order = site.id_of(ids[0]).await;
    (site, order)
}

/// The tool's settings, as a file; with places that exist or without.
fn settings(places: bool) -> PathBuf {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemathesis");
    let mut text = fs::read_to_string(room.join("schemathesis.toml")).unwrap();
    if places {
        text.push_str(&fs::read_to_string(room.join("places.toml")).unwrap());
    }
    let name = if places { "schemathesis-places.toml" } else { "schemathesis.toml" };
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&file, text).unwrap();
    file
}

/// Runs the tool as a role, and gives what it says where it found something.
async fn tried(site: &Site, order: &str, role: Role, mode: &str, phases: &str) -> Result<(), String> {
    let (key, tenant) = match role {
        Role::Superadmin => (site.staff.clone(), LADORE),
        role => (site.key(role, LADORE).await, LADORE),
    };
    // Nobody but the staff configures, and for the staff it is another tenant than the one that is read.
    let configured = if role == Role::Superadmin { KALLPA } else { LADORE };
    let settings = settings(mode == "positive");
    let ran = Command::new(tool())
        .arg("--config-file")
        .arg(&settings)
        .args([
            "run",
            "--mode",
            mode,
            "--phases",
            phases,
            "--url",
            &site.service.url(""),
            &site.service.url("/openapi.json"),
        ])
        .env("LEDGER_TEST_KEY", key)
        .env("LEDGER_TEST_TENANT", tenant.to_string())
        .env("LEDGER_TEST_CONFIGURED", configured.to_string())
        .env("LEDGER_TEST_ORDER", order)
        .env("NO_COLOR", "1")
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    if ran.status.success() { Ok(()) } else { Err(format!("as {role}, {mode}:\n{said}")) }
}

#[tokio::test]
async fn the_service_keeps_to_its_description_whoever_asks_and_whatever() {
    let (site, order) = seeded().await;
    let mut found = Vec::new();
    // The staff reaches everything, so everything is tried as the staff, and last, since it may take others' keys away.
    for role in Role::ALL.into_iter().rev() {
        let staff = role == Role::Superadmin;
        let good = if staff { "examples,coverage,fuzzing,stateful" } else { "examples,fuzzing" };
        found.extend(tried(&site, &order, role, "positive", good).await.err());
        if staff || role == Role::Admin {
            found.extend(tried(&site, &order, role, "negative", "coverage,fuzzing").await.err());
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
