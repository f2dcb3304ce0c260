//! `person add`, `list` and `deactivate`, and `api-key list`: what stands in the table afterwards.

use super::keys::with_ladore;
use super::terminal::typed;

#[tokio::test]
async fn a_person_is_added_listed_and_switched_off() {
    let database = with_ladore().await;
    let add = [
        "person",
        "add",
        "--sub",
        "auth0|ada",
        "--email",
        "ada@x.example",
        "--tenant",
        "7",
        "--role",
        "ADMIN",
    ];
    let added = typed(database.url(), &add).await;
    assert!(added.answer().ends_with("was added as ADMIN"), "{added:?}");
    let again = typed(database.url(), &add).await;
    assert!(again.failure().contains("known in this tenant already"), "{again:?}");

    let listed = typed(database.url(), &["person", "list", "--tenant", "7"]).await.answer().to_owned();
    let line = listed.lines().nth(1).unwrap();
    assert!(line.contains("ADMIN") && line.contains("yes") && line.contains("auth0|ada"), "{listed}");
    let id = line.split_whitespace().next().unwrap();
    assert_eq!(typed(database.url(), &["person", "deactivate", id]).await.status, 0);
    let listed = typed(database.url(), &["person", "list"]).await.answer().to_owned();
    assert!(listed.lines().nth(1).unwrap().contains(" no "), "{listed}");
}

#[tokio::test]
async fn a_person_needs_a_tenant_unless_of_the_staff() {
    let database = with_ladore().await;
    let words = ["person", "add", "--sub", "x", "--email", "a@b", "--role"];
    let none = typed(database.url(), &[&words[..], &["ADMIN"]].concat()).await;
    assert!(none.failure().contains("tenant_id"), "{none:?}");
    let staff = typed(database.url(), &[&words[..], &["SUPERADMIN"]].concat()).await;
    assert_eq!(staff.status, 0);
}

#[tokio::test]
async fn lists_go_on_until_everything_is_told() {
    let database = with_ladore().await;
    for statement in [
        "insert into people (id, sub, email, name, tenant_id, role, created_at, created_by, updated_at, updated_by) \
         select gen_random_uuid(), 'sub-' || n, 'x@y.example', '', 7, 'VIEWER', now(), 'operator', now(), 'operator' \
         from generate_series(1, 1100) n",
        "insert into api_keys (id, tenant_id, role, label, key_hash, created_at) \
         select gen_random_uuid(), 7, 'VIEWER', 'key-' || n, sha256(n::text::bytea), now() from generate_series(1, 1100) n",
    ] {
        sqlx::query(statement).execute(database.owner_pool()).await.unwrap();
    }
    for (what, mark) in [("person", "sub-"), ("api-key", "key-")] {
        let listed = typed(database.url(), &[what, "list"]).await.answer().to_owned();
        let mut told: Vec<_> = listed.lines().filter(|line| line.contains(mark)).collect();
        told.sort_unstable();
        told.dedup();
        assert_eq!(told.len(), 1100, "{what}");
    }
}

#[tokio::test]
async fn keys_are_listed_without_their_text() {
    let database = with_ladore().await;
    let words = ["api-key", "create", "--tenant", "7", "--role", "VIEWER", "--label", "reports"];
    let key = typed(database.url(), &words).await.answer().to_owned();
    let listed = typed(database.url(), &["api-key", "list"]).await.answer().to_owned();
    assert!(listed.contains("reports") && listed.contains("good") && !listed.contains(&key), "{listed}");
}
