//! `docs/access.md`: who may do what, made from the table of the running service and checked against it.

use std::fmt::Write as _;
use std::fs;

use logistics_ledger::access::{Right, Role};
use logistics_ledger::api::{Admits, Entry};

use super::world::World;
use crate::rules::tree::root;

const HEAD: &str = "# Who may do what

Made from the table of routes and the table of rights (`src/access/role.rs`); do not edit.
`UPDATE_DOCS=1 cargo test --test integration the_document_of_access` makes it anew.

A caller is a program with an API key or a person with a token. Everybody but `SUPERADMIN` works for the tenants that the
credential was given; a foreign tenant, and anything of one, answers 404, as if it did not exist. `SUPERADMIN` works for
every tenant and names it. The same holds in the database once more: orders, scans, histories, proofs, links, files and what
is configured are read under a role that sees that tenant's rows alone. What stands beside an order that was found so (comments,
documents, raw evidence, a request that is settled) and the names of people and keys are read under the service's own role.
";

fn document(entries: &[Entry]) -> String {
    let mut page = HEAD.to_owned();
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    let line = "|---".repeat(names.len());
    write!(page, "\n## Rights\n\n| may … | {} |\n|---{line}|\n", names.join(" | ")).unwrap();
    for right in Right::ALL {
        writeln!(page, "| {} | {} |", right.described(), marks(right)).unwrap();
    }
    write!(page, "\n## Routes\n\nPaths are under `/api/v1`.\n\n| | path | for | {} |\n", names.join(" | "))
        .unwrap();
    writeln!(page, "|---|---|---{line}|").unwrap();
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (entry.path.clone(), entry.method.to_string()));
    for entry in sorted {
        let all = |mark: &str| vec![mark; Role::ALL.len()].join(" | ");
        let (scope, marks) = match entry.admits {
            Admits::Anyone => ("everybody", all("yes")),
            Admits::Known => ("whoever is known", all("yes")),
            Admits::Tenant(right) => ("one tenant", marks(right)),
            Admits::Platform(right) => ("all tenants", marks(right)),
        };
        writeln!(page, "| {} | `{}` | {scope} | {marks} |", entry.method, entry.path).unwrap();
    }
    page
}

fn marks(right: Right) -> String {
    Role::ALL.map(|role| if role.may(right) { "yes" } else { "" }).join(" | ")
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "whether to write is asked of whoever runs the tests")]
async fn the_document_of_access_is_that_of_the_running_service() {
    let made = document(World::create().await.app.routes());
    let path = root().join("docs/access.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == made, "docs/access.md is out of date; its head says how it is made anew");
}
