//! Connections that are kept at hand between readers: whoever takes one over sees no rows but their own, whatever became of the
//! readers before, and a round trip is saved where nothing changes.

use std::time::Duration;

use futures_util::FutureExt as _;
use logistics_domain::TenantId;
use logistics_ledger::postgres::{Reader, Reading};
use logistics_projections::orders::BEGIN_SNAPSHOT;
use sqlx::{Connection as _, Executor as _};
use tokio::time::timeout;

use super::world::{OTHER, OWN};
use crate::support::database::TestDatabase;
use crate::support::service::until;

/// A database with two tenants, and a reader of it with so many connections.
async fn world(connections: u32) -> (TestDatabase, Reader) {
    let database = TestDatabase::create_with(connections).await;
    let tenants =
        "insert into tenants (id, name, slug, created_at) values (1, 'a', 'a', now()), (2, 'b', 'b', now())";
    database.owner_pool().execute(tenants).await.unwrap();
    let reader = Reader::beside(database.pool());
    (database, reader)
}

/// The session, the tenants that it sees, and how often it was set since it began.
async fn look(reading: &mut Reading) -> (i32, Vec<i64>) {
    sqlx::query_as("select pg_backend_pid(), array(select id from tenants order by id)")
        .fetch_one(&mut **reading)
        .await
        .unwrap()
}

