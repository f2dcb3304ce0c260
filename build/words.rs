//! The catalogues of messages: read, compared, and turned into one method a message. A message that stands in one
//! language only, or takes other arguments in another, fails the build and says where.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use fluent_syntax::parser;

/// The languages, the first being the one that readers get unless they ask for another.
const LANGUAGES: [&str; 2] = ["es", "en"];

/// What an argument is, told by how messages use it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// It is shown.
    Text,
    /// It chooses a plural or a number's own wording.
    Number,
}

/// A message of one language.
struct Message {
    arguments: BTreeMap<String, Kind>,
    shown: String,
}

type Catalogue = BTreeMap<String, Message>;

/// Reads `<dir>/<language>.ftl` and writes `$OUT_DIR/<file>`, or says everything that is wrong.
pub fn generate(dir: &str, file: &str) -> Result<(), Vec<String>> {
    let mut faults = Vec::new();
    let catalogues: Vec<Catalogue> = LANGUAGES
        .iter()
        .map(|language| read(&PathBuf::from(dir).join(format!("{language}.ftl")), &mut faults))
        .collect();
    for (language, catalogue) in LANGUAGES.iter().zip(&catalogues) {
        for (other, beside) in LANGUAGES.iter().zip(&catalogues) {
            compare((language, catalogue), (other, beside), &mut faults);
        }
    }
    if !faults.is_empty() {
        faults.sort();
        faults.dedup();
        return Err(faults);
    }
    #[expect(clippy::disallowed_methods, reason = "cargo tells build scripts by the environment alone")]
    let out = env::var_os("OUT_DIR").expect("cargo gives OUT_DIR to build scripts");
    let code = methods(&catalogues[0], &catalogues[1]);
    fs::write(Path::new(&out).join(file), code).map_err(|error| vec![error.to_string()])
}

fn read(path: &Path, faults: &mut Vec<String>) -> Catalogue {
    println!("cargo:rerun-if-changed={}", path.display());
    let place = path.display();
    let text = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            faults.push(format!("{place}: {error}"));
            return Catalogue::new();
        }
    };
    let resource = match parser::parse(text.as_str()) {
        Ok(resource) => resource,
        Err((resource, errors)) => {
            for error in errors {
                let line = text[..error.pos.start].lines().count();
                faults.push(format!("{place}:{line}: {error}"));
            }
            resource
        }
    };
    let mut catalogue = Catalogue::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else {
            if let Entry::Term(term) = entry {
                faults.push(format!("{place}: -{} is a term; write messages only", term.id.name));
            }
            continue;
        };
        let key = message.id.name.to_owned();
        let Some(pattern) = &message.value else {
            faults.push(format!("{place}: {key} says nothing"));
            continue;
        };
        if !message.attributes.is_empty() {
            faults.push(format!("{place}: {key} has attributes; make each a message"));
        }
        let mut read = Message { arguments: BTreeMap::new(), shown: String::new() };
        walk(pattern, &mut read, &mut |fault| faults.push(format!("{place}: {key}: {fault}")));
        if catalogue.insert(key.clone(), read).is_some() {
            faults.push(format!("{place}: {key} stands there twice"));
        }
    }
    catalogue
}

/// Gathers the arguments of a message, and its text as the documentation of its method.
fn walk(pattern: &Pattern<&str>, message: &mut Message, refuse: &mut impl FnMut(String)) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { value } => message.shown.push_str(value),
            PatternElement::Placeable { expression } => step(expression, message, refuse),
        }
    }
}

fn step(expression: &Expression<&str>, message: &mut Message, refuse: &mut impl FnMut(String)) {
    match expression {
        Expression::Inline(InlineExpression::VariableReference { id }) => {
            message.arguments.entry(id.name.to_owned()).or_insert(Kind::Text);
            let _written = write!(message.shown, "{{{}}}", id.name);
        }
        Expression::Inline(InlineExpression::StringLiteral { value }) => message.shown.push_str(value),
        Expression::Inline(other) => refuse(format!("{other:?} is not understood here; use a variable")),
        Expression::Select { selector, variants } => {
            let InlineExpression::VariableReference { id } = selector else {
                refuse("choose by a variable".to_owned());
                return;
            };
            let counts = variants.iter().all(|variant| match variant.key {
                VariantKey::NumberLiteral { .. } => true,
                VariantKey::Identifier { name } => {
                    ["zero", "one", "two", "few", "many", "other"].contains(&name)
                }
            });
            let kind = if counts { Kind::Number } else { Kind::Text };
            let known = message.arguments.entry(id.name.to_owned()).or_insert(kind);
            *known = kind.max(*known);
            for variant in variants {
                message.shown.push('|');
                walk(&variant.value, message, refuse);
            }
            message.shown.push('|');
        }
    }
}

fn compare(one: (&str, &Catalogue), other: (&str, &Catalogue), faults: &mut Vec<String>) {
    for (key, message) in one.1 {
        let Some(beside) = other.1.get(key) else {
            faults.push(format!("{}.ftl lacks {key}, which {}.ftl has", other.0, one.0));
            continue;
        };
        for argument in message.arguments.keys().filter(|name| !beside.arguments.contains_key(*name)) {
            faults.push(format!("{}.ftl: {key} lacks ${argument}, which {}.ftl has", other.0, one.0));
        }
    }
}

/// One method a message. An argument is a number if any language chooses by it.
fn methods(first: &Catalogue, second: &Catalogue) -> String {
    let mut code = String::from("impl Words {\n");
    for (key, message) in first {
        let mut arguments = message.arguments.clone();
        for (name, kind) in second.get(key).map(|message| &message.arguments).into_iter().flatten() {
            arguments.entry(name.clone()).and_modify(|known| *known = (*kind).max(*known));
        }
        let (mut takes, mut passes) = (String::new(), String::new());
        for (name, kind) in &arguments {
            let (bound, convert) = match kind {
                Kind::Text => ("impl std::fmt::Display", "Self::text_of"),
                Kind::Number => ("impl Into<Count>", "Self::number_of"),
            };
            let _written = write!(takes, ", {}: {bound}", snake(name));
            let _written = write!(passes, "(\"{name}\", {convert}({})), ", snake(name));
        }
        let shown = message.shown.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown = shown.replace(['`', '\\'], "'");
        let _written = writeln!(
            code,
            "    /// `{shown}`\n    pub fn {}(self{takes}) -> String {{\n        self.say(\"{key}\", [{}])\n    }}\n",
            snake(key),
            passes.trim_end_matches(", "),
        );
    }
    code.push_str("}\n\n/// The key of every message, in order.\npub const KEYS: &[&str] = &[\n");
    for key in first.keys() {
        let _written = writeln!(code, "    \"{key}\",");
    }
    code.push_str("];\n");
    code
}

fn snake(name: &str) -> String {
    name.replace('-', "_").to_lowercase()
}
