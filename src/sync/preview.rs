//! What a prefix would find: which parked orders attribution would give a tenant, were the prefix its own. It asks the
//! very function that attributes, over what is parked now; it changes nothing and reads nothing upstream.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use logistics_domain::{AccountId, TenantId};
use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;
use uuid::Uuid;

use super::attribution::{Claimant, Marks, attribute};
use super::{Sources, SyncError};

/// The most parked orders that are looked at; the newest are.
const EXAMINED_MAX: i64 = 5000;

/// The most that are shown.
const SHOWN_MAX: usize = 50;

/// What a prefix would find.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrefixPreview {
    /// The prefix.
    pub sku_prefix: String,
    /// How many parked orders would become the tenant's.
    pub total: usize,
    /// The newest of them, at most 50.
    pub items: Vec<PreviewedOrder>,
    /// How many parked orders were looked at; at most the newest 5000.
    pub examined: usize,
    /// How many carry the prefix in their number, and would stay parked all the same, as their SKUs do not agree.
    pub number_only: usize,
}

/// A parked order that would match.
#[derive(Clone, Debug, Serialize, FromRow, ToSchema)]
pub struct PreviewedOrder {
    /// The account it was read from.
    pub account_id: Uuid,
    /// Its key among the parked.
    pub row_key: String,
    /// Its number.
    pub mintsoft_order_number: String,
    /// The SKUs on its lines.
    pub skus: Vec<String>,
    /// Why it is parked now.
    pub reason: String,
    #[serde(skip)]
    #[schema(ignore)]
    client_id: Option<i64>,
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
            "select account_id, row_key, order_number as mintsoft_order_number, skus, reason, client_id
             from parked_orders
             where resolved_at is null and order_number is not null and ($1::uuid is null or account_id = $1)
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
        for row in rows {
            let claimants = of_account.get(&row.account_id).map(Vec::as_slice).unwrap_or_default();
            if attribute(claimants, &marks(&row)) == Ok(tenant) {
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
        let mut claimants: Vec<Claimant> =
            members.iter().filter(|member| member.tenant != tenant).map(super::sources::claimant).collect();
        claimants.push(Claimant {
            tenant,
            sku_prefix: Some(prefix.to_owned()),
            dedicated: false,
            client_id: members.first().and_then(|member| member.client_id),
        });
        Ok(claimants)
    }
}

fn marks(row: &PreviewedOrder) -> Marks<'_> {
    Marks {
        number: &row.mintsoft_order_number,
        client_id: row.client_id,
        skus: Some(row.skus.iter().map(String::as_str).collect()),
        merged: row.mintsoft_order_number.contains('+'),
    }
}

fn carries_number(number: &str, prefix: &str) -> bool {
    let start = number.trim().get(..prefix.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
        && number.trim()[prefix.len()..].starts_with('-')
}
