//! What auditors take away: checkpoints and dossiers, to whom they are given, and that they verify without the service.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use logistics_domain::TenantId;
use logistics_ledger::access::{Right, Role};
use logistics_ledger::audit::checkpoints::StoredCheckpoint;
use logistics_ledger::audit::dossier::{CheckpointFile, Dossier, ProvedEvent};
use logistics_ledger::audit::note::{Checkpoint, VerifierKey};
use logistics_ledger::audit::seal::Sealing;
use logistics_ledger::audit::verify_file::verify_file;
use logistics_ledger::audit::{
    self, AuditFile, EventFault, FileError, Hash, ProofError, empty_root, verify_consistency,
};
use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::OrderSpec;
use logistics_ledger::secrets::KeyRing;
use logistics_ledger::tenancy::{NewTenant, add_tenant};
use logistics_projections::TenantScope;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::PgPool;

use super::site::{CLIENT, Site};
use super::world::{Answer, World, answer, start};
use crate::isolation::world::{OTHER, OWN};
use crate::rebuild::world::{address, live};
use crate::support::service::until;

/// Seals what a tenant's ledger holds now.
pub async fn seal(pool: &PgPool, ring: &KeyRing, clock: &Clock, tenant: TenantId) -> StoredCheckpoint {
    let sealing = Sealing::by(ring, clock, "ledger.example");
    let sealed = audit::seal::seal(pool, &sealing, TenantScope::granted(tenant)).await.unwrap();
    sealed.expect("the ledger has events")
}

/// A service with orders of several brands, and the auditor of one.
struct Audited {
    world: World,
    auditor: String,
}

impl Audited {
    async fn create() -> Self {
        let world = World::create().await;
        for id in 1..=4 {
            let slug = format!("brand-{id}");
            let tenant = NewTenant { id, name: slug.clone(), slug, timezone: "America/Lima".into() };
            add_tenant(world.database.pool(), &tenant, start()).await.unwrap();
        }
        live(&world.app.sources().ledger, 11, 24, 0..4).await;
        let auditor = world.key(Role::Auditor, Some(OWN)).await;
        Self { world, auditor }
    }

    /// The orders live on.
    async fn live_on(&self) {
        live(&self.world.app.sources().ledger, 12, 24, 4..8).await;
    }

    async fn seal(&self) -> StoredCheckpoint {
        let sources = self.world.app.sources();
        seal(&sources.pool, &sources.ring, &sources.clock, OWN).await
    }

    async fn get(&self, path: &str) -> Answer {
        self.world.get(&format!("/api/v1/logistics/{path}"), &self.auditor).await
    }

    /// The orders of a brand that its people see.
    async fn orders_of(&self, tenant: TenantId) -> Vec<String> {
        let key = self.world.key(Role::Viewer, Some(tenant)).await;
        let list = self.world.get("/api/v1/logistics/orders", &key).await.body;
        let ids = list["items"].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned());
        ids.collect()
    }

    async fn checkpoint(&self, query: &str) -> CheckpointFile {
        let got = self.get(&format!("audit/checkpoint{query}")).await;
        assert_eq!(got.status, StatusCode::OK, "{got:?}");
        serde_json::from_value(got.body).unwrap()
    }

    async fn dossier(&self, order: &str) -> Dossier {
        let got = self.get(&format!("orders/{order}/dossier")).await;
        assert_eq!(got.status, StatusCode::OK, "{got:?}");
        serde_json::from_value(got.body).unwrap()
    }
}

/// What a checkpoint says, which this key signed.
fn opened(note: &str, verifier_key: &str) -> Checkpoint {
    let key: VerifierKey = verifier_key.parse().unwrap();
    key.open(note).unwrap()
}

fn hashes(proof: &[String]) -> Vec<Hash> {
    proof.iter().map(|hash| STANDARD.decode(hash).unwrap().try_into().unwrap()).collect()
}

/// Verifies a dossier with nothing else.
fn verified(dossier: &Dossier) -> Result<Checkpoint, FileError> {
    let file = AuditFile::Dossier(Box::new(dossier.clone()));
    verify_file(&file, &[dossier.verifier_key.parse().unwrap()]).map(|verified| verified.checkpoint)
}

