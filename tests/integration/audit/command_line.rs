//! `ledger audit` and `ledger verify`: the real program, with files that are taken away and verified where no database is.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use logistics_ledger::clock;
use serde_json::Value;
use tokio::process::Command;

use super::sealed::Sealed;
use crate::cli::terminal::{Told, end_of, program, typed};
use crate::support::service::until;

/// A file of one test, which is gone when the test ends.
struct Taken(PathBuf);

impl Taken {
    fn of(text: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("taken-{}", clock::new_id()));
        fs::write(&path, text).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        // Whatever is left lies in the build directory.
        let _gone = fs::remove_file(&self.0);
    }
}

/// What `ledger audit` prints on this ledger.
async fn taken(sealed: &Sealed, words: &[&str]) -> Told {
    let words: Vec<&str> = ["audit"].iter().chain(words).copied().collect();
    typed(sealed.world.database.url(), &words).await
}

/// `ledger verify` where there is no database, and none may be made.
async fn verified(words: &[&str]) -> Told {
    let words: Vec<&str> = ["verify"].iter().chain(words).copied().collect();
    let told = end_of(program(&words)).await;
    assert!(!Path::new(env!("CARGO_TARGET_TMPDIR")).join("nobody-made-this").exists(), "{told:?}");
    told
}

async fn key_of(sealed: &Sealed) -> String {
    taken(sealed, &["key", "--tenant", "7"]).await.answer().to_owned()
}

#[tokio::test]
async fn a_dossier_is_verified_without_any_database_and_not_with_a_letter_changed() {
    let sealed = Sealed::twice().await;
    let key = key_of(&sealed).await;
    let dossier = taken(&sealed, &["dossier", "LADORE-1"]).await;
    let file = Taken::of(dossier.answer());
    let told = verified(&[file.path()]).await;
    let order = serde_json::from_str::<Value>(&dossier.answer).unwrap()["order_id"].clone();
    assert!(told.answer().contains(&format!("of order {} hold", order.as_str().unwrap())), "{told:?}");
    assert!(told.answer().contains("the key came with the files; compare it"), "{told:?}");
    let told = verified(&[file.path(), "--key", &key]).await;
    assert!(told.answer().ends_with(&format!("verified by the key {key}")), "{told:?}");

    for field in ["format", "order_id", "checkpoint", "verifier_key"] {
        let mut altered: Value = serde_json::from_str(&dossier.answer).unwrap();
        let text = altered[field].as_str().unwrap();
        let last = text.trim_end().chars().last().unwrap();
        let changed =
            format!("{}{}", text.trim_end().strip_suffix(last).unwrap(), if last == 'a' { 'b' } else { 'a' });
        altered[field] = changed.into();
        let altered = Taken::of(&altered.to_string());
        assert!(!verified(&[altered.path()]).await.failure().is_empty(), "{field}");
    }
    let altered = Taken::of(&dossier.answer().replace("\"sequence\": 2", "\"sequence\": 3"));
    let told = verified(&[altered.path()]).await;
    assert!(told.failure().starts_with("event 2 of the order is missing: event 3, at position "), "{told:?}");
    let altered = Taken::of(&dossier.answer().replace("OrderDiscovered", "OrderDiscovereD"));
    let told = verified(&[altered.path()]).await;
    assert!(
        told.failure().contains("event 1 of the order, at position ")
            && told.failure().contains("another root"),
        "{told:?}"
    );
}

