//! The index of decisions names each decision, each of which has the common form; and the page on operations each role
//! that a database must have, and each kind of job that may die. The catalogue of events names each kind of cause.

use std::collections::BTreeSet;

use logistics_domain::order::catalogue::METADATA;

use super::tree::{forbid, product_files, texts};

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

#[test]
fn decisions_have_one_form() {
    let parts = ["## Context", "## Decision", "## Consequences", "## Rejected"];
    let strange: Vec<String> = texts("docs/adr", &["md"])
        .iter()
        .filter(|file| file.path != "docs/adr/README.md")
        .filter(|file| {
            let number = &file.path["docs/adr/".len()..][..4];
            let heads: Vec<&str> = file.text.lines().filter(|line| line.starts_with("## ")).collect();
            heads != parts || !file.text.starts_with(&format!("# {number}. "))
        })
        .map(|file| file.path.clone())
        .collect();
    forbid(
        "begin with `# number. title`, and have the parts Context, Decision, Consequences, Rejected",
        &strange,
    );
}

#[test]
fn a_changed_decision_says_what_changed_it() {
    let decisions = texts("docs/adr", &["md"]);
    let number = |path: &str| path["docs/adr/".len()..][..4].to_owned();
    let named = |paragraph: &str| -> Vec<String> {
        paragraph.split('[').skip(1).map(|rest| rest.chars().take(4).collect()).collect()
    };
    let part_of = |text: &str, beginning: &str| -> Vec<String> {
        let text = text.split("## Context").next().unwrap_or_default().replace('\n', " ");
        let Some((_, rest)) = text.split_once(beginning) else { return vec![] };
        named(rest.split(". ").next().unwrap_or_default())
    };
    let pairs = |beginning: &str| -> BTreeSet<(String, String)> {
        let of = |file: &super::tree::Text| {
            let own = number(&file.path);
            part_of(&file.text, beginning).into_iter().map(move |other| (own.clone(), other))
        };
        decisions.iter().filter(|file| file.path != "docs/adr/README.md").flat_map(of).collect()
    };
    let changes: BTreeSet<_> = pairs("Changes a part of ").into_iter().map(|(new, old)| (old, new)).collect();
    assert!(changes.len() >= 5, "{changes:?}");
    assert_eq!(
        pairs("Changed in part by "),
        changes,
        "the old decision names the new one, and the other way round"
    );
}

#[test]
fn files_that_documents_name_exist() {
    let sources: Vec<String> = ["src", "domain", "projections", "tests"]
        .iter()
        .flat_map(|dir| texts(dir, &["rs"]))
        .map(|file| format!("/{}", file.path))
        .collect();
    let gone: Vec<String> = texts("docs", &["md"])
        .iter()
        .flat_map(|file| {
            let names = file
                .text
                .split('`')
                .filter(|name| name.strip_suffix(".rs").is_some() && !name.contains([' ', '{', '*']));
            let is_gone = |name: &&str| !sources.iter().any(|path| path.ends_with(&format!("/{name}")));
            names.filter(is_gone).map(|name| format!("{}: {name}", file.path)).collect::<Vec<_>>()
        })
        .collect();
    forbid("name a file that exists", &gone);
}

#[test]
fn whoever_makes_roles_by_hand_makes_each_that_migrations_need() {
    let names = |text: &str| -> BTreeSet<String> {
        let words = text.split("create role ").skip(1).filter_map(|rest| {
            rest.split(|letter: char| !letter.is_ascii_lowercase() && letter != '_').next()
        });
        words.map(str::to_owned).collect()
    };
    let needed: BTreeSet<String> =
        texts("migrations", &["sql"]).iter().flat_map(|file| names(&file.text)).collect();
    assert!(needed.len() > 1, "{needed:?}");
    let pages = texts("docs", &["md"]);
    let page = pages.iter().find(|file| file.path == "docs/operations.md").unwrap();
    let blocks = page.text.split("```").skip(1).step_by(2).filter(|block| block.contains("create role"));
    let missing: Vec<String> = blocks
        .clone()
        .flat_map(|block| {
            let granted =
                |role: &&String| block.lines().any(|line| line.contains("grant") && line.contains(*role));
            needed
                .iter()
                .filter(|role| !names(block).contains(*role) || !granted(role))
                .cloned()
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(blocks.count(), 2, "one for an administrator, one before a restore");
    forbid("make the role, and grant it, in both blocks of docs/operations.md", &missing);
}

#[test]
fn whoever_finds_a_dead_job_is_told_what_its_kind_means() {
    let files = product_files();
    let handled = files.iter().flat_map(|file| {
        let names = file.product().split(".handle(").skip(1);
        names.filter_map(|rest| {
            rest.split(|letter: char| !letter.is_ascii_uppercase() && letter != '_').next()
        })
    });
    let kinds: BTreeSet<&str> = handled
        .filter_map(|name| {
            let made = format!("const {name}: &str = \"");
            files.iter().find_map(|file| file.product().split_once(&made)?.1.split('"').next())
        })
        .collect();
    assert!(kinds.len() >= 14, "the search for kinds went astray: {kinds:?}");
    let pages = texts("docs", &["md"]);
    let page = pages.iter().find(|file| file.path == "docs/operations.md").unwrap();
    let (_, table) = page.text.split_once("| kind | dead after | means | do |").unwrap();
    let told: BTreeSet<&str> = table
        .lines()
        .skip(2)
        .take_while(|row| row.starts_with('|'))
        .flat_map(|row| row.split('|').nth(1).unwrap().split('`').skip(1).step_by(2))
        .collect();
    assert_eq!(told, kinds, "a row a kind of job in docs/operations.md");
}

#[test]
fn the_catalogue_names_each_kind_of_cause_that_is_written() {
    let files = product_files();
    let lines = files.iter().flat_map(|file| file.product().lines());
    let causes = lines.filter(|line| line.contains("Cause::own(") || line.contains("cause: Some("));
    let written: BTreeSet<String> = causes
        .filter_map(|line| {
            let (kind, _) = line.split_once("format!(\"")?.1.split_once(":{")?;
            Some(format!("`{kind}:<id>`"))
        })
        .collect();
    assert!(written.len() >= 5, "the search for causes went astray: {written:?}");
    let told = METADATA.iter().find(|field| field.name == "cause").unwrap().meaning;
    let named: BTreeSet<String> =
        told.split('`').skip(1).step_by(2).map(|kind| format!("`{kind}`")).collect();
    assert_eq!(named, written, "the kinds of cause in domain/src/order/catalogue/beside.rs");
}
