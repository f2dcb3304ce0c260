//! The command line beside what the documents say of it: every command and every setting stands there, and no other; and
//! no help tells a secret.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use clap::{Arg, CommandFactory as _};

use super::*;

/// A page of the project.
fn page(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The cells of each row of the table that begins with this head.
fn rows(page: &str, head: &str) -> Vec<Vec<String>> {
    let (_, table) = page.split_once(head).unwrap_or_else(|| panic!("no table {head}"));
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect()).collect()
}

/// Every command that does something, by its words, with the arguments that it takes.
fn commands(of: &clap::Command, words: &str, all: &mut Vec<(String, Vec<Arg>)>) {
    let mut below = of.get_subcommands().filter(|one| one.get_name() != "help").peekable();
    if below.peek().is_none() {
        all.push((words.to_owned(), of.get_arguments().cloned().collect()));
    }
    for one in below {
        commands(one, &format!("{words} {}", one.get_name()), all);
    }
}

fn every_command() -> Vec<(String, Vec<Arg>)> {
    let (mut whole, mut all) = (Cli::command(), Vec::new());
    whole.build();
    commands(&whole, "ledger", &mut all);
    assert!(all.len() > 15, "{all:?}");
    all
}

/// Every variable that is read, with an argument that it sets.
fn settings() -> BTreeMap<String, Arg> {
    let arguments = every_command().into_iter().flat_map(|(_, arguments)| arguments);
    arguments.filter_map(|one| Some((one.get_env()?.to_str()?.to_owned(), one))).collect()
}

#[test]
fn an_error_is_told_in_one_line_and_says_nothing_twice() {
    let cause = anyhow::anyhow!("no such host\nas db");
    let error = cause.context("it was asked for: no such host\nas db").context("no answer");
    assert_eq!(in_one_line(&error), "no answer: it was asked for: no such host as db");
}

#[test]
fn the_words_fit_together() {
    Cli::command().debug_assert();
}

#[test]
fn the_page_on_operations_has_every_setting_and_its_default_and_no_other() {
    let settings = settings();
    let told: BTreeMap<String, String> =
        rows(&page("docs/operations.md"), "| variable | default | meaning |")
            .into_iter()
            .map(|row| (row[0].trim_matches('`').to_owned(), row[1].clone()))
            .collect();
    assert_eq!(told.keys().collect::<Vec<_>>(), settings.keys().collect::<Vec<_>>());
    for (variable, argument) in &settings {
        let option = variable.trim_start_matches("LEDGER_").to_lowercase().replace('_', "-");
        assert_eq!(argument.get_long(), Some(option.as_str()), "{variable} is an option of the same name");
        for value in argument.get_default_values() {
            let value = value.to_str().unwrap();
            assert_eq!(told[variable].trim_matches('`'), value, "the default of {variable}");
        }
    }
}

#[test]
fn no_help_tells_the_value_of_a_secret() {
    let settings = settings();
    let secret =
        |name: &str| ["_KEY", "_SECRET", "_TOKEN", "DATABASE_URL"].iter().any(|end| name.ends_with(end));
    assert_eq!(settings.keys().filter(|name| secret(name)).count(), 4, "{:?}", settings.keys());
    for (variable, argument) in settings {
        assert_eq!(argument.is_hide_env_values_set(), secret(&variable), "{variable}");
    }
}

#[test]
fn the_first_page_has_every_command_and_no_other() {
    let mut told: Vec<String> = Vec::new();
    for row in rows(&page("README.md"), "| command | does |") {
        // `ledger inbox list`, `retry`: the later ones go with the group of the first.
        let named: Vec<&str> = row[0].split('`').skip(1).step_by(2).collect();
        let plain = |word: &&str| word.starts_with(|first: char| first.is_ascii_lowercase());
        let first: Vec<&str> = named[0].split(' ').take_while(plain).collect();
        let (_, group) = first.split_last().unwrap();
        told.push(first.join(" "));
        told.extend(named[1..].iter().map(|name| format!("{} {name}", group.join(" "))));
    }
    let mut all: Vec<String> = every_command().into_iter().map(|(words, _)| words).collect();
    told.sort();
    all.sort();
    assert_eq!(told, all);
}

#[test]
fn every_option_and_argument_says_what_it_is() {
    for (words, arguments) in every_command() {
        for argument in arguments {
            assert!(argument.get_help().is_some(), "{words}: {}", argument.get_id());
        }
    }
}
