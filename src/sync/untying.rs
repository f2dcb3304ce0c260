//! Undoing a link: every warehouse order that fulfils the shop order is told so, and the shop order is listed as missing.
//! Absent: another search for it. Who undid the link says which order it is, or has it looked for.

use logistics_domain::Command;
use logistics_projections::orders::tied_to;

use super::SyncError;
use super::intent::Plain;
use super::links::{self, LinkError, LinkRow, LinkState};
use super::sources::{Cause, Sources};
use crate::ledger::{LedgerError, OrderAddress};

/// Why, as the history of a warehouse order tells it; who did it stands beside it.
const UNDONE: &str = "A person undid the link.";
/// The same, as the list of what is missing tells it.
const OPEN: &str =
    "A person undid the link; say which warehouse order fulfils it, or have it looked for again.";

impl Sources {
    /// Undoes the link on behalf of whoever the cause names: no part and no survivor fulfils the shop order any more, nor does
    /// one that is withheld, once it is released. No search ties the same two again. To undo it twice changes nothing.
    pub async fn undo_link(&self, link: &LinkRow, cause: &Cause) -> Result<LinkRow, SyncError> {
        let tied = tied_to(&self.pool, link.tenant, &[link.order_id]).await?;
        if tied.is_empty() {
            let is_undone = link.state == LinkState::NotFound && link.undone_at_job.is_some();
            return if is_undone { Ok(link.clone()) } else { Err(LinkError::NotMade.into()) };
        }
        for one in tied {
            let (tenant, account) = (link.tenant, one.account);
            let address = OrderAddress { tenant, account, mintsoft_order_id: one.mintsoft_order_id };
            self.untie(address, one.order_id, UNDONE, cause).await?;
        }
        let mut connection = self.pool.acquire().await?;
        Ok(links::mark_undone(&mut connection, link.id, OPEN, self.clock.now()).await?)
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
