//! A warehouse order that a paid shop order waits for: it is tied to it, whichever source saw it first.

use std::collections::{BTreeMap, HashMap};

use logistics_domain::order::facts::{LinkBasis, ShopOrder};
use logistics_domain::{Command, TenantId};

use super::SyncError;
use super::intent::Plain;
use super::links::{self, LinkRow};
use super::sources::{Cause, Sources};
use crate::ledger::{LedgerError, OrderAddress};

/// What joins the numbers of merged orders in the survivor's number.
pub(super) const MERGE_JOINT: char = '+';

/// Links the orders of a page whose numbers a paid shop order waits for.
pub(super) async fn link_waiting(
    sources: &Sources,
    orders: Vec<(OrderAddress, &str)>,
    cause: &Cause,
) -> Result<(), SyncError> {
    tie_loose_parts(sources, &orders, cause).await?;
    let mut by_tenant: BTreeMap<TenantId, HashMap<String, Vec<OrderAddress>>> = BTreeMap::new();
    for (address, number) in orders {
        let numbers = by_tenant.entry(address.tenant).or_default();
        let whole = number.trim().to_lowercase();
        // A survivor of merges fulfils each of the orders that its number joins.
        for part in whole.split(MERGE_JOINT).map(str::trim).filter(|part| *part != whole) {
            numbers.entry(part.to_owned()).or_default().push(address);
        }
        numbers.entry(whole).or_default().push(address);
    }
    let mut connection = sources.pool.acquire().await?;
    let mut found = Vec::new();
    for (tenant, numbers) in &by_tenant {
        let wanted: Vec<String> = numbers.keys().cloned().collect();
        for (link, basis) in links::unresolved_for_numbers(&mut connection, *tenant, &wanted).await? {
            // The candidates stand in order, so the first that is here is what the basis speaks of.
            let here = link.candidates.iter().find_map(|candidate| numbers.get(&candidate.number_lowercase));
            let addresses = here.cloned().unwrap_or_default();
            found.push((link, basis, addresses));
        }
    }
    drop(connection);
    for (link, basis, addresses) in found {
        for address in addresses {
            tie(sources, &link, basis, address, cause).await?;
        }
    }
    Ok(())
}

/// A part that comes after its order was tied is tied to the same shop order.
async fn tie_loose_parts(
    sources: &Sources,
    orders: &[(OrderAddress, &str)],
    cause: &Cause,
) -> Result<(), SyncError> {
    let streams: Vec<_> = orders.iter().map(|(address, _)| address.stream()).collect();
    for part in logistics_projections::orders::loose_parts(&sources.pool, &streams).await? {
        let found = orders.iter().find(|(address, _)| address.mintsoft_order_id == part.mintsoft_order_id);
        let Some((address, _)) = found else { continue };
        let shop_order = ShopOrder { order_id: part.order_id, name: part.shop_order_name };
        let intent = Plain(Command::LinkShopOrder { shop_order, basis: LinkBasis::Name });
        match sources.ledger.execute(*address, &intent, &cause.at(sources.clock.now())).await {
            // A link that was undone stays undone.
            Ok(_) | Err(LedgerError::Refused(_)) => {}
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
    cause: &Cause,
) -> Result<bool, SyncError> {
    let now = sources.clock.now();
    let basis = if link.from_host { LinkBasis::Host } else { basis };
    let shop_order = ShopOrder { order_id: link.order_id, name: link.order_name.clone() };
    let intent = Plain(Command::LinkShopOrder { shop_order, basis });
    let outcome = sources.ledger.execute(address, &intent, &cause.at(now)).await;
    let mut connection = sources.pool.acquire().await?;
    match outcome {
        Ok(_) => {
            // When the host has named the order by another id meanwhile, its own job ties it anew.
            links::mark_linked(&mut connection, link.id, link.order_id, basis, now).await?;
            Ok(true)
        }
        Err(LedgerError::Refused(refusal)) => {
            links::mark_attempt(&mut connection, link.id, &refusal.to_string(), now).await?;
            Ok(false)
        }
        Err(error) => Err(error.into()),
    }
}
