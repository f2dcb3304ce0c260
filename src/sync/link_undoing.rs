//! Undoing a link: every warehouse order that fulfils the shop order is told so, and the shop order is listed as missing.
//! Absent: another search for it. Who undid the link says which order it is, or has it looked for.

use logistics_domain::{Command, TenantId};
use logistics_projections::orders::{TiedOrder, tied_to};

use super::SyncError;
use super::intent::Plain;
use super::links::{self, LinkError, LinkRow, LinkState};
use super::sources::{Cause, Sources};
use crate::ledger::{LedgerError, OrderAddress};

/// Why, as the history of a warehouse order tells it; who did it stands beside it.
const UNDONE: &str = "The link was undone.";
/// Why the shop order is linked to nothing, as the list of what is missing tells it.
const OPEN: &str = "The link was undone; say which warehouse order fulfils it, or have it looked for again.";

impl Sources {
    /// Undoes the link on behalf of whoever the cause names: no part and no survivor fulfils the shop order any more, nor does
    /// one that is withheld, once it is released. No search ties the same two again. To undo it twice changes nothing.
    pub async fn undo_link(&self, link: &LinkRow, cause: &Cause) -> Result<LinkRow, SyncError> {
        let mut connection = self.pool.acquire().await?;
        // A renaming that no job has followed yet is void from now on.
        let was = links::renaming_under_way(&mut connection, link.id).await?.unwrap_or(link.order_id);
        drop(connection);
        let order_ids = [link.order_id, was];
        if tied_to(&self.pool, link.tenant, &order_ids).await?.is_empty() {
            let is_undone = link.state == LinkState::NotFound && link.settled_at_job.is_some();
            return if is_undone { Ok(link.clone()) } else { Err(LinkError::NotLinked.into()) };
        }
        // From here on no job ties another, or it unties that again itself.
        let mut connection = self.pool.acquire().await?;
        links::mark_undone(&mut connection, link.id, OPEN, self.clock.now()).await?;
        drop(connection);
        for one in tied_to(&self.pool, link.tenant, &order_ids).await? {
            self.untie(place_of(link.tenant, &one), one.shop_order_id, UNDONE, cause).await?;
        }
        // Whoever has spoken meanwhile is heard: the link is told as it is by now.
        Ok(links::find_link(&self.pool, link.id).await?.unwrap_or_else(|| link.clone()))
    }

    /// Unties one order from a shop order.
    pub(super) async fn untie(
        &self,
        address: OrderAddress,
        order_id: i64,
        reason: &str,
        cause: &Cause,
    ) -> Result<(), SyncError> {
        let untie = Plain(Command::UnlinkShopOrder { order_id, reason: reason.to_owned() });
        match self.ledger.execute(address, &untie, &cause.at(self.clock.now())).await {
            // It was untied meanwhile.
            Ok(_) | Err(LedgerError::Refused(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where an order that is tied stands in the tenant's ledger.
pub(super) const fn place_of(tenant: TenantId, tied: &TiedOrder) -> OrderAddress {
    OrderAddress { tenant, account: tied.account, mintsoft_order_id: tied.mintsoft_order_id }
}
