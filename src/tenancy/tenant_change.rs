//! Tenants as the platform's staff sees and changes them.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use serde::Serialize;
use sqlx::{FromRow, PgConnection, PgExecutor};
use tracing::Instrument as _;
use utoipa::ToSchema;

use super::config_change::look_anew;
use super::seen::require;
use super::tenants::{checked_name, checked_slug, served_zone};
use super::{Tenancy, TenancyError};

/// A tenant, and whether its logistics are configured.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct TenantSummary {
    /// The host's number.
    pub id: i64,
    /// The name that people read.
    pub name: String,
    /// The name in addresses.
    pub slug: String,
    /// The IANA zone in which the tenant's days begin and end.
    pub timezone: String,
    /// Whether the tenant may be used at all.
    pub is_active: bool,
    /// When the tenant was added (UTC).
    pub created_at: DateTime<Utc>,
    /// Who added or changed the tenant last: `user:<id>`, `key:<id>`, or `operator` for the command line; null where
    /// that is not known.
    pub updated_by: Option<String>,
    /// Whether the tenant has a logistics configuration.
    pub is_configured: bool,
    /// Whether the tenant's orders are read in the background.
    pub sync_enabled: bool,
    /// When a poll last ended well while the tenant took part in it (UTC).
    pub last_synced_at: Option<DateTime<Utc>>,
}

/// What is to be changed of a tenant; what is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct TenantPatch {
    /// The name that people read.
    pub name: Option<String>,
    /// The name in addresses.
    pub slug: Option<String>,
    /// An IANA zone, as `America/Lima`.
    pub timezone: Option<String>,
    /// Whether it may be used at all.
    pub is_active: Option<bool>,
    /// What it was to whoever changes it ([`TenantSummary::in_short`]); where it is something else by now, nothing is changed.
    pub seen: Option<String>,
}

/// A change of zone counts all orders of the tenant by other days, which takes longer than a statement may, and waits for whoever
/// counts just then. Nobody waits for it but those who change something of tenants or configurations.
const RECOUNT_LIMITS: &str =
    "select set_config('statement_timeout', '10min', true), set_config('lock_timeout', '1min', true)";

const SUMMARY: &str = "select t.id, t.name, t.slug, t.timezone, t.is_active, t.created_at, t.updated_by, c.tenant_id is not null as is_configured,
  coalesce(c.sync_enabled, false) as sync_enabled, c.last_synced_at
  from tenants t left join logistics_config c on c.tenant_id = t.id ";

/// The tenants by number, and how many match. `search` is looked for in name and slug, or is the number.
pub async fn list_tenants(
    database: impl PgExecutor<'_> + Copy,
    search: Option<&str>,
    is_active: Option<bool>,
    skip: i64,
    limit: i64,
) -> Result<(i64, Vec<TenantSummary>), TenancyError> {
    const MATCHING: &str = "where ($1::text is null or t.name ilike $1 or t.slug ilike $1 or t.id::text = $2)
      and ($3::boolean is null or t.is_active = $3)";
    let plain = |text: &str| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    let pattern = search.map(|text| format!("%{}%", plain(text)));
    let total = sqlx::query_scalar(&format!("select count(*) from tenants t {MATCHING}"))
        .bind(&pattern)
        .bind(search)
        .bind(is_active)
        .fetch_one(database)
        .await?;
    let tenants = sqlx::query_as(&format!("{SUMMARY}{MATCHING} order by t.id offset $4 limit $5"))
        .bind(&pattern)
        .bind(search)
        .bind(is_active)
        .bind(skip)
        .bind(limit)
        .fetch_all(database)
        .await?;
    Ok((total, tenants))
}

impl Tenancy {
    /// The tenant, active or not.
    pub async fn summarise_tenant(&self, id: TenantId) -> Result<Option<TenantSummary>, TenancyError> {
        summarise(&self.pool, id).await
    }

    /// Changes a tenant; `None` where there is none. One that is switched on again has its account read from the
    /// beginning, since what the warehouse made meanwhile lies before the cursor. What was begun is carried out, though whoever
    /// asked for it waits no longer: another zone of very many orders takes longer than an answer may.
    pub async fn patch_tenant(
        &self,
        id: TenantId,
        patch: &TenantPatch,
        now: DateTime<Utc>,
    ) -> Result<Option<TenantSummary>, TenancyError> {
        let (this, patch) = (self.clone(), patch.clone());
        let changing = async move { this.change_tenant(id, &patch, now).await };
        let changed = tokio::spawn(changing.in_current_span()).await;
        changed.unwrap_or_else(|ended| Err(sqlx::Error::Io(std::io::Error::other(ended)).into()))
    }

    async fn change_tenant(
        &self,
        id: TenantId,
        patch: &TenantPatch,
        now: DateTime<Utc>,
    ) -> Result<Option<TenantSummary>, TenancyError> {
        let name = patch.name.as_deref().map(checked_name).transpose()?;
        let slug = patch.slug.as_deref().map(checked_slug).transpose()?;
        let timezone = match &patch.timezone {
            Some(name) => Some(served_zone(&self.pool, name).await?),
            None => None,
        };
        let mut transaction = self.begin().await?;
        let Some(present) = summarise(&mut *transaction, id).await? else { return Ok(None) };
        require(patch.seen.as_deref(), &present.in_short())?;
        if timezone.is_some() {
            sqlx::query(RECOUNT_LIMITS).execute(&mut *transaction).await?;
        }
        sqlx::query(
            "update tenants set name = coalesce($2, name), slug = coalesce($3, slug),
                                timezone = coalesce($4, timezone), is_active = coalesce($5, is_active),
                                updated_by = $6
             where id = $1",
        )
        .bind(id.0)
        .bind(name)
        .bind(slug)
        .bind(timezone.map(chrono_tz::Tz::name))
        .bind(patch.is_active)
        .bind(&*self.actor)
        .execute(&mut *transaction)
        .await
        .map_err(slug_taken)?;
        if !present.is_active && patch.is_active == Some(true) {
            wake(&mut transaction, id, now).await?;
        }
        transaction.commit().await?;
        self.summarise_tenant(id).await
    }
}

async fn summarise(
    database: impl PgExecutor<'_>,
    id: TenantId,
) -> Result<Option<TenantSummary>, TenancyError> {
    let query = format!("{SUMMARY}where t.id = $1");
    Ok(sqlx::query_as(&query).bind(id.0).fetch_optional(database).await?)
}

/// Has the account of a tenant that is active again read anew, and its paid orders looked for.
async fn wake(
    connection: &mut PgConnection,
    tenant: TenantId,
    now: DateTime<Utc>,
) -> Result<(), TenancyError> {
    let config = super::find_config(&mut *connection, tenant).await?;
    let Some(config) = config.filter(|config| config.sync_enabled) else { return Ok(()) };
    Tenancy::read_anew(&mut *connection, config.account_id, now).await?;
    look_anew(connection, tenant, now).await
}

fn slug_taken(error: sqlx::Error) -> TenancyError {
    match error.as_database_error().and_then(sqlx::error::DatabaseError::constraint) {
        Some("tenants_slug_key") => TenancyError::TenantExists,
        _ => TenancyError::Database(error),
    }
}
