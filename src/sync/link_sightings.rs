//! A warehouse order that was seen, and what it means for paid shop orders: one that waits for its number is looked for
//! once more, and a part of an order that is tied already is tied at once.

use std::collections::{BTreeMap, BTreeSet};

use logistics_domain::order::facts::ShopOrder;
use logistics_domain::order::{MERGE_JOINT, Replaces};
use logistics_domain::{Command, TenantId};

use super::SyncError;
use super::intent::Plain;
use super::links;
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

/// A part that comes after its order was tied is tied to the same shop order, by what that was found.
async fn tie_loose_parts(
    sources: &Sources,
    orders: &[SeenOrder<'_>],
    cause: &Cause,
) -> Result<(), SyncError> {
    let streams: Vec<_> = orders.iter().map(|order| order.address.stream()).collect();
    for part in logistics_projections::orders::loose_parts(&sources.pool, &streams).await? {
        let found = orders.iter().find(|order| order.address.mintsoft_order_id == part.mintsoft_order_id);
        let basis = links::basis_named(&part.link_basis);
        let Some((SeenOrder { address, .. }, basis)) = found.zip(basis) else { continue };
        let shop_order = ShopOrder { order_id: part.order_id, name: part.shop_order_name };
        let intent = Plain(Command::LinkShopOrder { shop_order, basis, replaces: Replaces::Nothing });
        match sources.ledger.execute(*address, &intent, &cause.at(sources.clock.now())).await {
            // A link that was undone stays undone, and what is in doubt is tied to nothing.
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
