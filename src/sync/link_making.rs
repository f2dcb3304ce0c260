//! Ties what a search found to its shop order: reads the warehouse order where the ledger does not have it as it is, asks the
//! aggregate, and says so in the link. Absent: the search, and what a link is told that stays without an order.

use std::borrow::Cow;

use logistics_domain::order::facts::{LinkBasis, ShopOrder};
use logistics_domain::order::{REPLACED, Replaces};
use logistics_domain::{Command, Refusal};
use logistics_projections::orders::{number_of, tied_to};

use super::SyncError;
use super::intent::Plain;
use super::link_undoing::place_of;
use super::links::{self, Chosen, LinkRow, LinkState};
use super::reactions::basis_of;
use super::sources::{Cause, SourceAccount, Sources};
use crate::ledger::{LedgerError, OrderAddress};

/// Why a paid order is not linked, as its reader sees it.
pub(super) const NOT_THERE: &str = "The warehouse has no order with this number yet.";
const NOT_TIED: &str = "The warehouse order of this number fulfils another shop order.";
pub(super) const SET_ASIDE: &str =
    "The warehouse order of this number is set aside; the platform's staff decide about it first.";

const OVERRULED: &str = "A person said meanwhile which order fulfils it, or that none does.";

/// The link that a job works for.
#[derive(Clone, Copy)]
pub(super) struct Sought<'a> {
    pub(super) link: &'a LinkRow,
    /// What a person said of the link after this job was put on its way counts for more than it.
    pub(super) job: i64,
}

