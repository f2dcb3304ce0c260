//! Ties what a search found to its shop order: reads the warehouse order where the ledger does not have it as it is, asks the
//! aggregate, and says so in the link. Absent: the search, and what a link is told that stays without an order.

use std::borrow::Cow;

use logistics_domain::order::Replaces;
use logistics_domain::order::facts::{LinkBasis, ShopOrder};
use logistics_domain::{Command, Refusal};
use logistics_projections::orders::{number_of, tied_to};

use super::SyncError;
use super::intent::Plain;
use super::links::{self, Chosen, LinkRow};
use super::reactions::basis_of;
use super::sources::{Cause, SourceAccount, Sources};
use crate::ledger::{LedgerError, OrderAddress};

/// Why a paid order is not linked, as its reader sees it.
pub(super) const NOT_THERE: &str = "The warehouse has no order with this number yet.";
const NOT_TIED: &str = "The warehouse order of this number fulfils another shop order.";
pub(super) const SET_ASIDE: &str =
    "The warehouse order of this number is set aside; the platform's staff decide about it first.";

const REPLACED: &str = "Replaced by a link that the host or a person made.";
const GONE: &str = "The order is no longer in the warehouse's system.";

/// What was found, and how it is to be tied.
pub(super) struct Found {
    pub(super) ids: Vec<i64>,
    /// A survivor that the ledger may know as it was before others were merged into it.
    pub(super) stale: bool,
    pub(super) basis: LinkBasis,
    pub(super) replaces: Replaces,
}

/// Where an order that was found stands in the ledger.
enum Place {
    /// In no history.
    Unknown,
    /// In another tenant's.
    Anothers,
    /// In the tenant's, as gone.
    Gone,
    /// In the tenant's, which it is withheld from.
    Withheld,
    /// In the tenant's.
    Theirs(OrderAddress),
}

