//! What may happen to an order and what may not: a plain, total function of state and command.
//!
//! "Nothing new" is an empty list, not an error: a second delivery is normal.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::command::{Command, Replaces};
use super::decide_delivery::{record_tracking, report_delivery};
use super::decide_observation::{observe, report_vanished};
use super::event::OrderEvent;
use super::facts::{LinkBasis, Sealed, ShopOrder};
use super::possible::Possible;
use super::refusal::Refusal;
use super::state::{Order, Request, RequestOutcome};
use crate::status::OpenPromise;

/// Why an order is untied from a shop order for which another was named.
pub const REPLACED: &str = "Replaced by a link that the host or a person made.";

/// The suffix that upstream gives to a copied order; copies of copies carry it twice.
const COPY_SUFFIX: &str = "-copy";

/// Decides what a command adds to the order's history.
pub fn decide(order: &Order, command: &Command) -> Result<Vec<OrderEvent>, Refusal> {
    match command {
        Command::Observe { account_id, mintsoft_order_id, observation } => {
            observe(order, *account_id, *mintsoft_order_id, observation)
        }
        _ if !order.is_known() => Err(Refusal::UnknownOrder),
        Command::RecordTracking { scans, observed } => Ok(record_tracking(order, scans, observed)),
        Command::ReportDelivery { delivered_at, observed } => {
            Ok(report_delivery(order, *delivered_at, observed))
        }
        Command::ReportVanished { observed, last_checked } => {
            Ok(report_vanished(order, observed, last_checked.as_ref()))
        }
        Command::NoteLate { open, now } => Ok(note_late(order, *open, *now)),
        Command::LinkShopOrder { shop_order, basis, replaces } => link(order, shop_order, *basis, *replaces),
        Command::UnlinkShopOrder { order_id, reason } => unlink(order, *order_id, reason),
        Command::Withhold { reason } => Ok(match &order.withheld {
            Some(held) if held == reason => vec![],
            Some(_) | None => vec![OrderEvent::OrderWithheld { reason: reason.clone() }],
        }),
        Command::Release => Ok(match &order.withheld {
            Some(_) => vec![OrderEvent::OrderReleased {}],
            None => vec![],
        }),
        // Whether it is withheld or gone: the personal data is erased wherever the order stands.
        Command::ErasePersonalData { .. } if order.erased => Ok(vec![]),
        Command::ErasePersonalData { reason } => {
            Ok(vec![OrderEvent::PersonalDataErased { observed: None, reason: Some(reason.clone()) }])
        }
        Command::RequestCancellation { request_id, reason, requested_by } => {
            request_cancellation(order, *request_id, reason, requested_by)
        }
        Command::ConfirmCancellation { request_id } => {
            settle(&order.cancellations, *request_id, RequestOutcome::Confirmed, || {
                OrderEvent::CancellationConfirmed { request_id: *request_id }
            })
        }
        Command::RefuseCancellation { request_id, message } => {
            settle(&order.cancellations, *request_id, RequestOutcome::Refused, || {
                OrderEvent::CancellationRefused { request_id: *request_id, message: message.clone() }
            })
        }
        Command::RequestComment { request_id, comment, internal, requested_by } => {
            request_comment(order, *request_id, (comment, *internal), requested_by)
        }
        Command::ConfirmComment { request_id, comment_id } => {
            settle(&order.comments, *request_id, RequestOutcome::Confirmed, || OrderEvent::CommentPosted {
                request_id: *request_id,
                comment_id: *comment_id,
            })
        }
        Command::RefuseComment { request_id, message } => {
            settle(&order.comments, *request_id, RequestOutcome::Refused, || OrderEvent::CommentRefused {
                request_id: *request_id,
                message: message.clone(),
            })
        }
    }
}

/// A promise is missed once: the same one, of the same end, is not noted again.
fn note_late(order: &Order, open: Option<OpenPromise>, now: DateTime<Utc>) -> Vec<OrderEvent> {
    let news = |open: &OpenPromise| open.due_at <= now && order.missed != Some(*open);
    match open.filter(news) {
        Some(OpenPromise { promise, due_at }) if !order.vanished && order.withheld.is_none() => {
            vec![OrderEvent::PromiseMissed { promise, due_at }]
        }
        Some(_) | None => vec![],
    }
}

