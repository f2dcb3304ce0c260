//! Paid shop orders and the warehouse order each is looked for in: the rows, and the jobs that look. Absent here: the
//! looking itself, and any call to Mintsoft.
//!
//! A link request comes from a shop's delivery or from the host; a person may choose the order for one that is there. One row stands for one shop order; requests for the
//! same order of one tenant wait for each other, so that a delivery and a host's call that meet join in one row.

mod choose;
mod list;
mod request;
mod search;
mod shop_order;
mod state;

use std::time::Duration;

use chrono::{DateTime, Utc};
use logistics_domain::order::Replaces;
use logistics_domain::order::facts::LinkBasis;
use logistics_domain::{AccountId, OrderStreamId, TenantId};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;
use sqlx::types::Json;
use uuid::Uuid;

use crate::jobs::JobsError;
use crate::ledger::OrderAddress;
use crate::shops::Candidate;
use crate::tenancy::{ShopPlatform, TenancyError};

pub use choose::choose_order;
pub use list::{
    LinkFilter, LinkPage, find_link, find_of_order, links_portion, list_links, unresolved_for_numbers,
};
pub use request::request_link;
pub(super) use search::look_once;
pub(super) use search::renaming_under_way;
pub use state::{mark_linked, mark_look, refresh_candidates, reopen};
pub(super) use state::{mark_linked_again, mark_search_over, mark_set_aside, mark_undone};

/// The kind of the jobs that look for a paid order in the warehouse. Payload: a [`Look`].
pub const LINK_ORDER: &str = "link_order";

/// What a job that looks is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Look {
    pub(super) link_id: Uuid,
    /// Looks though the order is linked: the host has since named it by another id.
    #[serde(default)]
    pub(super) relink: bool,
    /// The id that the host's name took the place of.
    #[serde(default)]
    pub(super) was: Option<i64>,
    /// The host has just asked, so that what is found takes the place of what is in its way. A search that is made again
    /// for another reason does not.
    #[serde(default)]
    pub(super) by_host: bool,
    /// An order of its number was seen: this look leaves the count of looks to the search itself.
    #[serde(default)]
    pub(super) seen: bool,
    /// Nothing is searched for: a person said which warehouse order it is.
    #[serde(default)]
    pub(super) chosen: Option<Chosen>,
}

/// A warehouse order of the tenant's that a person chose.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Chosen {
    account_id: Uuid,
    mintsoft_order_id: i64,
    /// Who chose it, as `user:<id>` or `key:<id>`; the link may have been asked for by another.
    pub(super) by: String,
}

impl Chosen {
    fn of(address: OrderAddress, by: &str) -> Self {
        Self {
            account_id: address.account.0,
            mintsoft_order_id: address.mintsoft_order_id,
            by: by.to_owned(),
        }
    }

    /// Where it stands, in the tenant's ledger.
    pub(super) const fn address(&self, tenant: TenantId) -> OrderAddress {
        OrderAddress {
            tenant,
            account: AccountId(self.account_id),
            mintsoft_order_id: self.mintsoft_order_id,
        }
    }
}

impl Look {
    fn of(link: &LinkRow) -> Self {
        Self { link_id: link.id, relink: false, was: None, by_host: false, seen: false, chosen: None }
    }

    pub(super) fn replaces(&self) -> Replaces {
        match self.was {
            Some(was) => Replaces::Renamed(was),
            None if self.by_host || self.relink || self.chosen.is_some() => Replaces::WhatIsThere,
            None => Replaces::Nothing,
        }
    }
}

/// The kind of the jobs that make the candidates of a tenant's unlinked orders anew, after a change of its configuration.
/// Payload: `{"tenant_id"}`.
pub const REFRESH_CANDIDATES: &str = "refresh_candidates";

/// How long a paid order is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinkSettings {
    /// The wait between two looks.
    pub retry_every: Duration,
    /// How long after the first look the last one is.
    pub retry_for: Duration,
}

impl Default for LinkSettings {
    fn default() -> Self {
        Self { retry_every: Duration::from_secs(30), retry_for: Duration::from_mins(5) }
    }
}

impl LinkSettings {
    /// How often is looked, the first time included.
    pub fn attempts(&self) -> i32 {
        let waits = self.retry_for.as_millis() / self.retry_every.as_millis().max(1);
        i32::try_from(waits).unwrap_or(i32::MAX - 1) + 1
    }
}

/// A wish to see a paid order linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkRequest {
    /// Whose order it is.
    pub tenant: TenantId,
    /// Who told of it, and under which id.
    pub origin: Origin,
    /// What the customer sees, as `#1001`.
    pub name: String,
    /// The shop's own number where it has one besides the name.
    pub order_number: Option<String>,
    /// `delivery:<id>` or the caller, as `key:<id>`.
    pub requested_by: String,
}

/// Who told of a shop order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A shop's webhook.
    Shop {
        /// Where it was bought.
        platform: ShopPlatform,
        /// The platform's own id.
        external_id: String,
    },
    /// The host platform, under its own id, which wins over one that the ledger made.
    Host {
        /// The host's number of the order.
        order_id: i64,
    },
    /// The host platform or a person, naming the warehouse order too, so that nothing is searched for.
    Chosen {
        /// The host's number of the order.
        order_id: i64,
        /// The warehouse order, which the caller may see.
        fulfilled_by: OrderAddress,
    },
}

/// Whether a paid order was found in the warehouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkState {
    /// It is being looked for.
    Pending,
    /// It was found.
    Linked,
    /// No warehouse order is linked: none was found, it is withheld, or the link was undone. A poll may link another
    /// order of its number; after an undoing never the same one.
    NotFound,
}

