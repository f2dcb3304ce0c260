//! Pages: markup stands in templates alone, sentences in the catalogues alone.

use super::tree::{forbid, product_files, texts};

/// What a template holds besides markup: expressions, statements and comments.
fn without_calls(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{']) {
        plain.push_str(&rest[..at]);
        let end = match rest.as_bytes().get(at + 1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => {
                plain.push('{');
                rest = &rest[at + 1..];
                continue;
            }
        };
        rest = rest[at..].find(end).map_or("", |ended| &rest[at + ended + 2..]);
        // An expression may stand between two letters; a tag may not join them.
        plain.push('\u{1}');
    }
    plain.push_str(rest);
    plain
}

/// The texts of a template that people would read, with their lines: between tags, and in attributes that are said.
fn sentences(text: &str) -> Vec<String> {
    let plain = without_calls(text);
    let mut found = Vec::new();
    for (number, line) in plain.lines().enumerate() {
        let mut outside = line;
        let mut read = |said: &str| {
            if said.chars().filter(|letter| letter.is_alphabetic()).count() > 1 {
                found.push(format!("{}: {}", number + 1, said.trim()));
            }
        };
        while let Some(begin) = outside.find('<') {
            read(&outside[..begin]);
            let end = outside[begin..].find('>').map_or(outside.len(), |end| begin + end + 1);
            for said in ["title=\"", "aria-label=\"", "placeholder=\"", "alt=\""] {
                if let Some((_, rest)) = outside[begin..end].split_once(said) {
                    read(rest.split('"').next().unwrap_or_default());
                }
            }
            outside = &outside[end..];
        }
        read(outside);
    }
    found
}

#[test]
fn templates_hold_no_sentence() {
    let templates = texts("src/dashboard/templates", &["html"]);
    assert!(templates.len() > 5, "the search for templates went astray");
    let said = templates.iter().flat_map(|template| {
        sentences(&template.text).into_iter().map(move |said| format!("{}:{said}", template.path))
    });
    forbid("write the sentence into both catalogues and call it", &said.collect::<Vec<_>>());
}

#[test]
fn a_sentence_in_a_template_is_noticed() {
    assert_eq!(sentences("<p>{{ w.hello() }}</p>"), Vec::<String>::new());
    assert_eq!(sentences("<p>Hello</p>"), ["1: Hello"]);
    assert_eq!(sentences("<a title=\"Go on\" href=\"{{ x }}\">{% if a %}→{% endif %}</a>"), ["1: Go on"]);
}

#[test]
fn templates_hold_no_script_and_no_style() {
    let mut breaches = Vec::new();
    for template in texts("src/dashboard/templates", &["html"]) {
        for (number, line) in template.text.lines().enumerate() {
            let inline = line.contains("<style") || line.contains("style=\"") || line.contains("hx-on");
            let script = line.contains("<script") && !line.contains("<script src=");
            if inline || script || line.contains(" onclick=") || line.contains("|safe") {
                breaches.push(format!("{}:{}", template.path, number + 1));
            }
        }
    }
    forbid(
        "the content security policy refuses what stands in a page; nothing foreign is written unescaped",
        &breaches,
    );
}

#[test]
fn markup_stands_in_templates_alone() {
    let mut breaches = Vec::new();
    for file in product_files().iter().filter(|file| file.path.starts_with("src/dashboard/")) {
        for (number, line) in file.product().lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if !is_comment && ["</", "<div", "<span", "<p>", "<a "].iter().any(|tag| line.contains(tag)) {
                breaches.push(format!("{}:{}", file.path, number + 1));
            }
        }
    }
    forbid("write the markup into a template", &breaches);
}