#[tokio::test]
async fn what_a_courier_wrote_of_who_was_erased_is_left_out_and_told_so() {
    let sealed = Sealed::unsealed(0).await;
    let world = &sealed.world;
    let order = world.order("ladore-1");
    world.mintsoft.despatch(order, Some("JD1")).unwrap();
    world.mintsoft.add_tracking_event_at(order, "InTransit", "Left with Mrs Ash", world.clock.now()).unwrap();
    world.poll().await;
    let whole = taken(&sealed, &["dossier", "ladore-1"]).await;
    assert!(whole.answer().contains("Left with Mrs Ash"), "{whole:?}");
    let erased = typed(world.database.url(), &["erase", "ladore-1", "--reason", "She asked for it."]).await;
    assert!(erased.answer().ends_with("is erased"), "{erased:?}");

    let taken = taken(&sealed, &["dossier", "ladore-1"]).await;
    let dossier: Value = serde_json::from_str(&taken.answer).unwrap();
    let events = dossier["events"].as_array().unwrap();
    let place = events.iter().position(|event| event["content_hash"].is_string()).unwrap();
    let file = Taken::of(taken.answer());
    let told = verified(&[file.path()]).await;
    let left_out = format!(
        "of event {} only that something was recorded at that place and instant is proved; its number and kind are the file's word",
        place + 1
    );
    let others = format!("{} events of order ", events.len() - 1);
    assert!(told.answer().starts_with(&others) && told.answer().contains(&left_out), "{told:?}");
    assert!(told.answer().contains("the person was erased, which an event here proves"), "{told:?}");
    assert!(!taken.answer.contains("Mrs Ash"), "{taken:?}");
    let script = Taken::of(block("python"));
    let (holds, said) = by_hand("python3", &[script.path()], &file).await;
    let left_out = format!("of event {} only that something was recorded there", place + 1);
    assert!(holds && said.contains(&left_out), "{said}");

    let script = &script;
    let altered = async |alter: fn(&mut Value)| {
        let mut altered = dossier.clone();
        alter(&mut altered["events"][place]);
        let altered = Taken::of(&altered.to_string());
        let (holds, said) = by_hand("python3", &[script.path()], &altered).await;
        assert!(!holds, "by hand as well: {said}");
        verified(&[altered.path()]).await.failure().to_owned()
    };
    let other_kind = altered(|event| event["type"] = "OrderDiscovered".into()).await;
    assert!(other_kind.contains("what it says is left out, which may only be"), "{other_kind}");
    let told_beside = altered(|event| event["payload"] = serde_json::json!({"scan": "Delivered"})).await;
    assert!(told_beside.contains("what it says is left out, which may only be"), "{told_beside}");
    let no_hash = altered(|event| event["content_hash"] = "none".into()).await;
    assert!(no_hash.contains("the hash for what is left out of it"), "{no_hash}");
    let other_hash = altered(|event| event["content_hash"] = event["proof"][0].clone()).await;
    assert!(other_hash.contains("the proof leads to another root"), "{other_hash}");

    let mut unfounded = dossier.clone();
    unfounded["events"].as_array_mut().unwrap().retain(|event| event["type"] != "PersonalDataErased");
    let unfounded = Taken::of(&unfounded.to_string());
    let told = verified(&[unfounded.path()]).await;
    assert!(told.failure().contains("no event of the dossier erases the person"), "{told:?}");
    let (holds, said) = by_hand("python3", &[script.path()], &unfounded).await;
    assert!(!holds && said.contains("must not be left out"), "{said}");
}

