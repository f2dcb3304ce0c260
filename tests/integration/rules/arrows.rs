//! The arrows between crates: the service knows the projections and the domain, the projections know the
//! domain, the domain knows nobody; and neither of the two knows a socket.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::Value;

use super::tree::root;

/// What each crate of the house may use of the others.
const ARROWS: [(&str, &[&str]); 3] = [
    ("logistics-domain", &[]),
    ("logistics-ledger", &["logistics-domain", "logistics-projections"]),
    ("logistics-projections", &["logistics-domain"]),
];

/// What a pure crate has no use for: sockets, clocks, chance, the network.
const IMPURE: [&str; 8] =
    ["tokio", "axum", "reqwest", "rand", "getrandom", "rustix", "tower-http", "logistics-ledger"];

/// The direct dependencies of every crate of the house, by name.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--no-deps", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let name = |value: &Value| value["name"].as_str().unwrap().to_owned();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let all = package["dependencies"].as_array().unwrap();
            (name(package), all.iter().filter(|one| one["kind"].is_null()).map(name).collect())
        })
        .collect()
}

#[test]
fn crates_know_each_other_in_one_direction_only() {
    let dependencies = dependencies();
    let house: Vec<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    assert_eq!(
        dependencies.keys().map(String::as_str).collect::<Vec<_>>(),
        house,
        "a crate joined or left: say here what it may know"
    );
    for (name, allowed) in ARROWS {
        let mut known: Vec<&str> =
            dependencies[name].iter().map(String::as_str).filter(|one| house.contains(one)).collect();
        known.sort_unstable();
        assert_eq!(known, allowed, "what {name} knows of the house");
    }
}

#[test]
fn the_domain_and_the_projections_are_kept_from_the_world() {
    let dependencies = dependencies();
    for (name, banned) in [("logistics-domain", &["sqlx"][..]), ("logistics-projections", &["cqrs-es"][..])] {
        for one in IMPURE.iter().chain(banned) {
            assert!(!dependencies[name].iter().any(|known| known == one), "{name} must not depend on {one}");
        }
    }
}