/// How often the tenant was named in this session.
async fn times_named(reading: &mut Reading) -> i64 {
    sqlx::query_scalar(
        "select coalesce(sum(generic_plans + custom_plans), 0)::bigint from pg_prepared_statements \
         where statement like '%ledger.tenant%' and statement not like '%pg_prepared_statements%'",
    )
    .fetch_one(&mut **reading)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_kept_connection_goes_from_tenant_to_tenant_and_takes_nothing_along() {
    let (_database, reader) = world(1).await;
    let mut sessions = Vec::new();
    for tenant in [OWN, OTHER, OTHER, OWN, TenantId(3), OWN] {
        let mut reading = reader.of(tenant).await.unwrap();
        let (session, seen) = look(&mut reading).await;
        let expected: &[i64] = if tenant.0 == 3 { &[] } else { std::slice::from_ref(&tenant.0) };
        assert_eq!(seen, expected);
        sessions.push(session);
        reading.release();
    }
    sessions.dedup();
    assert_eq!(sessions.len(), 1, "one connection served them all");
}

#[tokio::test]
async fn the_same_tenant_is_not_named_again_and_another_one_is() {
    let (_database, reader) = world(1).await;
    let mut told = Vec::new();
    for tenant in [OWN, OWN, OWN, OTHER, OTHER, OWN] {
        let mut reading = reader.of(tenant).await.unwrap();
        told.push(times_named(&mut reading).await);
        reading.release();
    }
    assert_eq!(told, [1, 1, 1, 2, 2, 3]);
}

#[tokio::test]
async fn of_two_connections_each_reader_gets_the_one_of_its_tenant() {
    let (_database, reader) = world(2).await;
    let (mut own, mut other) = (reader.of(OWN).await.unwrap(), reader.of(OTHER).await.unwrap());
    let (own_session, other_session) = (look(&mut own).await.0, look(&mut other).await.0);
    own.release();
    other.release();
    for (tenant, session) in [(OWN, own_session), (OWN, own_session), (OTHER, other_session)] {
        let mut reading = reader.of(tenant).await.unwrap();
        assert_eq!(look(&mut reading).await, (session, vec![tenant.0]));
        reading.release();
    }
}

#[tokio::test]
async fn whoever_breaks_off_while_the_tenant_is_named_leaves_no_session_that_is_another_tenants() {
    let (_database, reader) = world(1).await;
    for polls in 1..40 {
        reader.of(OWN).await.unwrap().release();
        // Asked so many times, and given up: before the statement, in the middle of it, or after it.
        let mut asking = Box::pin(reader.of(OTHER));
        for _ in 0..polls {
            let nothing = std::future::ready(());
            tokio::select! {
                biased;
                answered = &mut asking => { drop(answered); asking = Box::pin(reader.of(OTHER)); }
                () = nothing => {}
            }
            tokio::task::yield_now().await;
        }
        drop(asking);
        for tenant in [OWN, OTHER] {
            let mut reading = reader.of(tenant).await.unwrap();
            assert_eq!(look(&mut reading).await.1, [tenant.0], "given up after {polls}");
            reading.release();
        }
    }
}

#[tokio::test]
async fn what_failed_or_was_dropped_is_looked_over_and_set_anew() {
    let (_database, reader) = world(1).await;
    let mut failing = reader.of(OWN).await.unwrap();
    failing.execute("select 1 / 0").await.unwrap_err();
    drop(failing);
    let mut broken_off = reader.of(OTHER).await.unwrap();
    let slow = timeout(Duration::from_millis(20), broken_off.execute("select pg_sleep(0.3)")).await;
    slow.unwrap_err();
    drop(broken_off);
    let mut reading = reader.of(OWN).await.unwrap();
    assert_eq!(look(&mut reading).await.1, [OWN.0]);
    assert_eq!(times_named(&mut reading).await, 3, "each time by whoever took it");
}

#[tokio::test]
async fn what_is_released_within_a_transaction_is_not_kept() {
    let (_database, reader) = world(1).await;
    let mut reading = reader.of(OWN).await.unwrap();
    std::mem::forget(reading.begin().await.unwrap());
    reading.release();
    // Named within that transaction, the tenant would be the old one again after its end.
    let mut reading = reader.of(OTHER).await.unwrap();
    reading.execute("rollback").await.unwrap();
    assert_eq!(look(&mut reading).await.1, [OTHER.0]);
}

#[tokio::test]
async fn a_reader_ends_the_session_it_takes_over_where_the_server_did() {
    let (database, reader) = world(1).await;
    let mut reading = reader.of(OWN).await.unwrap();
    let (session, _) = look(&mut reading).await;
    reading.release();
    sqlx::query("select pg_terminate_backend($1)")
        .bind(session)
        .execute(database.owner_pool())
        .await
        .unwrap();
    let living = "select count(*) from pg_stat_activity where pid = $1";
    until("the session is gone", async || {
        sqlx::query_scalar::<_, i64>(living).bind(session).fetch_one(database.owner_pool()).await.unwrap()
            == 0
    })
    .await;
    // It may be told of the end once, and never of another tenant.
    let mut reading = match reader.of(OTHER).await {
        Ok(reading) => reading,
        Err(_) => reader.of(OTHER).await.unwrap(),
    };
    assert_eq!(look(&mut reading).await.1, [OTHER.0]);
}

#[tokio::test]
async fn what_is_kept_counts_as_idle_answers_a_ping_and_is_closed_with_the_reader() {
    let (_database, reader) = world(2).await;
    let (one, two) = (reader.of(OWN).await.unwrap(), reader.of(OTHER).await.unwrap());
    assert_eq!((reader.usage().used, reader.usage().idle), (2, 0));
    one.release();
    two.release();
    assert_eq!((reader.usage().used, reader.usage().idle), (0, 2));
    reader.ping().await.unwrap();
    timeout(Duration::from_secs(20), reader.close()).await.expect("nothing that is kept holds it up");
    assert!(reader.of(OWN).await.is_err());
    assert_eq!(reader.usage().idle, 0);
}

#[tokio::test]
async fn a_transaction_whose_beginning_was_not_waited_for_is_nobodys() {
    let (_database, reader) = world(1).await;
    let mut unanswered = 0;
    for _ in 0..20 {
        let mut reading = reader.of(OWN).await.unwrap();
        let session = look(&mut reading).await.0;
        // Sent, but whoever asked is gone, mostly before the answer is there.
        unanswered += i32::from(reading.begin_with(BEGIN_SNAPSHOT).now_or_never().is_none());
        drop(reading);
        until("the connection comes back", async || reader.usage().idle == 1).await;
        let mut reading = reader.of(OWN).await.unwrap();
        assert_eq!(look(&mut reading).await.0, session, "it is the same one");
        let level: String = sqlx::query_scalar("select current_setting('transaction_isolation')")
            .fetch_one(&mut *reading)
            .await
            .unwrap();
        assert_eq!(level, "read committed");
        reading.release();
    }
    assert!(unanswered > 0);
}