/// What a host or a person just said may replace a link, and makes one again that was undone; what is searched for does not,
/// whoever first asked for it. A survivor of merges has room for each of the orders that its number joins. An order of doubtful
/// owner fulfils nothing new.
fn link(
    order: &Order,
    shop_order: &ShopOrder,
    basis: LinkBasis,
    replaces: Replaces,
) -> Result<Vec<OrderEvent>, Refusal> {
    let held = |order_id: i64| order.fulfilled().find(|held| held.order_id == order_id);
    let unlinked = |held: &ShopOrder| OrderEvent::OrderUnlinked {
        shop_order: held.clone(),
        reason: REPLACED.to_owned(),
    };
    let renamed = match replaces {
        Replaces::Renamed(from) if from != shop_order.order_id => held(from),
        Replaces::Renamed(_) | Replaces::Nothing | Replaces::WhatIsThere => None,
    };
    let is_tied = held(shop_order.order_id).is_some();
    let is_renaming = renamed.is_some() || (is_tied && matches!(replaces, Replaces::Renamed(_)));
    if order.withheld.is_some() && !is_renaming {
        return Err(Refusal::Withheld);
    }
    if is_tied {
        // A search that began before the renaming may have tied it a second time, under its old id.
        return Ok(renamed.map(unlinked).into_iter().collect());
    }
    let said_by_someone = matches!(basis, LinkBasis::Host | LinkBasis::Manual)
        && matches!(replaces, Replaces::WhatIsThere | Replaces::Renamed(_));
    let displaced = match (renamed, &order.linked_to) {
        (Some(renamed), _) => Some(renamed),
        (None, Some(_)) if order.has_room() => None,
        (None, Some(first)) if said_by_someone => {
            // The number of a survivor joins the others still; what carries the same name is in the way.
            Some(order.fulfilled().find(|held| held.is_named_as(shop_order)).unwrap_or(first))
        }
        (None, Some(first)) => return Err(Refusal::AlreadyLinked { name: first.name.clone() }),
        (None, None) => None,
    };
    if displaced.is_none() && !said_by_someone {
        let number = &order.facts.number;
        if number.to_lowercase().ends_with(COPY_SUFFIX) {
            return Err(Refusal::CopyNotLinked { number: number.clone() });
        }
        if order.untied_from.contains(&shop_order.order_id) {
            return Err(Refusal::LinkUndone { name: shop_order.name.clone() });
        }
    }
    let linked = OrderEvent::OrderLinked { shop_order: shop_order.clone(), basis };
    Ok(displaced.map(unlinked).into_iter().chain([linked]).collect())
}

fn unlink(order: &Order, order_id: i64, reason: &str) -> Result<Vec<OrderEvent>, Refusal> {
    match order.fulfilled().find(|held| held.order_id == order_id) {
        Some(held) => {
            Ok(vec![OrderEvent::OrderUnlinked { shop_order: held.clone(), reason: reason.to_owned() }])
        }
        None if order.untied_from.contains(&order_id) => Ok(vec![]),
        None => Err(Refusal::NotLinked),
    }
}

fn request_cancellation(
    order: &Order,
    request_id: Uuid,
    reason: &Sealed,
    requested_by: &str,
) -> Result<Vec<OrderEvent>, Refusal> {
    if let Some(made) = order.cancellations.get(&request_id) {
        return repeated(made, (reason, false), request_id);
    }
    Possible::of(order).may_cancel()?;
    Ok(vec![OrderEvent::CancellationRequested {
        request_id,
        reason: reason.clone(),
        requested_by: requested_by.to_owned(),
    }])
}

fn request_comment(
    order: &Order,
    request_id: Uuid,
    (comment, internal): (&Sealed, bool),
    requested_by: &str,
) -> Result<Vec<OrderEvent>, Refusal> {
    if let Some(made) = order.comments.get(&request_id) {
        return repeated(made, (comment, internal), request_id);
    }
    Possible::of(order).may_comment()?;
    Ok(vec![OrderEvent::CommentRequested {
        request_id,
        comment: comment.clone(),
        internal,
        requested_by: requested_by.to_owned(),
    }])
}

/// The same request again adds nothing; the same id with other content is refused.
fn repeated(
    made: &Request,
    (content, internal): (&Sealed, bool),
    request_id: Uuid,
) -> Result<Vec<OrderEvent>, Refusal> {
    if made.content.fingerprint == content.fingerprint && made.internal == internal {
        Ok(vec![])
    } else {
        Err(Refusal::RequestReused { request_id })
    }
}

fn settle(
    requests: &BTreeMap<Uuid, Request>,
    request_id: Uuid,
    outcome: RequestOutcome,
    event: impl FnOnce() -> OrderEvent,
) -> Result<Vec<OrderEvent>, Refusal> {
    match requests.get(&request_id).map(|made| made.outcome) {
        None => Err(Refusal::UnknownRequest { request_id }),
        Some(RequestOutcome::Pending) => Ok(vec![event()]),
        Some(held) if held == outcome => Ok(vec![]),
        Some(_) => Err(Refusal::AlreadySettled { request_id }),
    }
}
