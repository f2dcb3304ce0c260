//! An upstream that answers what the test has put down, and remembers what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::response::Response;
use chrono::{DateTime, Utc};
use logistics_ledger::clock::{self, Clock};
use logistics_ledger::mintsoft::{
    AccountAccess, Credentials, MintsoftAccount, MintsoftClient, MintsoftSettings, wall_clock,
};
use logistics_ledger::secrets::KeyRing;
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::support::database::TestDatabase;

/// What one request looked like.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    /// The path with its query.
    pub target: String,
    pub key: Option<String>,
    pub accept: Option<String>,
    pub body: String,
}

/// One answer to give.
#[derive(Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    delay: Duration,
}

pub fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    Reply { status, headers: Vec::new(), body: body.into(), delay: Duration::ZERO }
}

pub fn json(body: &str) -> Reply {
    reply(200, body)
}

impl Reply {
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }
}

#[derive(Default)]
struct Script {
    asked: Vec<Asked>,
    replies: VecDeque<Reply>,
    keys: Vec<String>,
    password: String,
    login_delay: Duration,
    checks_keys: bool,
}

/// The stub. Logins are answered by itself; a new key kills the older one, as upstream does.
#[derive(Clone, Default)]
pub struct Stub {
    script: Arc<Mutex<Script>>,
    url: String,
}

impl Stub {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let stub = Self { url, ..Self::default() };
        stub.set_password("right");
        let router = Router::new().fallback(answer).with_state(stub.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        stub
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Puts down the answers for the next calls, logins apart; afterwards `[]` is answered.
    pub fn will_answer(&self, replies: impl IntoIterator<Item = Reply>) {
        self.script.lock().unwrap().replies.extend(replies);
    }

    /// From now on only the newest key is let in.
    pub fn check_keys(&self) {
        self.script.lock().unwrap().checks_keys = true;
    }

    pub fn set_password(&self, password: &str) {
        password.clone_into(&mut self.script.lock().unwrap().password);
    }

    pub fn delay_logins(&self, delay: Duration) {
        self.script.lock().unwrap().login_delay = delay;
    }

    /// Kills the newest key, as another program's login would.
    pub fn kill_key(&self) {
        self.script.lock().unwrap().keys.push(clock::new_id().to_string());
    }

    pub fn newest_key(&self) -> Option<String> {
        self.script.lock().unwrap().keys.last().cloned()
    }

    /// Every request but the logins.
    pub fn calls(&self) -> Vec<Asked> {
        self.all().into_iter().filter(|asked| asked.target != "/api/Auth").collect()
    }

    pub fn logins(&self) -> usize {
        self.all().iter().filter(|asked| asked.target == "/api/Auth").count()
    }

    fn all(&self) -> Vec<Asked> {
        self.script.lock().unwrap().asked.clone()
    }
}

async fn answer(State(stub): State<Stub>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
    let header = |name| head.headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let asked = Asked {
        method: head.method.to_string(),
        target: head.uri.path_and_query().unwrap().to_string(),
        key: header("ms-apikey"),
        accept: header("accept"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let reply = stub.choose(&asked);
    tokio::time::sleep(reply.delay).await;
    let mut response = Response::builder().status(reply.status);
    for (name, value) in reply.headers {
        response = response.header(name, value);
    }
    response.body(Body::from(Bytes::from(reply.body))).unwrap()
}

impl Stub {
    fn choose(&self, asked: &Asked) -> Reply {
        let mut script = self.script.lock().unwrap();
        script.asked.push(asked.clone());
        if asked.target == "/api/Auth" {
            let delay = script.login_delay;
            let right = format!(r#"{{"username":"ada","password":"{}"}}"#, script.password);
            if asked.body.to_lowercase().replace("\" ", "\"").replace(" \"", "\"") != right {
                return reply(401, "").after(delay);
            }
            let key = clock::new_id().to_string();
            script.keys.push(key.clone());
            return json(&format!("\"{key}\"")).after(delay);
        }
        if script.checks_keys && (asked.key.is_none() || asked.key.as_ref() != script.keys.last()) {
            return reply(401, "");
        }
        script.replies.pop_front().unwrap_or_else(|| json("[]"))
    }
}

/// A stub, a database, a clock, and one account.
pub struct Scene {
    pub stub: Stub,
    pub database: TestDatabase,
    pub clock: Clock,
    pub ring: KeyRing,
    pub account_id: Uuid,
    pub fixed_key: String,
    pub settings: MintsoftSettings,
}

impl Scene {
    pub async fn create() -> Self {
        let ring = format!("test:{}", base64_of(&clock::random_bytes::<32>()));
        Self {
            stub: Stub::start().await,
            database: TestDatabase::create_with(16).await,
            clock: Clock::manual(DateTime::<Utc>::from_timestamp(1_800_000_000, 0).unwrap()),
            ring: ring.parse().unwrap(),
            account_id: clock::new_id(),
            fixed_key: "fixed-key".to_owned(),
            settings: MintsoftSettings {
                allow_insecure_upstream: true,
                calls_per_second: 1e6,
                time_limit: Duration::from_secs(20),
                retry_base: Duration::from_millis(1),
                patience: Duration::from_secs(20),
                ..MintsoftSettings::default()
            },
        }
    }

    /// A client of its own, as another instance would have.
    pub fn client(&self) -> MintsoftClient {
        let pool = self.database.pool().clone();
        MintsoftClient::new(pool, self.ring.clone(), self.clock.clone(), self.settings.clone()).unwrap()
    }

    pub fn access(&self, credentials: Credentials) -> AccountAccess {
        AccountAccess {
            account_id: self.account_id,
            api_url: self.stub.url().to_owned(),
            credentials,
            client_id: Some(3),
            time_zone: wall_clock::DEFAULT_ZONE,
            tenant_id: None,
        }
    }

    /// The account by its fixed key.
    pub fn by_key(&self) -> MintsoftAccount {
        self.client().account(self.access(Credentials::api_key(&self.fixed_key)))
    }

    /// The account by its login.
    pub fn by_login(&self) -> MintsoftAccount {
        self.client().account(self.access(Credentials::login("ada", "right")))
    }
}

fn base64_of(bytes: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
