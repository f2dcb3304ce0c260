//! The index of decisions names each decision.

use super::tree::{forbid, texts};

#[test]
fn every_decision_is_in_the_index() {
    let decisions = texts("docs/adr", &["md"]);
    let Some(index) = decisions.iter().find(|file| file.path == "docs/adr/README.md") else {
        assert!(decisions.is_empty(), "docs/adr/README.md is missing: it lists the decisions");
        return;
    };
    let missing: Vec<String> = decisions
        .iter()
        .map(|file| file.path.trim_start_matches("docs/adr/").to_owned())
        .filter(|name| name != "README.md" && !index.text.contains(name.as_str()))
        .collect();
    forbid("list the decision in docs/adr/README.md", &missing);
}