#[tokio::test]
async fn a_checkpoint_that_was_kept_is_the_beginning_of_a_later_one() {
    let sealed = Sealed::twice().await;
    let kept = taken(&sealed, &["checkpoint", "--tenant", "7"]).await;
    let size = serde_json::from_str::<Value>(&kept.answer).unwrap()["size"].to_string();
    let note = serde_json::from_str::<Value>(&kept.answer).unwrap()["note"].as_str().unwrap().to_owned();
    let (kept, note) = (Taken::of(kept.answer()), Taken::of(&note));
    sealed.world.order("ladore-5");
    sealed.world.poll().await;

    let later = taken(&sealed, &["checkpoint", "--tenant", "7", "--since", &size]).await;
    let later = Taken::of(later.answer());
    for kept in [&kept, &note] {
        let told = verified(&[later.path(), "--against", kept.path()]).await;
        assert!(
            told.answer().contains(&format!("its first {size} events are those of {}", kept.path())),
            "{told:?}"
        );
    }
    let told = verified(&[later.path()]).await;
    assert!(told.answer().contains("by the file's own word, it was sealed at 20"), "{told:?}");
    assert!(told.answer().contains(" and the ledger had no later event when the file was made"), "{told:?}");
    let alone = told;
    assert!(
        alone.answer().contains("was not used; give the checkpoint of that size with --against"),
        "{alone:?}"
    );

    let unproved = Taken::of(taken(&sealed, &["checkpoint", "--tenant", "7"]).await.answer());
    let told = verified(&[unproved.path(), "--against", kept.path()]).await;
    assert!(told.failure().contains(&format!("`?since={size}`")), "{told:?}");
    let beyond = taken(&sealed, &["checkpoint", "--tenant", "7", "--since", "1000"]).await;
    assert!(beyond.failure().starts_with("give with --since the size of a checkpoint"), "{beyond:?}");

    // The ledger itself begins with what was kept, too.
    let url = sealed.world.database.url();
    let told =
        typed(url, &["verify", "--tenant", "7", "--against", kept.path(), "--against", note.path()]).await;
    assert!(told.answer().contains("6 of 6 checkpoints hold"), "{told:?}");
    let told = typed(url, &["verify", "--tenant", "8", "--against", kept.path()]).await;
    assert!(told.failure().contains("and not of tenant 8"), "{told:?}");
    let told = typed(url, &["verify", "--against", kept.path()]).await;
    assert!(told.failure().contains("--tenant"), "{told:?}");
}

#[tokio::test]
async fn a_history_that_was_written_anew_does_not_verify_against_what_was_kept() {
    let sealed = Sealed::twice().await;
    let kept = taken(&sealed, &["checkpoint", "--tenant", "7"]).await;
    let size = serde_json::from_str::<Value>(&kept.answer).unwrap()["size"].to_string();
    let kept = Taken::of(kept.answer());
    sealed.world.order("ladore-5");
    sealed.world.poll().await;
    sealed.rewrite("update events set payload = (payload::jsonb || '{\"invented\": 1}')::json where tenant_id = 7 and position = 1").await;

    let url = sealed.world.database.url();
    let alone = typed(url, &["verify"]).await;
    assert!(alone.answer().starts_with("tenant 7 (ladore): "), "nothing in the database tells: {alone:?}");
    let told = typed(url, &["verify", "--tenant", "7", "--against", kept.path()]).await;
    assert_eq!(told.status, 1, "{told:?}");
    assert!(
        told.answer.contains(&format!("the first {size} events are not those of the checkpoint")),
        "{told:?}"
    );

    let later = taken(&sealed, &["checkpoint", "--tenant", "7", "--since", &size]).await;
    let later = Taken::of(later.answer());
    verified(&[later.path()]).await.answer();
    let told = verified(&[later.path(), "--against", kept.path()]).await;
    assert!(
        told.failure().contains(&format!("the first {size} events are not proved to be those")),
        "{told:?}"
    );
}

#[tokio::test]
async fn each_ledger_is_told_in_a_line_and_a_finding_ends_with_one() {
    let sealed = Sealed::twice().await;
    let url = sealed.world.database.url();
    let told = typed(url, &["verify"]).await;
    let lines: Vec<&str> = told.answer().lines().collect();
    let (events, sizes) = (sealed.events().await, sealed.sizes().await);
    let ladore = format!(
        "tenant 7 (ladore): {events} events; 2 of 2 checkpoints hold, the newest of {} events; {} events not sealed yet",
        sizes[1],
        events - sizes[1]
    );
    let kallpa =
        "tenant 8 (kallpa): 0 events; 0 of 0 checkpoints hold, nothing sealed yet; 0 events not sealed yet";
    let signed = format!("  signed by the key {}", sealed.verifier_key());
    let unproved = "the keys came with the database; compare them with ones that you got elsewhere, or give those with --key";
    assert_eq!(lines, [&ladore, &signed, kallpa, unproved]);
    let key = sealed.verifier_key().to_string();
    let told = typed(url, &["verify", "--tenant", "7", "--key", &key]).await;
    assert_eq!(told.answer().lines().collect::<Vec<_>>(), [&ladore, &signed]);

    sealed.tamper("update events set payload = '{}' where tenant_id = 7 and position = 1").await;
    for words in [&["verify"][..], &["verify", "--tenant", "7"]] {
        let told = typed(url, words).await;
        assert_eq!(told.status, 1, "{told:?}");
        assert!(told.answer.contains("\n  the event at position 1 (number 1 of "), "{told:?}");
        assert!(told.sentence().starts_with("a ledger is not as recorded and sealed"), "{told:?}");
    }
    let whole = typed(url, &["verify", "--tenant", "8"]).await;
    assert_eq!(whole.answer(), kallpa);
    let refused = typed(url, &["verify", "--tenant", "99"]).await;
    assert_eq!(refused.failure(), "there is no such tenant; add it with `ledger tenant add`");

    // One that cannot be read keeps no other from being told.
    sealed.tamper("alter table events alter column event_type drop not null").await;
    sealed.tamper("update events set event_type = null where tenant_id = 7 and position = 1").await;
    let told = typed(url, &["verify"]).await;
    assert_eq!(told.status, 1, "{told:?}");
    let unread = "\n  it could not be read any further: ";
    assert!(told.answer.contains(unread) && told.answer.contains(kallpa), "{told:?}");
    assert!(told.sentence().starts_with("a ledger could not be read to the end"), "{told:?}");
}

