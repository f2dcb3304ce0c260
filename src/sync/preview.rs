//! What a prefix would find: which parked orders intake would give a tenant, were the prefix its own. It asks intake's own
//! functions, over the rows as they were received and are parked now; it changes nothing and reads nothing upstream.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use logistics_domain::{AccountId, OrderStreamId, TenantId};
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::attribution::Claimant;
use super::candidate::marks;
use super::ownership::judge;
use super::sources::claimant;
use super::{Sources, SyncError, parked};
use crate::mintsoft::translate::{self, Completeness, Names, Reading};
use crate::mintsoft::wall_clock;
use crate::mintsoft::wire::{Order, Row};
use crate::tenancy::Member;

/// The most parked orders that are looked at; the newest are.
const EXAMINED_MAX: i64 = 5000;

/// The most that are shown.
const SHOWN_MAX: usize = 50;

/// What a prefix would find.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrefixPreview {
    /// The prefix that was tried.
    pub sku_prefix: String,
    /// How many parked orders would become the tenant's.
    pub total: usize,
    /// The newest of the parked orders that the prefix would find, at most 50.
    pub items: Vec<PreviewedOrder>,
    /// How many parked orders were looked at; at most the newest 5000.
    pub examined: usize,
    /// How many carry the prefix in their number, and would stay parked all the same, as their SKUs do not agree.
    pub number_only: usize,
}

/// A parked order that would match.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct PreviewedOrder {
    /// The account that the order was read from.
    pub account_id: Uuid,
    /// The key of the parked row within its account.
    pub row_key: String,
    /// The order's number.
    pub mintsoft_order_number: String,
    /// The SKUs on the order's lines.
    pub skus: Vec<String>,
    /// Why the order is parked now.
    pub reason: String,
    #[serde(skip)]
    #[schema(ignore)]
    mintsoft_order_id: Option<i64>,
    #[serde(skip)]
    #[schema(ignore)]
    raw_sealed: Vec<u8>,
}

impl Sources {
    /// Looks at the parked orders of the account, or of all where none is given.
    pub async fn preview_prefix(
        &self,
        tenant: TenantId,
        prefix: &str,
        account: Option<AccountId>,
    ) -> Result<PrefixPreview, SyncError> {
        let rows: Vec<PreviewedOrder> = sqlx::query_as(
            "select account_id, row_key, order_number as mintsoft_order_number, skus, reason, mintsoft_order_id, raw_sealed
             from parked_orders
             where resolved_at is null and assigned_tenant_id is null and order_number is not null
               and raw_sealed is not null and ($1::uuid is null or account_id = $1)
             order by last_seen_at desc, account_id, row_key limit $2",
        )
        .bind(account.map(|account| account.0))
        .bind(EXAMINED_MAX)
        .fetch_all(&self.pool)
        .await?;
        let mut found = PrefixPreview {
            sku_prefix: prefix.to_owned(),
            total: 0,
            items: Vec::new(),
            examined: rows.len(),
            number_only: 0,
        };
        let mut of_account: HashMap<Uuid, Vec<Claimant>> = HashMap::new();
        for row in &rows {
            if let Entry::Vacant(place) = of_account.entry(row.account_id) {
                place.insert(self.claimants_with(AccountId(row.account_id), tenant, prefix).await?);
            }
        }
        let owners = self.ledger.owner_of(&rows.iter().filter_map(stream).collect::<Vec<_>>()).await?;
        for row in rows {
            let Some(reading) = self.reading_of(&row) else { continue };
            let claimants = of_account.get(&row.account_id).map(Vec::as_slice).unwrap_or_default();
            let known_owner = stream(&row).and_then(|stream| owners.get(&stream).copied());
            if judge(claimants, known_owner, &marks(&reading)) == Ok(tenant) {
                found.total += 1;
                if found.items.len() < SHOWN_MAX {
                    found.items.push(row);
                }
            } else if carries_number(&row.mintsoft_order_number, prefix) {
                found.number_only += 1;
            }
        }
        Ok(found)
    }

    /// The account's claimants as they would be, the tenant among them with this prefix.
    async fn claimants_with(
        &self,
        account: AccountId,
        tenant: TenantId,
        prefix: &str,
    ) -> Result<Vec<Claimant>, SyncError> {
        let members = self.tenancy.members(account).await?;
        let (own, others): (Vec<&Member>, Vec<&Member>) =
            members.iter().partition(|member| member.tenant == tenant);
        let mut claimants: Vec<Claimant> = others.iter().map(|member| claimant(member)).collect();
        let would_be = match own.first() {
            Some(member) => claimant(member),
            // All members of an account have its client.
            None => Claimant {
                tenant,
                sku_prefix: None,
                dedicated: false,
                client_id: others.first().and_then(|member| member.client_id),
            },
        };
        claimants.push(Claimant { sku_prefix: Some(prefix.to_owned()), ..would_be });
        Ok(claimants)
    }

    /// What intake read of the row. The names of statuses and the zone of its dates say nothing of whose it is.
    fn reading_of(&self, row: &PreviewedOrder) -> Option<Reading> {
        let raw = self.ring.open(parked::SEALED_FOR, &row.raw_sealed).ok()?;
        let order = Row::<Order>::read_slice(&raw)?.parsed.ok()?;
        Some(translate::order(&order, Completeness::Whole, &Names::default(), wall_clock::DEFAULT_ZONE))
    }
}

fn stream(row: &PreviewedOrder) -> Option<OrderStreamId> {
    Some(OrderStreamId::derive(AccountId(row.account_id), row.mintsoft_order_id?))
}

fn carries_number(number: &str, prefix: &str) -> bool {
    let start = number.trim().get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        && number.trim()[prefix.len()..].starts_with('-')
}
