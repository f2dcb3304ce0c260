//! A warehouse order that was seen, and what it means for paid shop orders: one that waits for its number is looked for
//! once more, and a part of an order that is tied already is tied at once. And the tying itself.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use logistics_domain::order::facts::{LinkBasis, ShopOrder};
use logistics_domain::order::{MERGE_JOINT, Replaces};
use logistics_domain::{Command, TenantId};

use super::SyncError;
use super::intent::Plain;
use super::links::{self, LinkRow};
use super::sources::{Cause, Sources};
use crate::ledger::{LedgerError, OrderAddress};

/// An order of a page, and under which number it was seen.
pub(super) struct SeenOrder<'a> {
    pub address: OrderAddress,
    pub number: &'a str,
    /// Whether others were merged into it, so that it fulfils each of the orders that its number joins.
    pub merged: bool,
}

/// Has the paid shop orders that wait for an order of the page looked for once more. Which order it is, and whether it
/// is the only one, is for that search to say.
pub(super) async fn look_for_waiting(
    sources: &Sources,
    orders: &[SeenOrder<'_>],
    cause: &Cause,
) -> Result<(), SyncError> {
    tie_loose_parts(sources, orders, cause).await?;
    let mut by_tenant: BTreeMap<TenantId, BTreeSet<String>> = BTreeMap::new();
    for order in orders {
        let numbers = by_tenant.entry(order.address.tenant).or_default();
        let whole = order.number.trim().to_lowercase();
        if order.merged {
            numbers.extend(whole.split(MERGE_JOINT).map(|part| part.trim().to_owned()));
        }
        numbers.insert(whole);
    }
    let mut connection = sources.pool.acquire().await?;
    for (tenant, numbers) in by_tenant {
        let numbers: Vec<String> = numbers.into_iter().collect();
        for (link, _) in links::unresolved_for_numbers(&mut connection, tenant, &numbers).await? {
            links::look_once(&mut connection, &link, sources.clock.now()).await?;
        }
    }
    Ok(())
}

/// A part that comes after its order was tied is tied to the same shop order.
async fn tie_loose_parts(
    sources: &Sources,
    orders: &[SeenOrder<'_>],
    cause: &Cause,
) -> Result<(), SyncError> {
    let streams: Vec<_> = orders.iter().map(|order| order.address.stream()).collect();
    for part in logistics_projections::orders::loose_parts(&sources.pool, &streams).await? {
        let found = orders.iter().find(|order| order.address.mintsoft_order_id == part.mintsoft_order_id);
        let Some(SeenOrder { address, .. }) = found else { continue };
        let shop_order = ShopOrder { order_id: part.order_id, name: part.shop_order_name };
        let intent =
            Plain(Command::LinkShopOrder { shop_order, basis: LinkBasis::Name, replaces: Replaces::Nothing });
        match sources.ledger.execute(*address, &intent, &cause.at(sources.clock.now())).await {
            // A link that was undone stays undone.
            Ok(_) | Err(LedgerError::Refused(_)) => {}
            // One order's trouble is not the page's.
            Err(error) if error.is_of_the_order() => {
                tracing::error!(order = %address.stream(), %error, "a part could not be tied to its shop order");
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Ties a warehouse order to the shop order of a link, and says so in the link. Whether it may be tied is the
/// aggregate's decision; its "no" is told in the link.
pub(super) async fn tie(
    sources: &Sources,
    link: &LinkRow,
    basis: LinkBasis,
    address: OrderAddress,
    replaces: Replaces,
    cause: &Cause,
) -> Result<bool, SyncError> {
    let (mut link, mut replaces) = (Cow::Borrowed(link), replaces);
    loop {
        let now = sources.clock.now();
        // What a person chose is nobody else's word.
        let basis = if link.from_host && basis != LinkBasis::Manual { LinkBasis::Host } else { basis };
        let shop_order = ShopOrder { order_id: link.order_id, name: link.order_name.clone() };
        let intent = Plain(Command::LinkShopOrder { shop_order, basis, replaces });
        let outcome = sources.ledger.execute(address, &intent, &cause.at(now)).await;
        let mut connection = sources.pool.acquire().await?;
        match outcome {
            Ok(_) if links::mark_linked(&mut connection, link.id, link.order_id, basis, now).await? => {
                return Ok(true);
            }
            // The host has named the order by another id meanwhile: it is tied anew under that one.
            Ok(_) => match links::find_link(&mut *connection, link.id).await? {
                Some(renamed) if renamed.order_id != link.order_id => {
                    replaces = Replaces::Renamed(link.order_id);
                    link = Cow::Owned(renamed);
                }
                Some(_) | None => return Ok(true),
            },
            Err(LedgerError::Refused(refusal)) => {
                links::mark_attempt(&mut connection, link.id, &refusal.to_string(), now).await?;
                return Ok(false);
            }
            Err(error) => return Err(error.into()),
        }
    }
}