#[tokio::test]
async fn a_key_is_renewed_and_the_earlier_one_still_told() {
    let sealed = Sealed::twice().await;
    let before = key_of(&sealed).await;
    let kept = Taken::of(taken(&sealed, &["checkpoint", "--tenant", "7"]).await.answer());
    let size =
        serde_json::from_str::<Value>(&fs::read_to_string(kept.path()).unwrap()).unwrap()["size"].to_string();
    let renewed = taken(&sealed, &["key", "--tenant", "7", "--renew"]).await;
    let keys: Vec<&str> = renewed.answer.lines().collect();
    assert!(keys.len() == 2 && keys[0] != before && keys[1] == before, "{renewed:?}");
    let told = format!("tenant 7: the newest checkpoint is of {size} events: ");
    assert!(renewed.aside.starts_with(&told), "{renewed:?}");
    assert!(
        keys[0].starts_with("ledger.example/tenants/7+"),
        "without an address the name stays: {renewed:?}"
    );
    assert_eq!(key_of(&sealed).await, renewed.answer.trim_end());

    sealed.world.order("ladore-5");
    sealed.world.poll().await;
    let later = Taken::of(taken(&sealed, &["checkpoint", "--tenant", "7", "--since", &size]).await.answer());
    let told = verified(&[later.path(), "--against", kept.path()]).await;
    assert!(told.failure().contains("if the log's key was renewed, give both with --key"), "{told:?}");
    let both = ["--key", keys[0], "--key", keys[1]];
    let words: Vec<&str> = [later.path(), "--against", kept.path()].into_iter().chain(both).collect();
    assert!(verified(&words).await.answer().contains("its first "));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_is_of_now_also_where_another_instance_seals() {
    let sealed = Sealed::unsealed(2).await;
    let mut held = sealed.world.database.owner_pool().begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(hashtextextended('audit_checkpoints/7', 0))")
        .execute(&mut *held)
        .await
        .unwrap();
    let meanwhile = async {
        until("it found that another seals", async || {
            let left = "select exists (select from pg_stat_activity where datname = current_database() \
                        and application_name = 'logistics-ledger' \
                        and (query ilike 'rollback%' or query like '%from audit_checkpoints%'))";
            sqlx::query_scalar(left).fetch_one(sealed.world.database.owner_pool()).await.unwrap()
        })
        .await;
        held.rollback().await.unwrap();
    };
    let mut command = program(&["audit", "checkpoint", "--tenant", "7"]);
    command.env("DATABASE_URL", sealed.world.database.url()).env("LEDGER_LOG", "info");
    let (told, ()) = tokio::join!(end_of(command), meanwhile);
    assert_eq!(told.status, 0, "{told:?}");
    let checkpoint: Value = serde_json::from_str(&told.answer).unwrap();
    assert_eq!(checkpoint["size"], sealed.events().await);
    // The log is a witness.
    let root = hex::encode(STANDARD.decode(checkpoint["root"].as_str().unwrap()).unwrap());
    let line = told.aside.lines().find(|line| line.contains("a checkpoint was signed"));
    assert!(line.is_some_and(|line| line.contains(&root) && line.contains("tenant=7")), "{told:?}");
}

#[tokio::test]
async fn a_ledger_without_events_and_an_order_that_is_unknown_are_told() {
    let sealed = Sealed::unsealed(0).await;
    let told = taken(&sealed, &["checkpoint", "--tenant", "7"]).await;
    assert_eq!(told.failure(), "the ledger of tenant 7 has no event yet, so there is nothing to prove");
    let told = taken(&sealed, &["dossier", "ladore-9"]).await;
    assert!(told.failure().starts_with("there is no order ladore-9"), "{told:?}");
    let told = verified(&["nobody-made-this.json"]).await;
    assert!(told.failure().starts_with("nobody-made-this.json cannot be read"), "{told:?}");
    let nothing = Taken::of("nothing");
    let told = verified(&[nothing.path()]).await;
    assert!(told.failure().contains("this is neither a dossier nor a checkpoint"), "{told:?}");
}

/// The block of the document in this language.
fn block(language: &str) -> &'static str {
    let page = include_str!("../../../docs/audit.md");
    let (_, rest) = page.split_once(&format!("```{language}\n")).unwrap();
    rest.split("```").next().unwrap()
}