/// What was found, and how it is to be tied.
pub(super) struct Found {
    pub(super) ids: Vec<i64>,
    /// A survivor that the ledger may know as it was before others were merged into it.
    pub(super) reread_first: bool,
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
        sought: Sought<'_>,
        found: &Found,
        cause: &Cause,
    ) -> Result<Option<Cow<'static, str>>, SyncError> {
        let link = sought.link;
        let (mut tied, mut left) = (false, Cow::Borrowed(NOT_THERE));
        for id in &found.ids {
            let mut place = self.place(account, link, *id).await?;
            let mut parked = false;
            // An order that the ledger has needs no upstream to be tied, unless it is said to be gone, or is in doubt.
            if found.reread_first || !matches!(place, Place::Theirs(_) | Place::Anothers) {
                parked = self.read_whole(account, *id, cause).await?.parked > 0;
                place = self.place(account, link, *id).await?;
            }
            match place {
                Place::Unknown if parked => left = SET_ASIDE.into(),
                Place::Unknown | Place::Anothers | Place::Gone => {}
                Place::Withheld => left = SET_ASIDE.into(),
                Place::Theirs(address) => {
                    match tie(self, sought, found.basis, address, found.replaces, cause).await? {
                        None => tied = true,
                        Some(refusal) => left = told(&refusal),
                    }
                }
            }
        }
        Ok((!tied).then_some(left))
    }

    /// Ties the order that a person chose, whatever its number, in place of what it fulfilled and of what else fulfilled the shop
    /// order; the warehouse is not asked. `None` means that it is tied, or that a later choice counts; else why it is not.
    pub(super) async fn tie_chosen(
        &self,
        sought: Sought<'_>,
        chosen: &Chosen,
        replaces: Replaces,
        cause: &Cause,
    ) -> Result<Option<Cow<'static, str>>, SyncError> {
        let link = sought.link;
        let address = chosen.address(link.tenant);
        let was = if let Replaces::Renamed(was) = replaces { was } else { link.order_id };
        let refused = if self.ledger.open(address).await?.order.vanished {
            Some(Refusal::Vanished)
        } else {
            Box::pin(tie(self, sought, LinkBasis::Manual, address, replaces, cause)).await?
        };
        if let Some(refusal) = refused {
            // What fulfils it still hears which id it has now.
            if was != link.order_id {
                self.rename_tied(sought, was, cause).await?;
            }
            return Ok(Some(told(&refusal)));
        }
        let number = number_of(&self.pool, address.stream()).await?.map(|number| number.to_lowercase());
        let others = tied_to(&self.pool, link.tenant, &[link.order_id, was]).await?;
        // What a later choice ties was not tied yet when these were read, or that choice is seen here.
        if self.is_overruled(sought, None).await? {
            return Ok(None);
        }
        for other in others {
            let place = place_of(link.tenant, &other);
            // Parts of one order fulfil it together.
            let is_part = other.part_of.is_some() && other.part_of == number;
            if place != address && !is_part {
                self.untie(place, other.shop_order_id, REPLACED, cause).await?;
            } else if other.shop_order_id != link.order_id {
                self.rename(link, place, other.shop_order_id, cause).await?;
            }
        }
        Ok(None)
    }

    /// Tells the orders that were tied to the shop order under the id that it had which one it has now, whatever their numbers
    /// are by now. What is withheld hears of it too, and so fulfils it again once it is released. True where one is tied that is
    /// in the warehouse, and for certain the tenant's; false where those that would be are withheld; `None` where there is neither.
    pub(super) async fn rename_tied(
        &self,
        sought: Sought<'_>,
        was: i64,
        cause: &Cause,
    ) -> Result<Option<bool>, SyncError> {
        let link = sought.link;
        let (mut tied, mut set_aside) = (false, false);
        for held in tied_to(&self.pool, link.tenant, &[was]).await? {
            let address = place_of(link.tenant, &held);
            let opened = self.ledger.open(address).await?;
            let Some(basis) = opened.row.as_ref().and_then(|row| basis_of(row, was)) else { continue };
            let (is_there, withheld) = (!opened.order.vanished, opened.order.withheld.is_some());
            let replaces = Replaces::Renamed(was);
            let refused = if is_there && !withheld {
                Box::pin(tie(self, sought, basis, address, replaces, cause)).await?
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

    /// Whether a person has said otherwise since the job was put on its way; or before, where it is tied by now to what that person
    /// chose, and this one was `found`.
    async fn is_overruled(&self, sought: Sought<'_>, found: Option<OrderAddress>) -> Result<bool, SyncError> {
        let Some(link) = links::find_link(&self.pool, sought.link.id).await? else { return Ok(false) };
        let is_tied_by_choice = link.state == LinkState::Linked && link.basis == Some(LinkBasis::Manual);
        let is_another = found.is_some_and(|found| !link.chosen_orders.contains(&found.stream()));
        Ok(link.was_settled_after(sought.job) || (is_tied_by_choice && is_another))
    }

    /// Tells an order that fulfils the shop order which id that has now, by what it was found before.
    async fn rename(
        &self,
        link: &LinkRow,
        address: OrderAddress,
        was: i64,
        cause: &Cause,
    ) -> Result<(), SyncError> {
        let opened = self.ledger.open(address).await?;
        if let Some(basis) = opened.row.as_ref().and_then(|row| basis_of(row, was)) {
            self.link(link, basis, address, Replaces::Renamed(was), cause).await?;
        }
        Ok(())
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
/// aggregate's decision; its "no" is the answer. Where a person says otherwise meanwhile, it is untied again.
async fn tie(
    sources: &Sources,
    sought: Sought<'_>,
    basis: LinkBasis,
    address: OrderAddress,
    replaces: Replaces,
    cause: &Cause,
) -> Result<Option<Refusal>, SyncError> {
    let (mut link, mut replaces) = (Cow::Borrowed(sought.link), replaces);
    // Minutes may have gone by while upstream was asked.
    let is_found = basis != LinkBasis::Manual && !matches!(replaces, Replaces::Renamed(_));
    if sources.is_overruled(sought, is_found.then_some(address)).await? {
        return Ok(None);
    }
    loop {
        if let Some(refusal) = sources.link(&link, basis, address, replaces, cause).await? {
            return Ok(Some(refusal));
        }
        let (basis, now) = (said(&link, basis), sources.clock.now());
        let mut connection = sources.pool.acquire().await?;
        if links::mark_linked(&mut connection, (link.id, link.order_id), basis, sought.job, now).await? {
            return Ok(None);
        }
        let now_there = links::find_link(&mut *connection, link.id).await?;
        drop(connection);
        match now_there {
            Some(settled) if settled.was_settled_after(sought.job) => {
                if !settled.chosen_orders.contains(&address.stream()) {
                    sources.untie(address, link.order_id, OVERRULED, cause).await?;
                }
                return Ok(None);
            }
            // The host has named the order by another id meanwhile: it is tied anew under that one.
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