/// The fault of an event that does not hold.
fn fault(dossier: &Dossier) -> EventFault {
    match verified(dossier).unwrap_err() {
        FileError::Event { fault, .. } => fault,
        other => panic!("{other}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dossier_proves_each_event_of_its_order_and_nothing_else() {
    let site = Audited::create().await;
    let sealed = site.seal().await;
    let order = &site.orders_of(OWN).await[0];
    let got = site.get(&format!("orders/{order}/dossier")).await;
    assert_eq!(
        (got.status, &got.headers["content-type"]),
        (StatusCode::OK, &"application/json".parse().unwrap())
    );
    let name = format!("attachment; filename=\"dossier-{order}.json\"");
    assert_eq!(got.headers["content-disposition"], name);
    assert_eq!(got.headers["cache-control"], "no-store");
    let dossier: Dossier = serde_json::from_value(got.body).unwrap();
    let checkpoint = verified(&dossier).unwrap();
    assert_eq!((checkpoint.size, checkpoint.root), (sealed.size.cast_unsigned(), sealed.root));
    assert_eq!((dossier.tenant_id, dossier.unsealed_events), (OWN.0, 0));

    let history = site.get(&format!("orders/{order}/history")).await.body;
    let shown: Vec<_> = history["items"].as_array().unwrap().iter().collect();
    assert!(!shown.is_empty() && shown.len() == dossier.events.len());
    for (event, shown) in dossier.events.iter().zip(shown) {
        assert_eq!(
            (json!(event.position), json!(event.sequence), json!(event.name), json!(event.recorded_at)),
            (
                shown["position"].clone(),
                shown["sequence"].clone(),
                shown["type"].clone(),
                shown["recorded_at"].clone()
            )
        );
    }

    let changes: [fn(&mut ProvedEvent); 5] = [
        |event| event.payload = json!({"told": "otherwise"}),
        |event| event.metadata["actor"] = "nobody".into(),
        |event| event.recorded_at += TimeDelta::microseconds(1),
        |event| event.name.push('X'),
        |event| event.version.push('1'),
    ];
    for (number, change) in changes.into_iter().enumerate() {
        let mut changed = dossier.clone();
        change(changed.events.last_mut().unwrap());
        assert!(matches!(fault(&changed), EventFault::NotIncluded(ProofError::Root)), "change {number}");
    }
    let changed = Dossier { tenant_id: OTHER.0, ..dossier };
    assert!(matches!(verified(&changed), Err(FileError::OtherTenant { tenant: 2, .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_checkpoint_proves_that_the_earlier_ledger_is_its_beginning() {
    let site = Audited::create().await;
    site.seal().await;
    let first = site.checkpoint("").await;
    assert_eq!(first.consistency, None);
    let earlier = opened(&first.note, &first.verifier_key);
    assert_eq!((earlier.size, STANDARD.encode(earlier.root)), (first.size, first.root.clone()));
    assert_eq!(earlier.origin, format!("ledger.example/tenants/{OWN}"));

    site.live_on().await;
    let unsealed = site.checkpoint("").await;
    assert!(first.unsealed_events == 0 && unsealed.unsealed_events > 0, "{unsealed:?}");
    assert_eq!(CheckpointFile { unsealed_events: 0, ..unsealed }, first, "what is new is not sealed yet");
    site.seal().await;
    let second = site.checkpoint(&format!("?since={}", first.size)).await;
    let later = opened(&second.note, &second.verifier_key);
    assert!(later.size > earlier.size && second.verifier_key == first.verifier_key);
    let proof = second.consistency.unwrap();
    assert_eq!(proof.since, first.size);
    let leads = |root: &Hash| {
        verify_consistency((earlier.size, root), (later.size, &later.root), &hashes(&proof.proof))
    };
    assert_eq!(leads(&earlier.root), Ok(()));
    assert!(leads(&later.root).is_err(), "another ledger is no beginning of it");

    for (since, root) in [(0, empty_root()), (later.size, later.root)] {
        let proof = site.checkpoint(&format!("?since={since}")).await.consistency.unwrap().proof;
        assert_eq!(proof, Vec::<String>::new(), "{since}");
        assert_eq!(verify_consistency((since, &root), (later.size, &later.root), &[]), Ok(()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_size_that_no_checkpoint_has_reached_is_refused_by_its_name() {
    let site = Audited::create().await;
    let size = site.seal().await.size;
    let beyond = format!("since={}", size + 1);
    for (query, field) in [
        ("since=-1", "since"),
        ("since=", "since"),
        ("since=many", "since"),
        ("since=1.5", "since"),
        ("since=99999999999999999999", "since"),
        ("since=1&since=1", "since"),
        (beyond.as_str(), "since"),
        ("size=1", "size"),
    ] {
        let refused = site.get(&format!("audit/checkpoint?{query}")).await;
        assert_eq!((refused.status, refused.code()), (StatusCode::BAD_REQUEST, "query_invalid"), "{query}");
        assert_eq!(refused.body["field"], field, "{query}");
    }
    let request = site.world.request(Method::GET, &format!("/api/v1/logistics/audit/checkpoint?{beyond}"));
    let told = answer(request.header("x-api-key", &site.auditor).header("accept-language", "es")).await;
    assert!(told.detail().contains(&format!("de 0 a {size}")), "{told:?}");
    assert_eq!(site.get("orders/1/dossier?since=1").await.status, StatusCode::NOT_FOUND);
    let order = &site.orders_of(OWN).await[0];
    assert_eq!(site.get(&format!("orders/{order}/dossier?since=1")).await.code(), "query_invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_sealed_yet_is_told_so_and_counted() {
    let site = Audited::create().await;
    let orders = site.orders_of(OWN).await;
    let unsealed = async |path: &str| {
        let told = site.get(path).await;
        assert_eq!((told.status, told.code()), (StatusCode::CONFLICT, "not_sealed_yet"), "{path}");
        let request = site.world.request(Method::GET, &format!("/api/v1/logistics/{path}"));
        let told = answer(request.header("x-api-key", &site.auditor).header("accept-language", "es")).await;
        assert!(told.detail().contains("aún no está sellado"), "{told:?}");
    };
    for path in ["audit/checkpoint", "audit/checkpoint?since=0"] {
        unsealed(path).await;
    }
    unsealed(&format!("orders/{}/dossier", orders[0])).await;

    site.seal().await;
    site.live_on().await;
    let mut waiting = 0;
    for order in site.orders_of(OWN).await {
        let dossier = site.dossier(&order).await;
        verified(&dossier).unwrap();
        let history = site.get(&format!("orders/{order}/history")).await.body;
        let recorded = history["items"].as_array().unwrap().len() as u64;
        assert_eq!(dossier.events.len() as u64 + dossier.unsealed_events, recorded, "{order}");
        waiting += dossier.unsealed_events;
    }
    assert!(waiting > 0, "the orders lived on");
    live(&site.world.app.sources().ledger, 13, 28, 0..1).await;
    unsealed(&format!("orders/{}/dossier", address(28).stream())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_lost_an_event_is_told_to_be_damaged() {
    let site = Audited::create().await;
    site.seal().await;
    let mut damaged = None;
    for order in site.orders_of(OWN).await {
        if site.dossier(&order).await.events[0].position > 0 {
            damaged = Some(order);
        }
    }
    let path = format!("orders/{}/dossier", damaged.expect("there are several orders"));
    let tamper = async |sql: &str| {
        let sql = format!("set session_replication_role = replica; {sql}; reset session_replication_role");
        sqlx::raw_sql(&sql).execute(site.world.database.owner_pool()).await.unwrap();
    };
    let is_damaged = async |path: &str| {
        let told = site.get(path).await;
        assert_eq!((told.status.as_u16(), told.code()), (500, "ledger_damaged"), "{path}");
        assert!(told.detail().contains("tell the platform's staff"), "{told:?}");
    };
    // What cannot be read is damage as well.
    let unreadable = site.orders_of(OWN).await.remove(0);
    tamper(&format!("update events set payload = '1e400' where aggregate_id = '{unreadable}'")).await;
    is_damaged(&format!("orders/{unreadable}/dossier")).await;
    tamper(&format!("delete from events where tenant_id = {OWN} and position = 0")).await;
    is_damaged(&path).await;
    let request = site.world.request(Method::GET, &format!("/api/v1/logistics/{path}"));
    let told = answer(request.header("x-api-key", &site.auditor).header("accept-language", "es")).await;
    assert!(told.detail().contains("Avisa al equipo de la plataforma"), "{told:?}");

    assert_eq!(site.get("audit/checkpoint").await.status, StatusCode::OK);
    tamper(&format!("update audit_checkpoints set sealed_at = 'infinity' where tenant_id = {OWN}")).await;
    is_damaged("audit/checkpoint").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn proofs_are_for_auditors_and_administrators_and_of_their_own_orders_alone() {
    let site = Audited::create().await;
    site.seal().await;
    let orders = site.orders_of(OWN).await;
    let paths = ["audit/checkpoint".to_owned(), format!("orders/{}/dossier", orders[0])];
    for role in Role::ALL {
        let tenant = (role != Role::Superadmin).then_some(OWN);
        let key = site.world.key(role, tenant).await;
        for path in &paths {
            let got = site.world.get(&format!("/api/v1/logistics/{path}?tenant_id={OWN}"), &key).await;
            let expected = if role.may(Right::ReadProofs) { StatusCode::OK } else { StatusCode::FORBIDDEN };
            assert_eq!(got.status, expected, "{role} {path}");
        }
    }
    let foreign = site.get(&format!("audit/checkpoint?tenant_id={OTHER}")).await;
    assert_eq!((foreign.status, foreign.code()), (StatusCode::NOT_FOUND, "tenant_unknown"));

    let doubted = orders[1].as_str();
    sqlx::query("update logistics_orders set withheld_reason = 'doubt' where id = $1::uuid")
        .bind(doubted)
        .execute(site.world.database.owner_pool())
        .await
        .unwrap();
    let others = site.orders_of(OTHER).await;
    let nobodys = "00000000-0000-0000-0000-000000000000";
    for order in [doubted, others[0].as_str(), nobodys] {
        let ask = async |part: &str| {
            let got = site.get(&format!("orders/{order}/{part}")).await;
            (got.status, got.body["code"].clone(), got.body["detail"].clone())
        };
        let refused = ask("dossier").await;
        assert_eq!((refused.0, &refused.1), (StatusCode::NOT_FOUND, &json!("order_unknown")), "{order}");
        assert_eq!(refused, ask("history").await, "{order}");
    }
}

/// A courier's words that say who signed.
const COURIERS: &str = "Signed for by XIOMARA at the door";

#[tokio::test(flavor = "multi_thread")]
async fn the_dossier_of_who_was_erased_still_verifies_and_tells_nothing_of_the_person() {
    let site = Site::with_both_brands().await;
    let mintsoft = site.sandbox.world();
    let id = mintsoft.create_order(OrderSpec::of(CLIENT, "ladore-1", &[("LADORE_1", 1)]));
    mintsoft.despatch(id, Some("JD1")).unwrap();
    mintsoft.add_tracking_event_at(id, "InTransit", COURIERS, site.world.clock.now()).unwrap();
    site.sync(7).await;
    let scans = "select count(*) from events where event_type = 'TrackingEventRecorded'";
    until("the scan is recorded", async || site.count(scans).await > 0).await;
    let orders = site.get("logistics/orders?tenant_id=7").await.body;
    let order = orders["items"][0]["id"].as_str().unwrap().to_owned();
    let shown = site.get(&format!("logistics/orders/{order}?tenant_id=7")).await.body;
    let name = shown["recipient"]["name"].as_str().unwrap().to_owned();

    let sources = site.world.app.sources();
    let seal = async || seal(&sources.pool, &sources.ring, &sources.clock, TenantId(7)).await;
    let path = format!("logistics/orders/{order}/dossier?tenant_id=7");
    let take = async || -> (String, Dossier) {
        let got = site.get(&path).await;
        assert_eq!(got.status, StatusCode::OK, "{got:?}");
        let text = got.body.to_string();
        assert!(!text.contains(&name), "the person stands there sealed, if at all");
        let dossier = serde_json::from_value(got.body).unwrap();
        verified(&dossier).unwrap();
        (text, dossier)
    };
    let is_left_out = |event: &&ProvedEvent| event.payload.is_null();
    seal().await;
    let (text, before) = take().await;
    assert!(text.contains(COURIERS), "what a courier wrote stands open: {text}");
    assert_eq!(before.events.iter().filter(is_left_out).count(), 0);

    let reason = json!({"reason": "The customer asked for it."});
    let erased =
        site.send(Method::POST, &format!("logistics/orders/{order}/erase?tenant_id=7"), &reason).await;
    assert_eq!(erased.status, StatusCode::OK, "{erased:?}");
    for is_sealed in [false, true] {
        if is_sealed {
            seal().await;
        }
        let (text, dossier) = take().await;
        assert!(!text.contains(COURIERS), "{text}");
        let tells_erasure = dossier.events.iter().any(|event| event.name == "PersonalDataErased");
        assert_eq!(tells_erasure, is_sealed, "it counts before it is sealed: {text}");
        let left_out: Vec<&ProvedEvent> = dossier.events.iter().filter(is_left_out).collect();
        let [scan] = left_out[..] else { panic!("one event: {left_out:?}") };
        assert_eq!((scan.name.as_str(), &scan.metadata), ("TrackingEventRecorded", &Value::Null));
        let place = usize::try_from(scan.sequence - 1).unwrap();
        let changed = |change: &dyn Fn(&mut ProvedEvent)| {
            let mut changed = dossier.clone();
            change(&mut changed.events[place]);
            fault(&changed)
        };
        // What is left out is proved by nothing, so nothing may be told in its place.
        let invented = before.events[place].payload.clone();
        assert!(matches!(changed(&|event| event.payload = invented.clone()), EventFault::LeftOut));
        assert!(matches!(changed(&|event| event.name = "OrderVanished".into()), EventFault::LeftOut));
        assert!(matches!(
            changed(&|event| event.content_hash = Some("none".into())),
            EventFault::ContentHash
        ));
        let other = Some(STANDARD.encode([7; 32]));
        let other = changed(&|event| event.content_hash.clone_from(&other));
        assert!(matches!(other, EventFault::NotIncluded(ProofError::Root)));
    }
}