/// Runs a program on a file that was taken away.
async fn by_hand(program: &str, words: &[&str], file: &Taken) -> (bool, String) {
    let mut command = Command::new(program);
    command.args(words).arg(file.path()).stdin(Stdio::null());
    let ran = command.output().await.expect("the ways of the document need python3, and openssl 3");
    let said = [ran.stdout, ran.stderr].concat();
    (ran.status.success(), String::from_utf8_lossy(&said).into_owned())
}

#[tokio::test]
async fn the_ways_of_the_document_verify_a_dossier_by_hand() {
    let sealed = Sealed::twice().await;
    let dossier = taken(&sealed, &["dossier", "ladore-1"]).await;
    let (whole, altered) = (
        Taken::of(dossier.answer()),
        Taken::of(&dossier.answer().replace("OrderDiscovered", "OrderDiscovereD")),
    );
    let script = Taken::of(block("python"));
    let (holds, said) = by_hand("python3", &[script.path()], &whole).await;
    assert!(holds && said.contains("events are in the log"), "{said}");
    let (holds, said) = by_hand("python3", &[script.path()], &altered).await;
    assert!(!holds && said.contains("event 1 is not in the log"), "{said}");
    let mut empty: Value = serde_json::from_str(&dossier.answer).unwrap();
    empty["events"] = serde_json::json!([]);
    let (holds, said) = by_hand("python3", &[script.path()], &Taken::of(&empty.to_string())).await;
    assert!(!holds && said.contains("no events"), "{said}");
    let mut other: Value = serde_json::from_str(&dossier.answer).unwrap();
    other["verifier_key"] = dossier_key_of_another_log(&other).into();

    let altered = Taken::of(&dossier.answer().replace("/tenants/7\\n", "/tenants/7\\n1"));
    let script = Taken::of(block("sh"));
    let (holds, said) = by_hand("bash", &["-euo", "pipefail", script.path()], &whole).await;
    assert!(holds && said.contains("Signature Verified Successfully"), "{said}");
    let (holds, said) = by_hand("bash", &["-euo", "pipefail", script.path()], &altered).await;
    assert!(!holds, "{said}");
    let other = Taken::of(&other.to_string());
    let (holds, said) = by_hand("bash", &["-euo", "pipefail", script.path()], &other).await;
    assert!(!holds && said.contains("of another log than the key"), "{said}");
}

/// The key of a file, with the name of another tenant's log before it.
fn dossier_key_of_another_log(file: &Value) -> String {
    file["verifier_key"].as_str().unwrap().replacen("/tenants/7+", "/tenants/8+", 1)
}
