//! A service beside a sandbox, configured over the API by the platform's staff.

use logistics_ledger::sandbox::{Sandbox, SandboxSettings, SandboxUser};
use reqwest::Method;
use serde_json::{Value, json};

use super::world::{Answer, World};
use crate::support::service::until;

/// The client of the warehouse that both brands are booked under.
pub const CLIENT: i64 = 3;

pub fn path(tenant: i64) -> String {
    format!("/api/v1/tenants/{tenant}/logistics-config")
}

/// A service beside a sandbox.
pub struct Site {
    pub world: World,
    pub sandbox: Sandbox,
    pub key: String,
}

impl Site {
    pub async fn create() -> Self {
        let mut settings = SandboxSettings::default();
        settings.users.push(SandboxUser::admin("ladore@brand.example", "sandbox"));
        let sandbox = Sandbox::start(settings).await.unwrap();
        let world = World::beside_sandbox().await;
        let key = world.staff().await;
        Self { world, sandbox, key }
    }

    pub fn config(&self, prefix: &str, credentials: &Value) -> Value {
        json!({"account_type": "shared", "api_url": self.sandbox.url(), "credentials": credentials,
               "sku_prefix": prefix, "shared_client_id": CLIENT})
    }

    pub fn good() -> Value {
        json!({"username": "ops@warehouse.example", "password": "sandbox"})
    }

    pub async fn post(&self, tenant: i64, body: &Value) -> Answer {
        self.world.send(Method::POST, &path(tenant), &self.key, body).await
    }

    pub async fn patch(&self, tenant: i64, body: &Value) -> Answer {
        self.world.send(Method::PATCH, &path(tenant), &self.key, body).await
    }

    pub async fn count(&self, sql: &'static str) -> i64 {
        sqlx::query_scalar(sql).fetch_one(self.world.database.owner_pool()).await.unwrap()
    }

    /// Ladore and Kallpa on one account, as they should be.
    pub async fn with_both_brands() -> Self {
        let site = Self::create().await;
        for (tenant, prefix) in [(7, "LADORE"), (8, "KALLPA")] {
            let made = site.post(tenant, &site.config(prefix, &Self::good())).await;
            assert_eq!(made.status, 201, "{made:?}");
        }
        site
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.world.get(&format!("/api/v1/{path}"), &self.key).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        self.world.send(method, &format!("/api/v1/{path}"), &self.key, body).await
    }

    /// Has the tenant's account read, and waits until that is done.
    pub async fn sync(&self, tenant: i64) -> Value {
        let path = format!("tenants/{tenant}/logistics/sync");
        let mut asked = self.send(Method::POST, &path, &json!({})).await;
        while asked.status == 409 {
            self.ended(&path, &asked).await;
            asked = self.send(Method::POST, &path, &json!({})).await;
        }
        self.ended(&path, &asked).await
    }

    async fn ended(&self, path: &str, asked: &Answer) -> Value {
        let path = format!("{path}/{}", asked.body["run_id"].as_str().unwrap());
        let mut run = Value::Null;
        until("the run ends", async || {
            run = self.get(&path).await.body;
            run["state"] == "done" || run["state"] == "failed"
        })
        .await;
        run
    }
}
