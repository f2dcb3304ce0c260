//! What an order can be told to do. Ids, instants and names arrive inside the command.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::facts::{LinkBasis, Sealed, ShopOrder, TrackingEvent};
use super::observation::{Observation, Observed};
use crate::ids::AccountId;
use crate::status::OpenPromise;

/// A command to one order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Take in what upstream shows of the order.
    Observe {
        /// The account that was asked.
        account_id: AccountId,
        /// Mintsoft's number of the order.
        mintsoft_order_id: i64,
        /// What it shows.
        observation: Box<Observation>,
    },
    /// Take in courier scans; those already known are passed over.
    RecordTracking {
        /// The scans, in any order.
        scans: Vec<TrackingEvent>,
        /// The answer they were read from.
        observed: Observed,
    },
    /// Take in the delivered callback, where no scan says so, or none any more.
    ReportDelivery {
        /// When (UTC).
        delivered_at: DateTime<Utc>,
        /// The delivery of the callback.
        observed: Observed,
    },
    /// Upstream no longer has the order.
    ReportVanished {
        /// The answer that said so.
        observed: Observed,
        /// The newest answer about this order that left no event.
        last_checked: Option<Observed>,
    },
    /// Note that the promise that is open was not kept, where its end has passed.
    NoteLate {
        /// The promise that is open, as the mapping reads it in the order's history; none where none is.
        open: Option<OpenPromise>,
        /// The time.
        now: DateTime<Utc>,
    },
    /// Tie the order to the shop order it fulfils.
    LinkShopOrder {
        /// The shop order.
        shop_order: ShopOrder,
        /// By what it was found.
        basis: LinkBasis,
        /// What it may take the place of.
        replaces: Replaces,
    },
    /// Undo the tie to a shop order; what it fulfils besides stays tied.
    UnlinkShopOrder {
        /// The shop order, by its id.
        order_id: i64,
        /// Why.
        reason: String,
    },
    /// Hide the order from its tenant: whose it is has become doubtful.
    Withhold {
        /// Why.
        reason: String,
    },
    /// Show it again.
    Release,
    /// Erase what the order tells of a person, for good, though no answer of upstream that is taken in says so.
    ErasePersonalData {
        /// Why.
        reason: String,
    },
    /// Ask for the order to be cancelled upstream.
    RequestCancellation {
        /// The id of this request.
        request_id: Uuid,
        /// Why, sealed.
        reason: Sealed,
        /// Who asks: `user:<id>` or `key:<id>`.
        requested_by: String,
    },
    /// Upstream cancelled it.
    ConfirmCancellation {
        /// The request that this answers.
        request_id: Uuid,
    },
    /// The cancellation did not come to pass.
    RefuseCancellation {
        /// The request that this answers.
        request_id: Uuid,
        /// Upstream's words, or ours.
        message: String,
    },
    /// Ask for a comment to be written upstream.
    RequestComment {
        /// The id of this request.
        request_id: Uuid,
        /// The text, sealed.
        comment: Sealed,
        /// Whether only the warehouse's own staff may see it.
        internal: bool,
        /// Who writes: `user:<id>` or `key:<id>`.
        requested_by: String,
    },
    /// The comment is upstream.
    ConfirmComment {
        /// The request that this answers.
        request_id: Uuid,
        /// Upstream's number of the comment, where it said so.
        comment_id: Option<i64>,
    },
    /// The comment was not taken.
    RefuseComment {
        /// The request that this answers.
        request_id: Uuid,
        /// Upstream's words, or ours.
        message: String,
    },
}

/// What a link may take the place of. Only what a host or a person just said takes the place of anything: a search that
/// is made again, for whatever reason, does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replaces {
    /// Nothing: the order is linked only if it has room, is no copy, and its link to this shop order was never undone. Searches use
    /// it, and parts of a split that follow an order linked already.
    Nothing,
    /// The link to the shop order of this id, which was given another id; where there is none, whatever stands in its way. That
    /// it is called otherwise ties nothing new, so an order of doubtful owner hears of it too.
    Renamed(i64),
    /// Whatever stands in its way.
    WhatIsThere,
}
