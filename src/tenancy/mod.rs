//! Tenants, their logistics configuration, the accounts that configurations share, and their shops' secrets.
//!
//! An *account* is what configurations with the same address, login (or key) and client id have in common. It is never
//! named by a person: giving a configuration joins the account that fits, or makes one. Its id stays when credentials
//! are replaced, since the streams of its orders are derived from it. Absent here: any call to Mintsoft.

mod accounts;
mod config;
mod config_change;
mod config_rows;
mod credentials;
pub mod days;
mod error;
mod home;
mod readings;
mod rehearsal;
mod seen;
mod shop_orders;
mod shops;
mod tenant_change;
mod tenants;

pub use accounts::Member;
pub use config::{AccountType, CredentialsInfo, LogisticsConfig, find_config};
pub use config_change::{ConfigPatch, NewConfig};
pub use credentials::CredentialsKind;
pub use error::TenancyError;
pub use rehearsal::Rehearsal;
pub use shop_orders::{Platform, ShopOrder};
pub use shops::{Shop, ShopPlatform};
pub use tenant_change::{TenantPatch, TenantSummary, list_tenants};
pub use tenants::{NewTenant, Tenant, add_tenant, find_tenant};

use std::sync::Arc;

use sqlx::PgPool;

use crate::access::OPERATOR;
use crate::secrets::KeyRing;

/// The tables of this room, and the key ring that seals what is secret in them.
#[derive(Clone, Debug)]
pub struct Tenancy {
    pool: PgPool,
    ring: KeyRing,
    allow_insecure_upstream: bool,
    /// Who changes something, unless it is said otherwise.
    actor: Arc<str>,
}

impl Tenancy {
    /// `allow_insecure_upstream` lets accounts have addresses with `http`, for the sandbox.
    pub fn over(pool: PgPool, ring: KeyRing, allow_insecure_upstream: bool) -> Self {
        Self { pool, ring, allow_insecure_upstream, actor: OPERATOR.into() }
    }

    /// Notes changes as made by this actor, `user:<id>` or `key:<id>`, and not by the command line.
    #[must_use]
    pub fn by(&self, actor: String) -> Self {
        Self { actor: actor.into(), ..self.clone() }
    }
}
