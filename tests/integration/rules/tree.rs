//! Reading the project's own files, for the rules that look at them.

use std::fs;
use std::path::Path;

/// A text file of the project.
pub struct Text {
    /// Its path from the project's root, with `/`.
    pub path: String,
    /// What it says.
    pub text: String,
}

impl Text {
    /// The part that goes into the product: a file's own tests, at its end, are left out.
    pub fn product(&self) -> &str {
        self.text.split("#[cfg(test)]").next().unwrap_or_default()
    }

    /// Whether the whole file is tests of the file beside it.
    pub fn is_tests(&self) -> bool {
        self.path.starts_with("tests/") || self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }
}

/// The project's root.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file of the project.
pub fn rust_files() -> Vec<Text> {
    let all = ["domain", "projections", "src", "tests"].iter().flat_map(|room| texts(room, &["rs"]));
    let files: Vec<Text> = all.collect();
    assert!(files.len() > 20, "the search for files went astray");
    files
}

/// Every Rust file that goes into the product, without its tests.
pub fn product_files() -> Vec<Text> {
    rust_files().into_iter().filter(|file| !file.is_tests()).collect()
}

/// Every text file below a directory of the project with one of these endings; those that are fixtures or
/// built are left out, since they are not ours to write.
pub fn texts(dir: &str, endings: &[&str]) -> Vec<Text> {
    let (mut found, mut rest) = (Vec::new(), vec![root().join(dir)]);
    while let Some(dir) = rest.pop() {
        for path in fs::read_dir(&dir).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            if path.is_dir() {
                if !["target", "fixtures", ".git"].contains(&name) {
                    rest.push(path);
                }
            } else if path.extension().and_then(|e| e.to_str()).is_some_and(|e| endings.contains(&e)) {
                found.push(Text { text: fs::read_to_string(&path).unwrap(), path: relative(&path) });
            }
        }
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

/// Fails with every breach at once, a line each.
pub fn forbid(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

fn relative(path: &Path) -> String {
    path.strip_prefix(root()).unwrap().to_string_lossy().into_owned()
}
