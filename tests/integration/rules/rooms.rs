//! Which word belongs to which room. A word outside of its room means that the room leaks, or that its line
//! stands in the wrong place; a new room for a word is written here, with the reason.

use super::tree::{forbid, product_files};

/// A word, the beginnings of the paths where it may stand, and why there.
struct Room {
    word: &'static str,
    paths: &'static [&'static str],
    why: &'static str,
}

const ROOMS: [Room; 22] = [
    Room { word: "cqrs_es", paths: FRAMEWORK, why: "the framework is adapted in one place of each crate" },
    Room {
        word: "postgres_es",
        paths: FRAMEWORK,
        why: "the framework is adapted in one place of each crate",
    },
    Room { word: "ledger_heads", paths: LOG, why: "positions are given out by the write path alone" },
    Room { word: "insert into events", paths: &["src/ledger/"], why: "one write path" },
    Room { word: "sqlx::query", paths: SQL, why: "SQL stands in the rooms whose tables it reads and writes" },
    Room {
        word: "operator_scope",
        paths: &["src/access/", "src/cli/"],
        why: "whoever is no caller of the service has no scope, but the command line",
    },
    Room {
        word: "service_scope",
        paths: &["src/access/", "src/audit/sealer"],
        why: "what the service does of itself for each tenant is to seal its ledger",
    },
    Room { word: "from events", paths: LOG, why: "the log is read where its order is understood" },
    Room {
        word: "reqwest",
        paths: &[
            "src/mintsoft/client",
            "src/mintsoft/public_addresses",
            "src/access/provider",
            "src/sandbox/",
        ],
        why: "outgoing calls leave by a door with limits, one to the warehouse, one to the OpenID provider; the sandbox \
              calls back as the warehouse does",
    },
    Room {
        word: "\"LastUpdated",
        paths: &["src/mintsoft/wire", "src/sandbox/"],
        why: "the vendor's fields have their names where its rows are read, and in the sandbox that plays it",
    },
    Room { word: "Utc::now", paths: CLOCK, why: "time comes from the clock" },
    Room { word: "SystemTime", paths: CLOCK, why: "time comes from the clock" },
    Room { word: "new_v4", paths: CLOCK, why: "new ids come from the clock's room" },
    Room { word: "now_v7", paths: CLOCK, why: "new ids come from the clock's room" },
    Room { word: "getrandom", paths: CLOCK, why: "chance comes from the clock's room" },
    Room {
        word: "rand::",
        paths: &["src/clock.rs", "src/sandbox/"],
        why: "chance comes from the clock's room; the sandbox repeats itself by a seed",
    },
    Room { word: "counter!(", paths: &["src/telemetry/"], why: "what is measured has its names in one room" },
    Room {
        word: "histogram!(",
        paths: &["src/telemetry/"],
        why: "what is measured has its names in one room",
    },
    Room { word: "governor::", paths: &["src/api/limits"], why: "limits on callers stand in one place" },
    Room { word: "env::var", paths: &["src/config"], why: "the environment is read once" },
    Room {
        word: "StatusCode",
        paths: &[
            "src/api/",
            "src/inbox/",
            "src/dashboard/",
            "src/live/endpoint",
            "src/sandbox/",
            "src/mintsoft/client",
        ],
        why: "codes are chosen where requests are answered, and read where they are made",
    },
    Room {
        word: "axum::",
        paths: &["src/api/", "src/inbox/", "src/dashboard/", "src/live/", "src/sandbox/", "src/app"],
        why: "only the edge knows the web framework",
    },
];

const FRAMEWORK: &[&str] = &["domain/src/framework", "domain/src/order/event.rs", "src/ledger/"];
const LOG: &[&str] = &["src/ledger/", "projections/src/event_log"];
/// Rooms with tables of their own. Beside them the API asks whether migrations were run and which shop an order is of, and
/// the demo empties its own database.
const SQL: &[&str] = &[
    "projections/",
    "src/access/",
    "src/actions/",
    "src/audit/",
    "src/inbox/",
    "src/jobs/",
    "src/ledger/",
    "src/mintsoft/",
    "src/postgres/",
    "src/reseal",
    "src/sync/",
    "src/tenancy/",
    "src/api/health",
    "src/api/orders/show",
    "src/cli/demo",
];
const CLOCK: &[&str] = &["src/clock.rs"];

/// Where a file uses a word that is at home elsewhere.
fn breaches(path: &str, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for Room { word, paths, why } in &ROOMS {
        if paths.iter().any(|home| path.starts_with(home)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            if !line.trim_start().starts_with("//") && line.contains(word) {
                found.push(format!("{path}:{}: `{word}` ({why})", number + 1));
            }
        }
    }
    found
}

#[test]
fn every_word_stands_in_its_room() {
    let all: Vec<String> =
        product_files().iter().flat_map(|file| breaches(&file.path, file.product())).collect();
    forbid("a word left its room", &all);
}

#[test]
fn a_word_outside_of_its_room_is_noticed() {
    let line = "use reqwest::Client;\n";
    assert_eq!(breaches("src/mintsoft/client.rs", line), Vec::<String>::new());
    assert_eq!(breaches("src/sync/poll.rs", line).len(), 1);
    assert_eq!(breaches("src/sync/poll.rs", "// reqwest is not used here\n"), Vec::<String>::new());
}
