//! Rows that belong to no tenant for certain: kept for an operator with the reason, shown to no tenant.

use chrono::{DateTime, Utc};
use logistics_domain::AccountId;
use serde::Serialize;
use sha2::{Digest, Sha256};
use sqlx::{FromRow, PgPool};
use utoipa::ToSchema;
use uuid::Uuid;

use super::attribution::Doubt;
use crate::secrets::KeyRing;

/// The purpose under which a parked row's bytes are sealed.
const SEALED_FOR: &str = "parked_orders/raw";

/// A row to park.
#[derive(Clone, Debug)]
pub struct ParkedRow {
    /// Mintsoft's id, where it could be read.
    pub mintsoft_order_id: Option<i64>,
    /// The order's number, where it could be read.
    pub number: Option<String>,
    /// The client it is booked under.
    pub client_id: Option<i64>,
    /// The SKUs on its lines.
    pub skus: Vec<String>,
    /// Why.
    pub doubt: Doubt,
    /// More on the reason than its code says, without personal data.
    pub detail: Option<String>,
    /// The row as received.
    pub raw: String,
}

impl ParkedRow {
    fn key(&self) -> String {
        match self.mintsoft_order_id {
            Some(id) => order_key(id),
            None => format!("sha256:{}", hex::encode(Sha256::digest(self.raw.as_bytes()))),
        }
    }

    fn sentence(&self) -> String {
        match &self.detail {
            Some(detail) => format!("{} {detail}", self.doubt.sentence()),
            None => self.doubt.sentence().to_owned(),
        }
    }
}

fn order_key(mintsoft_order_id: i64) -> String {
    format!("order:{mintsoft_order_id}")
}

/// Parks rows, or notes that they were seen again. One statement however many.
pub async fn park(
    pool: &PgPool,
    ring: &KeyRing,
    account: AccountId,
    rows: &[ParkedRow],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let skus: Vec<String> = rows.iter().map(|row| row.skus.join("\u{1f}")).collect();
    sqlx::query(
        "insert into parked_orders (account_id, row_key, mintsoft_order_id, order_number, client_id, skus, reason,
                                    detail, raw_sealed, first_seen_at, last_seen_at)
         select distinct on (row_key) $1, row_key, mintsoft_order_id, order_number, client_id,
                case when skus = '' then '{}' else string_to_array(skus, E'\\x1f') end, reason, detail, raw, $10, $10
         from unnest($2::text[], $3::int8[], $4::text[], $5::int8[], $6::text[], $7::text[], $8::text[], $9::bytea[])
           as told (row_key, mintsoft_order_id, order_number, client_id, skus, reason, detail, raw)
         on conflict (account_id, row_key) do update set
           order_number = excluded.order_number, client_id = excluded.client_id, skus = excluded.skus,
           reason = excluded.reason, detail = excluded.detail, raw_sealed = excluded.raw_sealed,
           last_seen_at = excluded.last_seen_at, resolved_at = null
         -- A row that is listed again as it was is not written again at every poll.
         where parked_orders.resolved_at is not null or parked_orders.reason <> excluded.reason
            or parked_orders.order_number is distinct from excluded.order_number
            or parked_orders.skus <> excluded.skus
            or parked_orders.last_seen_at < excluded.last_seen_at - interval '1 hour'",
    )
    .bind(account.0)
    .bind(rows.iter().map(ParkedRow::key).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.mintsoft_order_id).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.number.clone()).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| row.client_id).collect::<Vec<_>>())
    .bind(skus)
    .bind(rows.iter().map(|row| row.doubt.code()).collect::<Vec<_>>())
    .bind(rows.iter().map(ParkedRow::sentence).collect::<Vec<_>>())
    .bind(rows.iter().map(|row| ring.seal(SEALED_FOR, row.raw.as_bytes())).collect::<Vec<_>>())
    .bind(now)
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes that parked orders have found their tenant.
pub async fn resolve(
    pool: &PgPool,
    account: AccountId,
    mintsoft_order_ids: &[i64],
    now: DateTime<Utc>,
) -> Result<(), sqlx::Error> {
    let keys: Vec<String> = mintsoft_order_ids.iter().map(|id| order_key(*id)).collect();
    // Looked for first, since an update that hits nothing would still take a transaction id.
    let waiting: Vec<String> = sqlx::query_scalar(
        "select row_key from parked_orders where account_id = $1 and row_key = any($2) and resolved_at is null",
    )
    .bind(account.0)
    .bind(&keys)
    .fetch_all(pool)
    .await?;
    if !waiting.is_empty() {
        sqlx::query(
            "update parked_orders set resolved_at = $3, raw_sealed = null where account_id = $1 and row_key = any($2)",
        )
            .bind(account.0)
            .bind(&waiting)
            .bind(now)
            .execute(pool)
            .await?;
    }
    Ok(())
}

/// A parked row, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, FromRow, ToSchema)]
pub struct ParkedOrder {
    /// The account it was read from.
    pub account_id: Uuid,
    /// Its key within the account.
    pub row_key: String,
    /// Mintsoft's id, where it could be read.
    pub mintsoft_order_id: Option<i64>,
    /// Its number, where it could be read.
    pub mintsoft_order_number: Option<String>,
    /// The client it is booked under.
    pub client_id: Option<i64>,
    /// The SKUs on its lines.
    pub skus: Vec<String>,
    /// The stable code of the reason.
    pub reason: String,
    /// The reason as a sentence.
    pub detail: String,
    /// When it was parked first (UTC).
    pub first_seen_at: DateTime<Utc>,
    /// When it was seen last (UTC).
    pub last_seen_at: DateTime<Utc>,
}

/// The rows that wait for an operator, newest first, and how many there are.
pub async fn list(pool: &PgPool, skip: i64, limit: i64) -> Result<(i64, Vec<ParkedOrder>), sqlx::Error> {
    let total = sqlx::query_scalar("select count(*) from parked_orders where resolved_at is null")
        .fetch_one(pool)
        .await?;
    let rows = sqlx::query_as(
        "select account_id, row_key, mintsoft_order_id, order_number as mintsoft_order_number, client_id, skus, reason,
                detail, first_seen_at, last_seen_at
         from parked_orders where resolved_at is null
         order by last_seen_at desc, account_id, row_key offset $1 limit $2",
    )
    .bind(skip)
    .bind(limit)
    .fetch_all(pool)
    .await?;
    Ok((total, rows))
}
