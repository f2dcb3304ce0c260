//! How a file opens, how long it may be, how things are named, and which words are left behind nowhere.

use super::tree::{Text, forbid, product_files, rust_files, texts};

/// The most lines of a file. Aim at 50 to 250.
const LINES_MAX: usize = 400;

/// Files that are longer than that for now, with the length they must not pass. The list only shrinks.
const RATCHET: [(&str, usize); 0] = [];

/// Names that say nothing of what a thing is. Written in halves, so that this file keeps its own rule.
const EMPTY_NAMES: [&str; 4] = [concat!("man", "ager"), concat!("hel", "per"), concat!("ut", "ils"), "misc"];

/// What nothing that is delivered may hold, with what to do instead.
const LEFTOVERS: [(&str, &str); 4] = [
    (concat!("TO", "DO"), "do it, or write an issue"),
    (concat!("FIX", "ME"), "mend it, or write an issue"),
    (concat!("#[", "allow("), "#[expect(lint, reason = \"…\")]"),
    (concat!("#![", "allow("), "#![expect(lint, reason = \"…\")]"),
];

/// What ties the project to one machine or one host, in code, scripts and documents.
const PLACES: [&str; 9] = [
    concat!("/wo", "rk/"),
    concat!("/ro", "ot/"),
    concat!("/tmp/", "wt"),
    concat!("/Us", "ers/"),
    concat!("../sha", "red"),
    concat!("crates", ".io"),
    concat!("pypi", ".org"),
    concat!("npmjs", ".org"),
    concat!("npmjs", ".com"),
];

fn lines_with(file: &Text, word: &str) -> Vec<String> {
    let numbered = file.text.lines().enumerate();
    numbered
        .filter(|(_, line)| line.contains(word))
        .map(|(number, _)| format!("{}:{}", file.path, number + 1))
        .collect()
}

#[test]
fn every_file_opens_with_its_purpose() {
    let silent = |file: &Text| !file.text.starts_with("//! ");
    let breaches: Vec<String> = rust_files().into_iter().filter(silent).map(|file| file.path).collect();
    forbid("start the file with a `//!` line that says what it is for", &breaches);
}

#[test]
fn no_file_grows_too_long() {
    let mut breaches = Vec::new();
    for file in rust_files() {
        let lines = file.text.lines().count();
        let granted = RATCHET.iter().find(|(path, _)| *path == file.path).map(|(_, lines)| *lines);
        if lines > granted.unwrap_or(LINES_MAX) {
            breaches.push(format!("{}: {lines} lines", file.path));
        }
    }
    forbid("split the file: one subject each", &breaches);
}

#[test]
fn nothing_has_an_empty_name() {
    let mut breaches = Vec::new();
    for file in rust_files() {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if name.starts_with("new_") || EMPTY_NAMES.iter().any(|empty| name.contains(empty)) {
            breaches.push(file.path.clone());
        }
        for (number, line) in file.text.lines().enumerate() {
            if defined_name(line).is_some_and(|name| EMPTY_NAMES.iter().any(|empty| name.contains(empty))) {
                breaches.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    forbid("call it what it is in the field's own words", &breaches);
}

/// The name that a line of Rust defines, in small letters.
fn defined_name(line: &str) -> Option<String> {
    const DEFINING: [&str; 8] = ["struct", "enum", "trait", "mod", "fn", "type", "const", "static"];
    let mut words = line.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
    if line.trim_start().starts_with("//") {
        return None;
    }
    words.find(|word| DEFINING.contains(word))?;
    words.next().map(str::to_lowercase)
}

#[test]
fn nothing_is_left_for_later_or_silenced_without_a_reason() {
    let mut breaches = Vec::new();
    for file in rust_files().iter().chain(&texts("migrations", &["sql"])) {
        for (word, instead) in LEFTOVERS {
            breaches.extend(lines_with(file, word).into_iter().map(|place| format!("{place}: {instead}")));
        }
    }
    forbid("leave nothing for later", &breaches);
}

#[test]
fn nothing_outside_of_tests_unwraps() {
    let mut breaches = Vec::new();
    for file in product_files() {
        for (number, line) in file.product().lines().enumerate() {
            // An example in a doc comment is a test.
            if line.contains(".unwrap()") && !line.trim_start().starts_with("//") {
                breaches.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    forbid("return the error, or say why it cannot fail with `expect`", &breaches);
}

#[test]
fn the_project_stands_on_no_particular_machine_or_host() {
    let mut breaches = Vec::new();
    for file in texts("", &["rs", "md", "sql", "toml", "html", "yaml", "yml", "sh"]) {
        for place in PLACES {
            breaches.extend(lines_with(&file, place));
        }
    }
    forbid("name no machine's path and no host of packages", &breaches);
}
