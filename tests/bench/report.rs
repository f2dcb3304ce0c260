//! Figures as markdown.

/// A table with a heading.
pub fn table(title: &str, heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let heads: Vec<String> = heads.iter().map(ToString::to_string).collect();
    let rules: Vec<String> =
        heads.iter().enumerate().map(|(at, _)| if at == 0 { "---" } else { "---:" }.to_owned()).collect();
    let body: String = rows.map(|row| line(&row)).collect();
    format!("### {title}\n\n{}{}{body}\n", line(&heads), line(&rules))
}

/// A count a second, without digits that mean nothing.
pub fn number(value: f64) -> String {
    format!("{value:.0}")
}

/// How many times.
pub fn ratio(value: f64) -> String {
    format!("{value:.2}")
}
