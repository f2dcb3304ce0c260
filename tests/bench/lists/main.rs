//! `cargo bench --bench lists`: lists, searches, counts and details of one tenant with a million orders over real HTTP, beside
//! the SQL of each sent straight to the server, 16 at a time.
//!
//! The server is a private PostgreSQL with its durable default settings. `-- --smoke` runs a small version in seconds. Client,
//! service and PostgreSQL share the machine's cores, so the client is no more than a socket that is kept open: it writes a
//! request that it has ready and reads the length that the answer tells. Its share of a core is the price of being real.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot go on has nothing to tell")]

mod cases;
#[path = "../../support/database.rs"]
#[expect(dead_code, reason = "benchmarks need a part of what the tests stand on")]
mod database;
mod fill;
mod http;
#[path = "../report.rs"]
mod report;
mod run;
mod scattered;

use std::io::Write as _;
use std::time::Duration;

use logistics_domain::TenantId;
use logistics_ledger::access::{KeyRequest, Role, issue_key};
use logistics_ledger::api::LimitSettings;
use logistics_ledger::app::{App, AppSettings};
use logistics_ledger::clock::Clock;
use logistics_ledger::secrets::KeyRing;
use sqlx::PgPool;

use crate::database::TestDatabase;

/// As the service has it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// How much is measured.
struct Scale {
    orders: i64,
    each: Duration,
}

const FULL: Scale = Scale { orders: 1_000_000, each: Duration::from_secs(3) };
const SMOKE: Scale = Scale { orders: 20_000, each: Duration::from_millis(300) };

/// Callers at one time.
const CLIENTS: usize = 16;

/// How often the ledger moves where answers are at hand.
const MOVED_EVERY: Duration = Duration::from_millis(100);

const TENANT: TenantId = TenantId(7);

fn main() {
    let smoke = std::env::args().any(|argument| argument == "--smoke");
    let scale = if smoke { SMOKE } else { FULL };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let report = runtime.block_on(measure(&scale));
    std::io::stdout().write_all(report.as_bytes()).unwrap();
}

/// Has the tenant's ledger reach further ten times a second, as by so many commits: what was answered before is made anew.
async fn keep_moving(pool: PgPool) {
    let moved = "insert into ledger_heads (tenant_id, next_position) values ($1, 1) \
         on conflict (tenant_id) do update set next_position = ledger_heads.next_position + 1";
    loop {
        sqlx::query(moved).bind(TENANT.0).execute(&pool).await.unwrap();
        tokio::time::sleep(MOVED_EVERY).await;
    }
}

/// A service over the database, whose callers ask as much as they can.
async fn start(database: &TestDatabase, ring: &KeyRing, clock: &Clock, settings: AppSettings) -> App {
    let limits = LimitSettings { per_credential: None, ..LimitSettings::default() };
    let settings = AppSettings { limits, ..settings };
    App::start(database.pool().clone(), ring.clone(), clock.clone(), settings).await.unwrap()
}

async fn measure(scale: &Scale) -> String {
    let database = TestDatabase::create_with(16).await;
    fill::fill(&database, scale.orders).await;
    let ring: KeyRing = format!("k1:{}=", "A".repeat(43)).parse().unwrap();
    let clock = Clock::system();
    let request =
        KeyRequest { tenant: Some(TENANT), role: Role::Admin, label: String::new(), expires_at: None };
    let key = issue_key(database.pool(), &request, clock.now()).await.unwrap().text;
    // One service as it comes, one that makes each answer anew, and one that has no order at hand either.
    let usual = start(&database, &ring, &clock, AppSettings::default()).await;
    let settings = || AppSettings { response_cache_bytes_max: 0, ..AppSettings::default() };
    let made = start(&database, &ring, &clock, settings()).await;
    let read = start(&database, &ring, &clock, AppSettings { listed_cache_bytes_max: 0, ..settings() }).await;
    let sites = [&read, &made, &usual].map(|app| http::Site { address: app.address(), key: key.clone() });

    let mut rows = Vec::new();
    let some =
        "select id from logistics_orders where mintsoft_order_id % greatest($1 / 20000, 1) = 0 order by id";
    let ids = sqlx::query_scalar(some).bind(scale.orders).fetch_all(database.pool()).await.unwrap();
    for case in cases::cases(&sites[0], scale.orders, &ids).await {
        let read = run::over_http(&sites[0], &case, scale.each).await;
        let made = run::over_http(&sites[1], &case, scale.each).await;
        let moving = tokio::spawn(keep_moving(database.pool().clone()));
        let usual = run::over_http(&sites[2], &case, scale.each).await;
        moving.abort();
        let raw = run::as_sql(&database, &case, scale.each).await;
        let mut row = vec![case.name.to_owned()];
        for measured in [Some(&read), Some(&made), Some(&usual), raw.as_ref()] {
            row.extend(measured.map_or_else(|| ["–"; 3].map(str::to_owned), run::Measured::told));
        }
        let beside = |other: &run::Measured| {
            raw.as_ref()
                .map_or_else(|| "–".to_owned(), |raw| report::ratio(other.per_second / raw.per_second))
        };
        row.extend([beside(&read), beside(&made), beside(&usual)]);
        rows.push(row);
    }
    for app in [usual, made, read] {
        app.stop().await;
    }
    let title = format!("Lists of one tenant with {} orders, {CLIENTS} at a time", scale.orders);
    let heads = [
        "what",
        "(a) made anew, nothing at hand, p50 ms",
        "p99 ms",
        "a second",
        "(b) made anew, p50 ms",
        "p99 ms",
        "a second",
        "(c) as it comes, ten commits a second, p50 ms",
        "p99 ms",
        "a second",
        "(d) SQL, p50 ms",
        "p99 ms",
        "a second",
        "a / d",
        "b / d",
        "c / d",
    ];
    report::table(&title, &heads, rows.into_iter())
}
