//! What a migration must be called, and that every table and column says what it holds.

use std::collections::BTreeSet;
use std::fs;

use chrono::NaiveDateTime;

use super::tree::{forbid, root};
use crate::support::database::TestDatabase;

/// The first word of a migration's name.
const VERBS: [&str; 8] = ["create", "add", "alter", "drop", "rename", "grant", "index", "fill"];

/// What is wrong with the name of a migration, if anything.
fn fault(name: &str) -> Option<&'static str> {
    let Some((stamp, rest)) = name.strip_suffix(".sql").and_then(|stem| stem.split_once('_')) else {
        return Some("should be YYYYMMDDHHMMSS_verb_noun.sql");
    };
    let simple = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if stamp.len() != 14 || NaiveDateTime::parse_from_str(stamp, "%Y%m%d%H%M%S").is_err() {
        return Some("should begin with an instant, YYYYMMDDHHMMSS");
    }
    match rest.split_once('_') {
        Some((verb, noun)) if VERBS.contains(&verb) && !noun.is_empty() && noun.chars().all(simple) => None,
        _ => Some("should say what it does, verb_noun in small letters"),
    }
}

#[test]
fn a_migration_is_named_by_its_instant_and_its_deed() {
    let names: Vec<String> = fs::read_dir(root().join("migrations"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(!names.is_empty());
    let faults: Vec<String> =
        names.iter().filter_map(|name| fault(name).map(|fault| format!("{name}: {fault}"))).collect();
    forbid("rename the migration before it is released", &faults);
    let stamps: BTreeSet<&str> = names.iter().filter_map(|name| name.split('_').next()).collect();
    assert_eq!(stamps.len(), names.len(), "two migrations share an instant");
}

#[test]
fn a_misnamed_migration_is_noticed() {
    assert_eq!(fault("20261123000000_create_roles.sql"), None);
    for wrong in
        ["create_roles.sql", "20261399000000_create_roles.sql", "20261123000000_roles.sql", "1_add_x.sql"]
    {
        assert!(fault(wrong).is_some(), "{wrong}");
    }
}

#[tokio::test]
async fn every_table_and_column_says_what_it_holds() {
    let database = TestDatabase::create().await;
    let silent: Vec<String> = sqlx::query_scalar(
        "select c.relname || coalesce('.' || a.attname, '') \
         from pg_class c \
         join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public' \
         join lateral ( \
             select 0 as attnum, null::name as attname \
             union all \
             select attnum, attname from pg_attribute \
             where attrelid = c.oid and attnum > 0 and not attisdropped \
         ) a on true \
         where c.relkind in ('r', 'p', 'v', 'm') and not c.relispartition and c.relname <> '_sqlx_migrations' \
           and col_description(c.oid, a.attnum) is null and (a.attnum > 0 or obj_description(c.oid, 'pg_class') is null) \
         order by 1",
    )
    .fetch_all(database.owner_pool())
    .await
    .unwrap();
    forbid("add `comment on table` or `comment on column` to the migration", &silent);
}
