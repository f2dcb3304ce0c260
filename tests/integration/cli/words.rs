//! The words of the command line: what `--help` shows, what is not understood, and what is said without a database.

use std::collections::BTreeSet;

use futures_util::future::join_all;

use super::terminal::{end_of, program, typed};

/// No server listens there.
const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/nothing";

const COMMANDS: [&[&str]; 23] = [
    &["demo"],
    &["serve"],
    &["sandbox"],
    &["migrate"],
    &["rebuild"],
    &["tenant", "add"],
    &["tenant", "list"],
    &["keys", "reseal"],
    &["api-key", "create"],
    &["api-key", "list"],
    &["api-key", "revoke"],
    &["person", "add"],
    &["person", "list"],
    &["person", "deactivate"],
    &["sync"],
    &["history"],
    &["erase"],
    &["verify"],
    &["audit", "checkpoint"],
    &["audit", "dossier"],
    &["audit", "key"],
    &["inbox", "list"],
    &["inbox", "retry"],
];

#[tokio::test]
async fn the_help_lists_every_command_and_each_has_help_of_its_own() {
    let overview = end_of(program(&["--help"])).await;
    for words in COMMANDS {
        let listed = overview.answer().lines().any(|line| line.trim_start().starts_with(words[0]));
        assert!(listed, "{words:?} in {overview:?}");
        let asked: Vec<&str> = words.iter().copied().chain(["--help"]).collect();
        let help = end_of(program(&asked)).await;
        assert!(help.answer().contains("Usage: ledger"), "{help:?}");
    }
}

#[tokio::test]
async fn each_command_shows_the_variables_that_it_reads_and_no_secret() {
    for words in COMMANDS.into_iter().filter(|words| !matches!(words[0], "demo" | "sandbox")) {
        let asked: Vec<&str> = words.iter().copied().chain(["--help"]).collect();
        let mut command = program(&asked);
        command.env("DATABASE_URL", "postgres://ledger:hushhush@db/ledger");
        let help = end_of(command).await;
        for variable in ["DATABASE_URL", "LEDGER_DATA_DIR", "LEDGER_LOG", "LEDGER_LOG_FORMAT"] {
            assert!(help.answer().contains(&format!("[env: {variable}")), "{words:?}: {variable}");
        }
        assert!(!help.answer.contains("hushhush") && !help.answer.contains("MDEyMzQ1"), "{help:?}");
    }
    for words in ["serve", "sync"] {
        let help = end_of(program(&[words, "--help"])).await;
        for variable in ["LEDGER_MASTER_KEY", "LEDGER_PUBLIC_URL", "LEDGER_UPSTREAM_TIMEOUT"] {
            assert!(help.answer().contains(&format!("[env: {variable}")), "{words}: {variable}");
        }
    }
}

#[tokio::test]
async fn words_that_are_not_understood_end_with_two_before_anything_is_done() {
    for words in [
        &["shred"][..],
        &["tenant"],
        &["tenant", "add", "--id", "seven", "--name", "L", "--slug", "l"],
        &["tenant", "add", "--name", "Ladore", "--slug", "ladore"],
        &["api-key", "create", "--role", "KING"],
        &["api-key", "create", "--role", "VIEWER", "--tenant", "7", "--expires-in", "soon"],
        &["api-key", "revoke", "the-first"],
        &["sync"],
        &["sync", "--tenant", "7", "--wait-for", "0s"],
        &["history"],
        &["erase", "ladore-1"],
        &["history", "ladore-1", "--as-of", "yesterday"],
        &["history", "ladore-1", "--as-of", "2026-02-30"],
        &["history", "ladore-1", "--as-of", "2026-11-23T14:00:00"],
        &["verify", "dossier.json", "--tenant", "7"],
        &["verify", "--key", "a+00000000+AQ=="],
        &["audit", "checkpoint"],
        &["audit", "checkpoint", "--tenant", "7", "--since", "-1"],
        &["audit", "dossier"],
        &["inbox", "list", "--state", "lost"],
        &["inbox", "list", "--limit", "0"],
        &["inbox", "retry", "7"],
    ] {
        let told = typed(NOWHERE, words).await;
        assert!(!told.misunderstood().is_empty(), "{words:?}");
    }
    assert_eq!(end_of(program(&[])).await.status, 2);
}

#[tokio::test]
async fn what_is_not_understood_is_told_with_what_to_write() {
    let date = typed(NOWHERE, &["history", "ladore-1", "--as-of", "yesterday"]).await;
    assert!(date.misunderstood().contains("2026-11-23T14:00:00Z"), "{date:?}");
    let state = typed(NOWHERE, &["inbox", "list", "--state", "lost"]).await;
    assert!(state.misunderstood().contains("received, processed, ignored, dead"), "{state:?}");
}

#[tokio::test]
async fn without_its_database_every_command_says_so_in_one_sentence() {
    let commands = [
        &["migrate"][..],
        &["tenant", "add", "--id", "7", "--name", "Ladore", "--slug", "ladore"],
        &["sync", "--tenant", "7"],
        &["history", "ladore-1"],
        &["verify"],
        &["audit", "key", "--tenant", "7"],
        &["inbox", "list"],
    ];
    for told in join_all(commands.map(|words| typed(NOWHERE, words))).await {
        assert!(told.failure().starts_with("the database does not answer; check that it runs"), "{told:?}");
        assert_eq!(told.aside.lines().count(), 1, "{told:?}");
    }
}

#[tokio::test]
async fn an_address_that_is_none_is_refused_without_its_password() {
    let told = typed("mysql://ledger:hushhush@db/ledger", &["migrate"]).await;
    assert!(told.failure().starts_with("DATABASE_URL is not a PostgreSQL URL"), "{told:?}");
    assert!(!told.aside.contains("hushhush"), "{told:?}");
}

#[tokio::test]
async fn the_operators_document_names_every_variable_that_a_command_reads_and_no_other() {
    let mut read = BTreeSet::new();
    for words in COMMANDS {
        let asked: Vec<&str> = words.iter().copied().chain(["--help"]).collect();
        let help = end_of(program(&asked)).await;
        let named = help.answer().split("[env: ").skip(1).filter_map(|rest| rest.split(['=', ']']).next());
        read.extend(named.map(str::to_owned));
    }
    let rows =
        include_str!("../../../docs/operations.md").lines().filter_map(|line| line.strip_prefix("| `"));
    let variables = rows.filter_map(|row| row.split('`').next());
    let told: BTreeSet<String> = variables
        .filter(|name| name.starts_with("LEDGER_") || *name == "DATABASE_URL")
        .map(str::to_owned)
        .collect();
    assert_eq!(told, read, "docs/operations.md, Settings: one row each");
}