impl Sources {
    /// Reads the orders found whole, so that the ledger has them under their owner, and ties those that are the
    /// tenant's. `None` means that one was tied, else why none was.
    pub(super) async fn settle(
        &self,
        account: &SourceAccount,
        link: &LinkRow,
        found: &Found,
        cause: &Cause,
    ) -> Result<Option<Cow<'static, str>>, SyncError> {
        let (mut tied, mut left) = (false, Cow::Borrowed(NOT_THERE));
        for id in &found.ids {
            let mut place = self.place(account, link, *id).await?;
            let mut parked = false;
            // An order that the ledger has needs no upstream to be tied, unless it is said to be gone, or is in doubt.
            if found.stale || !matches!(place, Place::Theirs(_) | Place::Anothers) {
                parked = self.read_whole(account, *id, cause).await?.parked > 0;
                place = self.place(account, link, *id).await?;
            }
            match place {
                Place::Unknown if parked => left = SET_ASIDE.into(),
                Place::Unknown | Place::Anothers | Place::Gone => {}
                Place::Withheld => left = SET_ASIDE.into(),
                Place::Theirs(address) => {
                    match tie(self, link, found.basis, address, found.replaces, cause).await? {
                        None => tied = true,
                        Some(refusal) => left = told(&refusal),
                    }
                }
            }
        }
        Ok((!tied).then_some(left))
    }

    /// Ties the order that a person chose, whatever its number, in place of what it fulfilled and of what else fulfilled the shop
    /// order; nobody is asked. `None` means that it is tied, else why it is not.
    pub(super) async fn tie_chosen(
        &self,
        link: &LinkRow,
        chosen: &Chosen,
        replaces: Replaces,
        cause: &Cause,
    ) -> Result<Option<Cow<'static, str>>, SyncError> {
        let address = chosen.address(link.tenant);
        if self.ledger.open(address).await?.order.vanished {
            return Ok(Some(GONE.into()));
        }
        if let Some(refusal) = Box::pin(tie(self, link, LinkBasis::Manual, address, replaces, cause)).await? {
            return Ok(Some(told(&refusal)));
        }
        let was = if let Replaces::Renamed(was) = replaces { was } else { link.order_id };
        let number = number_of(&self.pool, address.stream()).await?.map(|number| number.to_lowercase());
        for other in tied_to(&self.pool, link.tenant, &[link.order_id, was]).await? {
            let (account, mintsoft_order_id) = (other.account, other.mintsoft_order_id);
            let place = OrderAddress { tenant: link.tenant, account, mintsoft_order_id };
            // Parts of one order fulfil it together.
            let is_part = other.part_of.is_some() && other.part_of == number;
            if place != address && !is_part {
                self.untie(place, other.order_id, REPLACED, cause).await?;
            }
        }
        Ok(None)
    }

    /// Tells the orders that were tied to the shop order under the id that it had which one it has now, whatever their numbers
    /// are by now. What is withheld hears of it too, and so fulfils it again once it is released. True where one is tied that is
    /// in the warehouse, and for certain the tenant's; false where those that would be are withheld; `None` where there is neither.
    pub(super) async fn rename_tied(
        &self,
        link: &LinkRow,
        was: i64,
        cause: &Cause,
    ) -> Result<Option<bool>, SyncError> {
        let (mut tied, mut set_aside) = (false, false);
        for held in tied_to(&self.pool, link.tenant, &[was]).await? {
            let (tenant, account) = (link.tenant, held.account);
            let address = OrderAddress { tenant, account, mintsoft_order_id: held.mintsoft_order_id };
            let opened = self.ledger.open(address).await?;
            let Some(basis) = opened.row.as_ref().and_then(|row| basis_of(row, was)) else { continue };
            let (is_there, withheld) = (!opened.order.vanished, opened.order.withheld.is_some());
            let replaces = Replaces::Renamed(was);
            let refused = if is_there && !withheld {
                Box::pin(tie(self, link, basis, address, replaces, cause)).await?
            } else {
                self.link(link, basis, address, replaces, cause).await?
            };
            tied |= refused.is_none() && is_there && !withheld;
            set_aside |= is_there && withheld;
        }
        Ok((tied || set_aside).then_some(tied))
    }

    /// Has the link decided on by the order; its "no" is the answer.
    async fn link(
        &self,
        link: &LinkRow,
        basis: LinkBasis,
        address: OrderAddress,
        replaces: Replaces,
        cause: &Cause,
    ) -> Result<Option<Refusal>, SyncError> {
        let shop_order = ShopOrder { order_id: link.order_id, name: link.order_name.clone() };
        let intent = Plain(Command::LinkShopOrder { shop_order, basis: said(link, basis), replaces });
        match self.ledger.execute(address, &intent, &cause.at(self.clock.now())).await {
            Ok(_) => Ok(None),
            Err(LedgerError::Refused(refusal)) => Ok(Some(refusal)),
            Err(error) => Err(error.into()),
        }
    }

    async fn place(&self, account: &SourceAccount, link: &LinkRow, id: i64) -> Result<Place, SyncError> {
        let Some(address) = self.known(account, [id]).await?.remove(&id) else { return Ok(Place::Unknown) };
        if address.tenant != link.tenant {
            return Ok(Place::Anothers);
        }
        let order = self.ledger.open(address).await?.order;
        Ok(match order.withheld {
            _ if order.vanished => Place::Gone,
            Some(_) => Place::Withheld,
            None => Place::Theirs(address),
        })
    }
}

/// A refusal to tie, as a paid order's reader sees it.
fn told(refusal: &Refusal) -> Cow<'static, str> {
    match refusal {
        Refusal::AlreadyLinked { .. } => NOT_TIED.into(),
        Refusal::Withheld => SET_ASIDE.into(),
        refusal => refusal.to_string().into(),
    }
}

/// Ties a warehouse order to the shop order of a link, and says so in the link. Whether it may be tied is the
/// aggregate's decision; its "no" is the answer.
async fn tie(
    sources: &Sources,
    link: &LinkRow,
    basis: LinkBasis,
    address: OrderAddress,
    replaces: Replaces,
    cause: &Cause,
) -> Result<Option<Refusal>, SyncError> {
    let (mut link, mut replaces) = (Cow::Borrowed(link), replaces);
    loop {
        if let Some(refusal) = sources.link(&link, basis, address, replaces, cause).await? {
            return Ok(Some(refusal));
        }
        let (basis, now) = (said(&link, basis), sources.clock.now());
        let mut connection = sources.pool.acquire().await?;
        if links::mark_linked(&mut connection, link.id, link.order_id, basis, now).await? {
            return Ok(None);
        }
        // The host has named the order by another id meanwhile: it is tied anew under that one.
        match links::find_link(&mut *connection, link.id).await? {
            Some(renamed) if renamed.order_id != link.order_id => {
                replaces = Replaces::Renamed(link.order_id);
                link = Cow::Owned(renamed);
            }
            Some(_) | None => return Ok(None),
        }
    }
}

/// Whose word the link rests on. What a person chose is nobody else's.
fn said(link: &LinkRow, basis: LinkBasis) -> LinkBasis {
    if link.from_host && basis != LinkBasis::Manual { LinkBasis::Host } else { basis }
}
