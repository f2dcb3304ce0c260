//! A plain caller of the simulated API, and the small worlds that the tests start from.

use chrono::{DateTime, Utc};
use logistics_ledger::clock::Clock;
use logistics_ledger::sandbox::{OrderSpec, Sandbox, SandboxSettings, SandboxUser, WorldHandle};
use serde_json::{Value, json};

pub const KEY: &str = "0d9f3c52-1111-4222-8333-444455556666";

/// A sandbox, its world, and a caller with a fixed key of an administrator.
pub struct Site {
    pub sandbox: Sandbox,
    pub world: WorldHandle,
    pub clock: Clock,
    pub http: reqwest::Client,
}

/// What came back: the status and the bytes.
pub struct Said {
    pub status: u16,
    pub text: String,
    pub retry_after: Option<String>,
}

impl Said {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error} in {}", self.text))
    }

    pub fn ids(&self) -> Vec<i64> {
        self.json().as_array().unwrap().iter().map(|row| row["ID"].as_i64().unwrap()).collect()
    }
}

pub fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).unwrap().with_timezone(&Utc)
}

#[expect(clippy::disallowed_methods, reason = "a test speaks for itself")]
pub fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Settings with a manual clock on a winter Monday, an administrator with a fixed key, and two clients' users.
pub fn settings(clock: &Clock) -> SandboxSettings {
    SandboxSettings {
        clock: clock.clone(),
        users: vec![
            SandboxUser::admin("ops@example.com", "right").with_static_key(KEY),
            SandboxUser::client("three@example.com", "third", 3),
            SandboxUser {
                can_edit: false,
                can_cancel: false,
                ..SandboxUser::client("reader@example.com", "r", 3)
            },
        ],
        ..SandboxSettings::default()
    }
}

pub async fn site() -> Site {
    site_with(|_| ()).await
}

pub async fn site_with(change: impl FnOnce(&mut SandboxSettings)) -> Site {
    let clock = Clock::manual(utc("2026-02-09T14:00:00Z"));
    let mut settings = settings(&clock);
    change(&mut settings);
    let sandbox = Sandbox::start(settings).await.unwrap();
    Site { world: sandbox.world(), sandbox, clock, http: http() }
}

impl Site {
    pub async fn call(&self, method: &str, path: &str, key: Option<&str>, body: Option<Value>) -> Said {
        let url = format!("{}{path}", self.sandbox.url());
        let mut request = self.http.request(method.parse().unwrap(), url);
        if let Some(key) = key {
            request = request.header("ms-apikey", key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        let answer = request.send().await.unwrap();
        let retry_after = answer.headers().get("retry-after").map(|value| value.to_str().unwrap().to_owned());
        Said { status: answer.status().as_u16(), retry_after, text: answer.text().await.unwrap() }
    }

    pub async fn get(&self, path: &str) -> Said {
        self.call("GET", path, Some(KEY), None).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Said {
        self.call("PUT", path, Some(KEY), Some(body)).await
    }

    pub async fn post(&self, path: &str, body: Value) -> Said {
        self.call("POST", path, Some(KEY), Some(body)).await
    }

    /// Logs in and gives the key.
    pub async fn log_in(&self, username: &str, password: &str) -> String {
        let body = json!({ "Username": username, "Password": password });
        let said = self.call("POST", "/api/Auth", None, Some(body)).await;
        assert_eq!(said.status, 200, "{}", said.text);
        said.json().as_str().unwrap().to_owned()
    }

    /// An order of client 3 with two lines.
    pub fn order(&self, number: &str) -> i64 {
        self.world.create_order(OrderSpec::of(3, number, &[("LADORE_A", 1), ("LADORE_B", 2)]))
    }
}
