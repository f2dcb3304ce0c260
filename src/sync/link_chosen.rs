//! The warehouse order that a person says fulfils a shop order: tied as it is, whatever its number, and nobody is asked.

use logistics_domain::order::Replaces;
use logistics_domain::order::facts::LinkBasis;

use super::SyncError;
use super::links::{Chosen, LinkRow};
use super::links_found::tie;
use super::sources::{Cause, Sources};

/// Why it is not tied, as its reader sees it: it vanished since it was chosen, or speaks against its owner.
const GONE: &str = "The order is no longer in the warehouse's system.";
const UNDECIDED: &str = "It is not settled whose order this is; an operator decides that first.";

impl Sources {
    /// Ties it in place of what it fulfilled. `None` means that it is tied, else why it is not.
    pub(super) async fn tie_chosen(
        &self,
        link: &LinkRow,
        chosen: Chosen,
        cause: &Cause,
    ) -> Result<Option<&'static str>, SyncError> {
        let address = chosen.address(link.tenant);
        let order = self.ledger.open(address).await?.order;
        if order.vanished {
            return Ok(Some(GONE));
        }
        if order.withheld.is_some() {
            return Ok(Some(UNDECIDED));
        }
        let tied =
            Box::pin(tie(self, link, LinkBasis::Manual, address, Replaces::WhatIsThere, cause)).await?;
        Ok((!tied).then_some(UNDECIDED))
    }
}
