//! The keys of programs as their owners see them: what each is for, never what it is.

use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// A key without its text, which is stored nowhere.
#[derive(Clone, Debug)]
pub struct KeyRow {
    /// Names the key in logs and in events (`key:<id>`), and to revoke it.
    pub id: Uuid,
    /// The tenant; none for `SUPERADMIN`.
    pub tenant: Option<TenantId>,
    /// What it may do, by the role's name.
    pub role: String,
    /// What it is for.
    pub label: String,
    /// When it was made (UTC).
    pub created_at: DateTime<Utc>,
    /// Refused from here on (UTC).
    pub expires_at: Option<DateTime<Utc>>,
    /// Refused since (UTC).
    pub revoked_at: Option<DateTime<Utc>>,
    /// Who made it: `user:<id>`, `key:<id>`, or `operator`; none for keys of before that was kept.
    pub created_by: Option<String>,
    /// Who revoked it.
    pub revoked_by: Option<String>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    tenant_id: Option<i64>,
    role: String,
    label: String,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
    created_by: Option<String>,
    revoked_by: Option<String>,
}

/// Some of the keys, newest first, and how many there are.
pub async fn list_keys(
    pool: &PgPool,
    tenant: Option<TenantId>,
    skip: i64,
    limit: i64,
) -> Result<(i64, Vec<KeyRow>), sqlx::Error> {
    let tenant = tenant.map(|tenant| tenant.0);
    let total =
        sqlx::query_scalar("select count(*) from api_keys where $1::bigint is null or tenant_id = $1")
            .bind(tenant)
            .fetch_one(pool)
            .await?;
    let rows: Vec<Row> = sqlx::query_as(
        "select id, tenant_id, role, label, created_at, expires_at, revoked_at, created_by, revoked_by from api_keys
         where $1::bigint is null or tenant_id = $1 order by created_at desc, id desc offset $2 limit $3",
    )
    .bind(tenant)
    .bind(skip)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok((total, rows.into_iter().map(Row::read).collect()))
}

impl Row {
    fn read(self) -> KeyRow {
        KeyRow {
            id: self.id,
            tenant: self.tenant_id.map(TenantId),
            role: self.role,
            label: self.label,
            created_at: self.created_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            created_by: self.created_by,
            revoked_by: self.revoked_by,
        }
    }
}
