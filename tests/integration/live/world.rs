//! A service, a ledger that writes beside it, and followers that read line by line.

use std::sync::Arc;
use std::time::Duration;

use logistics_domain::{Command, Provenance, Source, TenantId};
use logistics_ledger::access::{IssuedKey, KeyRequest, Role, issue_key};
use logistics_ledger::app::{App, AppSettings};
use logistics_ledger::clock::Clock;
use logistics_ledger::ledger::{Ledger, LedgerSettings, OpenOrder};
use logistics_ledger::live::LiveSettings;
use logistics_ledger::secrets::KeyRing;
use logistics_ledger::tenancy::{NewTenant, add_tenant};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::time::timeout;

use crate::rebuild::world::{address, live, ring, start};
use crate::support::database::TestDatabase;
use crate::support::lost::lose_events;
use crate::support::service::PATIENCE;

/// The tenants whose orders the ledger of the tests writes.
pub const TENANTS: [TenantId; 4] = [TenantId(1), TenantId(2), TenantId(3), TenantId(4)];

pub const STREAM: &str = "/api/v1/logistics/stream";

pub struct World {
    pub database: TestDatabase,
    pub ledger: Ledger,
    pub clock: Clock,
    pub app: App,
    pub client: reqwest::Client,
}

/// A ledger over the database, as another instance would have it.
pub fn writer(database: &TestDatabase) -> Ledger {
    let reactions = Arc::new(|_: &_, _: &_, _: &[_], _| vec![]);
    let clock = Clock::manual(start());
    Ledger::start(database.pool().clone(), ring("k1"), clock, LedgerSettings::default(), reactions)
}

/// A database with the tenants.
pub async fn tenants(connections: u32) -> TestDatabase {
    let database = TestDatabase::create_with(connections).await;
    for tenant in TENANTS {
        let slug = format!("t{tenant}");
        let new = NewTenant { id: tenant.0, name: slug.clone(), slug, timezone: "America/Lima".into() };
        add_tenant(database.pool(), &new, start()).await.unwrap();
    }
    database
}

/// A key that reads orders.
pub async fn key(database: &TestDatabase, tenant: TenantId) -> IssuedKey {
    let request =
        KeyRequest { tenant: Some(tenant), role: Role::Viewer, label: String::new(), expires_at: None };
    issue_key(database.pool(), &request, start()).await.unwrap()
}

#[expect(clippy::disallowed_methods, reason = "the tests call as anybody does")]
pub fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

impl World {
    /// Followers are asked often whether they may go on.
    pub async fn create() -> Self {
        Self::with(LiveSettings { recheck: Duration::from_millis(50), ..LiveSettings::default() }).await
    }

    pub async fn with(settings: LiveSettings) -> Self {
        let database = tenants(16).await;
        let clock = Clock::manual(start());
        let settings = AppSettings { live: settings, ..AppSettings::default() };
        let keys = KeyRing::clone(&ring("k1"));
        let app = App::start(database.pool().clone(), keys, clock.clone(), settings).await.unwrap();
        Self { ledger: writer(&database), database, clock, app, client: client() }
    }

    /// Each of the orders does something in each of the minutes.
    pub async fn write(&self, seed: u64, minutes: std::ops::Range<i64>) {
        live(&self.ledger, seed, 8, minutes).await;
    }

    pub async fn key(&self, tenant: TenantId) -> String {
        key(&self.database, tenant).await.text
    }

    /// Asks for the stream.
    pub async fn ask(&self, key: &str, query: &str, last: Option<&str>) -> Response {
        let address = format!("http://{}{STREAM}{query}", self.app.address());
        let mut request = self.client.get(address).header("x-api-key", key);
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        request.send().await.unwrap()
    }

    /// Follows from a position on.
    pub async fn follow(&self, key: &str, after: i64) -> Lines {
        let response = self.ask(key, &format!("?after={after}"), None).await;
        assert_eq!(response.status(), StatusCode::OK);
        Lines::of(response)
    }

    /// The tenant's last position.
    pub async fn head(&self, tenant: TenantId) -> i64 {
        sqlx::query_scalar("select coalesce(max(position), -1) from events where tenant_id = $1")
            .bind(tenant.0)
            .fetch_one(self.database.pool())
            .await
            .unwrap()
    }

    /// A server without the tenant's last events: they are gone, and as many as are given stand in their places. Whoever
    /// follows is told to look.
    pub async fn lose(&self, tenant: TenantId, lost: i64, others: i64) {
        lose_events(self.database.owner_pool(), tenant, lost, others).await;
    }

    /// What a statement of the owner gives.
    pub async fn run(&self, sql: &str) {
        sqlx::raw_sql(sql).execute(self.database.owner_pool()).await.unwrap();
    }
}

/// A stream of server-sent events that is read as it comes.
pub struct Lines {
    response: Response,
    /// What came of the next one; the end of a piece may stand within a letter.
    held: Vec<u8>,
}

/// One of them.
#[derive(Debug)]
pub struct Line {
    pub event: String,
    pub id: Option<i64>,
    pub data: Value,
    /// Whether a browser forgets with it where it was.
    pub forgets: bool,
}

impl Lines {
    pub fn of(response: Response) -> Self {
        Self { response, held: Vec::new() }
    }

    /// The next event; none where the stream ended or broke. Comments are passed over.
    pub async fn next(&mut self) -> Option<Line> {
        loop {
            if let Some(end) = self.held.windows(2).position(|pair| pair == b"\n\n") {
                let block: Vec<u8> = self.held.drain(..end + 2).collect();
                match Line::read(str::from_utf8(&block).unwrap()) {
                    Some(line) => return Some(line),
                    None => continue,
                }
            }
            let chunk = timeout(PATIENCE, self.response.chunk()).await.expect("something comes in time");
            self.held.extend(chunk.ok()??);
        }
    }

    /// The next one, which must be of this kind.
    pub async fn expect(&mut self, event: &str) -> Line {
        let line = self.next().await.expect("the stream goes on");
        assert_eq!(line.event, event, "{line:?}");
        line
    }

    /// The positions of events up to this one, each with what was told.
    pub async fn up_to(&mut self, position: i64) -> Vec<Line> {
        let mut lines = vec![];
        while lines.last().is_none_or(|line: &Line| line.id < Some(position)) {
            let line = self.next().await.expect("the stream goes on");
            if ["change", "hidden"].contains(&line.event.as_str()) {
                lines.push(line);
            }
        }
        lines
    }
}

impl Line {
    fn read(block: &str) -> Option<Self> {
        let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
        let data = field("data:")?;
        Some(Self {
            event: field("event:")?.to_owned(),
            id: field("id:").filter(|id| !id.is_empty()).map(|id| id.parse().unwrap()),
            data: serde_json::from_str(data).unwrap(),
            forgets: field("id:").is_some_and(str::is_empty),
        })
    }
}

impl World {
    /// Withholds an order, as the sources do.
    pub async fn withhold(&self, order: uuid::Uuid) {
        let number: i64 = sqlx::query_scalar("select mintsoft_order_id from logistics_orders where id = $1")
            .bind(order)
            .fetch_one(self.database.pool())
            .await
            .unwrap();
        let intent = |_: &OpenOrder| Command::Withhold { reason: "two prefixes fit".into() }.into();
        let provenance = Provenance {
            source: Source::Operator,
            actor: "system".into(),
            correlation_id: "test".into(),
            cause: None,
            observed_at: start(),
        };
        self.ledger.execute(address(number), &intent, &provenance).await.unwrap();
    }
}
