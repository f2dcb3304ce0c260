//! Orders that many ask for at once are looked up together, and each asker is answered for itself.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::{join, join_all};
use logistics_domain::OrderStreamId;
use logistics_ledger::api::BatchedReads;
use logistics_ledger::postgres::Reader;
use logistics_projections::TenantScope;
use logistics_projections::orders::{OrderRow, WholeOrder};
use sqlx::PgPool;
use tokio::runtime::Handle;
use tokio::time::timeout;
use uuid::Uuid;

use super::world::{KALLPA, LADORE};
use crate::projections::{order, put_orders};
use crate::support::bar::Bar;
use crate::support::database::TestDatabase;
use crate::support::service::until;
use crate::support::silence::Network;

const OURS: TenantScope = TenantScope::granted(LADORE);
const THEIRS: TenantScope = TenantScope::granted(KALLPA);

/// Orders of two tenants, and what those who ask for them share.
struct Shared {
    reads: BatchedReads,
    reader: Reader,
}

/// Twenty orders of one tenant and nineteen of the other, of which one each is withheld.
fn rows() -> [Vec<OrderRow>; 2] {
    [OURS, THEIRS].map(|scope| {
        let first = scope.tenant().0 * 100;
        let withheld = |number| (number == first).then(|| "doubt".to_owned());
        let of = |number| OrderRow {
            tenant_id: scope.tenant(),
            withheld_reason: withheld(number),
            ..order(number)
        };
        (first..first + if scope == OURS { 20 } else { 19 }).map(of).collect()
    })
}

impl Shared {
    async fn over(database: &TestDatabase, pool: &PgPool) -> Self {
        put_orders(database.pool(), &rows().concat()).await;
        Self { reads: BatchedReads::default(), reader: Reader::beside(pool) }
    }

    async fn ask(&self, scope: TenantScope, id: OrderStreamId) -> sqlx::Result<Option<Arc<WholeOrder>>> {
        self.reads.order(&self.reader, &scope, id).await
    }

    /// How many statements with that word were run, over the only connection.
    async fn statements(&self, word: &str) -> i64 {
        let mut reading = self.reader.of(LADORE).await.unwrap();
        sqlx::query_scalar(
            "select coalesce(sum(generic_plans + custom_plans), 0)::bigint from pg_prepared_statements \
             where statement like '%' || $1 || '%' and statement not like '%prepared%'",
        )
        .bind(word)
        .fetch_one(&mut *reading)
        .await
        .unwrap()
    }
}

#[tokio::test]
async fn many_at_once_are_answered_by_few_statements_each_for_itself() {
    let database = TestDatabase::create_with(1).await;
    let shared = Shared::over(&database, database.pool()).await;
    let [ours, theirs] = rows();
    let asked: Vec<(TenantScope, OrderStreamId, bool)> = (0..10)
        .flat_map(|round| {
            let shown = |row: &OrderRow| row.withheld_reason.is_none();
            let unknown = OrderStreamId(Uuid::from_u128(round));
            let of_tenants = ours.iter().zip(&theirs).flat_map(move |(one, other)| {
                [(OURS, one.id, shown(one)), (THEIRS, other.id, shown(other)), (THEIRS, one.id, false)]
            });
            of_tenants.chain([(OURS, unknown, false)]).collect::<Vec<_>>()
        })
        .collect();
    let answers = join_all(asked.iter().map(|(scope, id, _)| shared.ask(*scope, *id))).await;
    for ((_, id, is_shown), answer) in asked.iter().zip(answers) {
        assert_eq!(answer.unwrap().map(|found| found.id), is_shown.then_some(*id));
    }
    let statements = shared.statements("has_recipient").await;
    assert!((2..=40).contains(&statements), "{statements} for {}", asked.len());
}

#[tokio::test]
async fn counts_are_asked_for_once_for_many_and_are_each_tenants_own() {
    let database = TestDatabase::create_with(1).await;
    let shared = Shared::over(&database, database.pool()).await;
    let scopes = [OURS, THEIRS];
    let asked = (0..100).map(|number| shared.reads.counts(&shared.reader, &scopes[number % 2]));
    for (number, counts) in join_all(asked).await.into_iter().enumerate() {
        assert_eq!(counts.unwrap().total, [19, 18][number % 2]);
    }
    let statements = shared.statements("needs_attention").await;
    assert!((2..=20).contains(&statements), "{statements}");
}