impl LinkState {
    /// The name under which it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Linked => "linked",
            Self::NotFound => "not_found",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Pending, Self::Linked, Self::NotFound].into_iter().find(|state| state.as_str() == name)
    }
}

/// A paid shop order and what is known of its place in the warehouse.
#[derive(Clone, Debug, PartialEq)]
pub struct LinkRow {
    /// The request's id.
    pub id: Uuid,
    /// Whose order it is.
    pub tenant: TenantId,
    /// The shop order: the host's id, or the ledger's own from 1000000000.
    pub order_id: i64,
    /// The shop order's name.
    pub order_name: String,
    /// The warehouse numbers to look for, in order.
    pub candidates: Vec<Candidate>,
    /// Whether the host named the order itself.
    pub from_host: bool,
    /// Whether it was found.
    pub state: LinkState,
    /// How often it was looked for.
    pub attempts: i32,
    /// Why it is not linked, as a sentence.
    pub reason: Option<String>,
    /// By what it was found.
    pub basis: Option<LinkBasis>,
    /// The delivery or the caller that asked.
    pub requested_by: String,
    /// When the paid order was first heard of (UTC).
    pub created_at: DateTime<Utc>,
    /// When the row last changed (UTC).
    pub updated_at: DateTime<Utc>,
    /// When it was linked (UTC).
    pub linked_at: Option<DateTime<Utc>>,
    /// The newest job that there was when a person last undid it or chose an order for it; none while nobody did.
    pub settled_at_job: Option<i64>,
    /// The warehouse orders that a person chose last, unless the link was undone since.
    pub chosen_orders: Vec<OrderStreamId>,
}

impl LinkRow {
    /// Whether a person undid the link or chose an order for it after this job was put on its way, so that what it would do is
    /// void.
    pub(super) fn was_settled_after(&self, job: i64) -> bool {
        self.settled_at_job.is_some_and(|newest| job <= newest)
    }
}

/// Why a link was not taken or given.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// The database refused or did not answer.
    #[error("the database did not take or give the link; try again")]
    Database(#[from] sqlx::Error),
    /// The job that looks could not be enqueued.
    #[error("the search for the order could not be put on its way; try again")]
    Jobs(#[from] JobsError),
    /// The shop order was not taken; above all [`TenancyError::OrderIdTaken`].
    #[error(transparent)]
    Tenancy(#[from] TenancyError),
    /// The host's id is out of its range.
    #[error("order_id should be from 1 to 999999999; larger ones are the ledger's own")]
    OrderIdOutOfRange,
    /// There is nothing to look for.
    #[error("order_name should be 1 to 100 characters, as #1001")]
    NameMissing,
    /// No warehouse order is tied to the shop order.
    #[error(
        "no warehouse order is linked to this shop order now, so there is nothing to undo; look at it again in a moment"
    )]
    NotLinked,
    /// A stored value is not what this version writes.
    #[error("the link {0} cannot be read; it was written by a newer version or by hand")]
    Unreadable(Uuid),
}

/// The row as stored.
#[derive(FromRow)]
struct Stored {
    id: Uuid,
    tenant_id: i64,
    order_id: i64,
    order_name: String,
    candidates: Json<Vec<Candidate>>,
    from_host: bool,
    state: String,
    attempts: i32,
    reason: Option<String>,
    basis: Option<String>,
    requested_by: String,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    linked_at: Option<DateTime<Utc>>,
    settled_at_job: Option<i64>,
    chosen_orders: Option<Vec<Uuid>>,
}

impl Stored {
    fn read(self) -> Result<LinkRow, LinkError> {
        let unreadable = || LinkError::Unreadable(self.id);
        let state = LinkState::named(&self.state).ok_or_else(unreadable)?;
        let basis = match &self.basis {
            Some(name) => Some(basis_named(name).ok_or_else(unreadable)?),
            None => None,
        };
        Ok(LinkRow {
            id: self.id,
            tenant: TenantId(self.tenant_id),
            order_id: self.order_id,
            order_name: self.order_name,
            candidates: self.candidates.0,
            from_host: self.from_host,
            state,
            attempts: self.attempts,
            reason: self.reason,
            basis,
            requested_by: self.requested_by,
            created_at: self.created_at,
            updated_at: self.updated_at,
            linked_at: self.linked_at,
            settled_at_job: self.settled_at_job,
            chosen_orders: self.chosen_orders.into_iter().flatten().map(OrderStreamId).collect(),
        })
    }
}

/// The basis of this name.
pub(super) fn basis_named(name: &str) -> Option<LinkBasis> {
    let all = [LinkBasis::Name, LinkBasis::OrderNumber, LinkBasis::Host, LinkBasis::Manual];
    all.into_iter().find(|basis| basis.as_str() == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_looked_for_eleven_times_in_five_minutes() {
        assert_eq!(LinkSettings::default().attempts(), 11);
        let once = LinkSettings { retry_every: Duration::from_secs(30), retry_for: Duration::ZERO };
        assert_eq!(once.attempts(), 1);
        let odd = LinkSettings { retry_every: Duration::ZERO, retry_for: Duration::MAX };
        assert_eq!(odd.attempts(), i32::MAX);
    }

    #[test]
    fn every_state_and_basis_is_known_by_its_name() {
        for state in [LinkState::Pending, LinkState::Linked, LinkState::NotFound] {
            assert_eq!(LinkState::named(state.as_str()), Some(state));
        }
        for basis in [LinkBasis::Name, LinkBasis::OrderNumber, LinkBasis::Host, LinkBasis::Manual] {
            assert_eq!(basis_named(basis.as_str()), Some(basis));
        }
        assert_eq!(LinkState::named("lost"), None);
    }
}
