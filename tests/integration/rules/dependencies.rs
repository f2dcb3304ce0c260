//! What is compiled has none of the crates that `.deny.toml` bans.

use std::collections::BTreeSet;
use std::process::Command;

use super::tree::forbid;

#[test]
fn no_banned_crate_is_compiled() {
    let rules = include_str!("../../../.deny.toml");
    let banned: BTreeSet<&str> = rules
        .lines()
        .filter_map(|line| line.trim().strip_prefix("{ crate = \"")?.split('"').next())
        .collect();
    assert!(banned.contains("ring"), "{banned:?}");

    let tree =
        ["tree", "--workspace", "--offline", "--locked", "--edges", "normal,build", "--prefix", "none"];
    let listed =
        Command::new(env!("CARGO")).args(tree).current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(listed.status.success(), "{}", String::from_utf8_lossy(&listed.stderr));
    let listed = String::from_utf8(listed.stdout).unwrap();
    let compiled: BTreeSet<&str> = listed.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(compiled.contains("aws-lc-rs"), "{listed}");

    let found: Vec<String> = compiled.intersection(&banned).map(|name| (*name).to_owned()).collect();
    forbid("choose features that leave these crates out, for the reasons in .deny.toml", &found);
}