#[tokio::test]
async fn what_changed_shows_to_whoever_asks_from_then_on() {
    let database = TestDatabase::create().await;
    let shared = Shared::over(&database, database.pool()).await;
    let row = &rows()[0][1];
    for version in 2..5 {
        assert_eq!(shared.ask(OURS, row.id).await.unwrap().unwrap().version, version - 1);
        let changed = sqlx::query("update logistics_orders set version = $2 where id = $1");
        changed.bind(row.id.0).bind(version).execute(database.owner_pool()).await.unwrap();
    }
    let hidden = sqlx::query("update logistics_orders set withheld_reason = 'doubt' where id = $1");
    hidden.bind(row.id.0).execute(database.owner_pool()).await.unwrap();
    assert!(shared.ask(OURS, row.id).await.unwrap().is_none());
}

#[tokio::test]
async fn a_question_never_joins_a_statement_that_is_under_way() {
    let database = TestDatabase::create().await;
    let shared = Shared::over(&database, database.pool()).await;
    let id = rows()[0][1].id;
    let bar = Bar::before(&database, "logistics_orders").await;
    let mut early = pin!(shared.ask(OURS, id));
    assert!(early.as_mut().now_or_never().is_none());
    bar.is_reached().await;
    let changed = sqlx::query("update logistics_orders set version = 2 where id = $1");
    changed.bind(id.0).execute(database.owner_pool()).await.unwrap();
    let mut late = pin!(shared.ask(OURS, id));
    assert!(late.as_mut().now_or_never().is_none());
    bar.lift().await;
    let (early, late) = join(early, late).await;
    assert_eq!(early.unwrap().unwrap().version, 1, "its statement had begun");
    assert_eq!(late.unwrap().unwrap().version, 2);
}

#[tokio::test]
async fn who_asked_first_may_go_away_and_a_failure_leaves_nobody_waiting() {
    let database = TestDatabase::create_with(1).await;
    let shared = Shared::over(&database, database.pool()).await;
    let id = rows()[0][1].id;
    assert_eq!(shared.ask(OURS, id).await.unwrap().unwrap().id, id);
    let at_rest = Handle::current().metrics().num_alive_tasks();
    // Asked, and given up before there could be an answer.
    assert!(shared.ask(OURS, id).now_or_never().is_none());
    assert_eq!(shared.ask(OURS, id).await.unwrap().unwrap().id, id);
    // So it is where the first ones go away while the only connection is another's.
    let reading = shared.reader.of(LADORE).await.unwrap();
    let gone = timeout(Duration::from_millis(50), join_all((0..5).map(|_| shared.ask(OURS, id)))).await;
    assert!(gone.is_err());
    reading.release();
    assert_eq!(shared.ask(OURS, id).await.unwrap().unwrap().id, id);
    until("nobody works off a queue that is empty", async || {
        Handle::current().metrics().num_alive_tasks() <= at_rest
    })
    .await;

    shared.reader.close().await;
    let answers = join_all((0..20).map(|_| shared.ask(OURS, id)));
    for answer in timeout(Duration::from_secs(20), answers).await.expect("each hears of it") {
        assert!(matches!(answer, Err(sqlx::Error::PoolClosed)), "{:?}", answer.err());
    }
}

#[tokio::test]
async fn a_statement_that_fails_is_told_to_each_in_its_own_words() {
    let database = TestDatabase::create().await;
    let shared = Shared::over(&database, database.pool()).await;
    let [ours, theirs] = rows();
    let broken = "alter table logistics_order_recipients rename to taken_away";
    sqlx::query(broken).execute(database.owner_pool()).await.unwrap();
    let asked = [(OURS, ours[1].id), (OURS, ours[2].id), (THEIRS, theirs[1].id)];
    for answer in join_all(asked.map(|(scope, id)| shared.ask(scope, id))).await {
        let told = answer.err().unwrap();
        assert_eq!(told.as_database_error().unwrap().code().unwrap(), "42P01", "{told}");
    }
    let mended = "alter table taken_away rename to logistics_order_recipients";
    sqlx::query(mended).execute(database.owner_pool()).await.unwrap();
    for (scope, id) in asked {
        assert_eq!(shared.ask(scope, id).await.unwrap().unwrap().id, id);
    }
}

#[tokio::test]
async fn a_database_that_says_nothing_keeps_nobody_waiting_for_long() {
    let database = TestDatabase::create().await;
    let network = Network::before(&database).await;
    let shared = Shared::over(&database, &network.pool).await;
    let ids: Vec<OrderStreamId> = rows()[0][1..].iter().map(|row| row.id).collect();
    let all = || join_all(ids.iter().map(|id| shared.ask(OURS, *id)));
    assert!(all().await.into_iter().all(|answer| answer.unwrap().is_some()));
    network.swallow();
    for answer in timeout(Duration::from_secs(15), all()).await.expect("each hears of it") {
        assert!(matches!(answer, Err(sqlx::Error::PoolTimedOut)), "{:?}", answer.err());
    }
    assert!(all().await.into_iter().all(|answer| answer.unwrap().is_some()), "over new connections");
}
