//! The facts of an order's history. Events are for ever: a change of shape is a new version and an upcaster.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::facts::{
    Courier, DeliveryBasis, Details, Item, LinkBasis, OrderFacts, Parcels, Part, Sealed, Shipment, ShopOrder,
    Status, Tracking, TrackingEvent,
};
use super::observation::Observed;
use crate::status::Promise;

/// One thing that happened to an order. Observed facts carry the answer of upstream they were read from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum OrderEvent {
    /// The order was seen for the first time, with everything that was told of it then.
    OrderDiscovered {
        /// The account it lives in.
        account_id: Uuid,
        /// Mintsoft's number of the order.
        mintsoft_order_id: i64,
        /// What was told.
        facts: Box<OrderFacts>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// Its number or external reference was changed (a merge renames the survivor).
    OrderRenumbered {
        /// The number now.
        number: String,
        /// The reference now.
        external_reference: Option<String>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// It moved in the warehouse, or upstream renamed the status it is in: then both numbers are equal.
    /// Statuses do go backward upstream; the event says so.
    StatusChanged {
        /// The status before, if one was known.
        from: Option<Status>,
        /// The status now.
        to: Status,
        /// Whether the step goes against the normal path (unprinted, un-cancelled, bounced).
        backward: bool,
        /// The answer it was read from.
        observed: Observed,
    },
    /// A courier's service was chosen, changed or taken away.
    CourierAssigned {
        /// The service now; none when it was taken away.
        courier: Option<Courier>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// The tracking number was given, changed or taken away.
    TrackingNumberChanged {
        /// The number now; none when it was taken away.
        tracking: Option<Tracking>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// It left the warehouse, or the date of leaving was corrected.
    OrderDispatched {
        /// When it left (UTC).
        dispatched_at: DateTime<Utc>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// The date of dispatch was taken back.
    DispatchWithdrawn {
        /// The answer it was read from.
        observed: Observed,
    },
    /// The count or the weight of the parcels changed.
    ParcelsChanged {
        /// Count and weight now.
        parcels: Parcels,
        /// The answer it was read from.
        observed: Observed,
    },
    /// The consignments booked with couriers changed.
    ShipmentsChanged {
        /// All of them, as they are now.
        shipments: Vec<Shipment>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// The lines changed.
    ItemsChanged {
        /// All of them, as they are now.
        items: Vec<Item>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// The recipient changed.
    RecipientChanged {
        /// The recipient now, sealed; none when it was taken away.
        recipient: Option<Sealed>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// The day it should arrive was set, moved or taken away.
    EstimatedDeliveryChanged {
        /// The instant now (UTC).
        estimated_delivery: Option<DateTime<Utc>>,
        /// The answer it was read from.
        observed: Observed,
    },
    /// It became a part of a split order, or the number of parts changed.
    PartChanged {
        /// Which part of how many, now.
        part: Part,
        /// The answer it was read from.
        observed: Observed,
    },
    /// Something else that pages show changed: warehouse, channel, amounts, tags, order date.
    DetailsChanged {
        /// The client it is booked under now.
        client_id: Option<i64>,
        /// When it was placed (UTC), as told now.
        ordered_at: Option<DateTime<Utc>>,
        /// The rest, as it is now.
        details: Details,
        /// The answer it was read from.
        observed: Observed,
    },
    /// The order's personal data was erased: upstream stripped it, or an operator had it erased here. The order's key is
    /// destroyed with this event.
    PersonalDataErased {
        /// The answer it was read from; none where no answer of the order was taken in for it.
        observed: Option<Observed>,
        /// Why, where no answer was taken in for it.
        reason: Option<String>,
    },
    /// The order is no longer there upstream: merged into another, or out of reach.
    OrderVanished {
        /// The answer that said so.
        observed: Observed,
    },
    /// An order that had vanished is there again.
    OrderReappeared {
        /// The answer it was read from.
        observed: Observed,
    },
    /// The courier scanned a parcel.
    TrackingEventRecorded {
        /// The scan.
        scan: TrackingEvent,
        /// The answer it was read from.
        observed: Observed,
    },
    /// The goods were delivered, or a better proof of when they were has come.
    OrderDelivered {
        /// When (UTC).
        delivered_at: DateTime<Utc>,
        /// On what grounds.
        basis: DeliveryBasis,
        /// The answer it was read from.
        observed: Observed,
    },
    /// A promise ended without being kept. It stands for itself: what is promised afterwards is another promise.
    PromiseMissed {
        /// What was promised.
        promise: Promise,
        /// When it ended (UTC).
        due_at: DateTime<Utc>,
    },
    /// It was tied to the shop order that it fulfils.
    OrderLinked {
        /// The shop order.
        shop_order: ShopOrder,
        /// By what it was found.
        basis: LinkBasis,
    },
    /// The tie to a shop order was undone.
    OrderUnlinked {
        /// The shop order it was tied to.
        shop_order: ShopOrder,
        /// Why.
        reason: String,
    },
    /// Whose order it is became doubtful, or is doubtful for another reason now: it is shown to no tenant until
    /// that is settled.
    OrderWithheld {
        /// Why it is doubtful.
        reason: String,
    },
    /// The doubt was settled; its tenant sees it again.
    OrderReleased {},
    /// A person asked for the order to be cancelled. Nothing has been said to upstream yet.
    CancellationRequested {
        /// The id of this request.
        request_id: Uuid,
        /// Why, in the person's words, sealed.
        reason: Sealed,
        /// Who asked: `user:<id>` or `key:<id>`.
        requested_by: String,
    },
    /// Upstream cancelled the order for us.
    CancellationConfirmed {
        /// The request that this answers.
        request_id: Uuid,
    },
    /// The cancellation did not come to pass.
    CancellationRefused {
        /// The request that this answers.
        request_id: Uuid,
        /// Upstream's words, or ours.
        message: String,
    },
    /// A person wrote a comment for the warehouse. Nothing has been said to upstream yet.
    CommentRequested {
        /// The id of this request.
        request_id: Uuid,
        /// The text, sealed.
        comment: Sealed,
        /// Whether only the warehouse's own staff may see it.
        internal: bool,
        /// Who wrote it: `user:<id>` or `key:<id>`.
        requested_by: String,
    },
    /// The comment is in the warehouse's system.
    CommentPosted {
        /// The request that this answers.
        request_id: Uuid,
        /// Upstream's number of the comment, by which it is known in the thread; none where upstream did not say.
        comment_id: Option<i64>,
    },
    /// The comment was not taken.
    CommentRefused {
        /// The request that this answers.
        request_id: Uuid,
        /// Upstream's words, or ours.
        message: String,
    },
}
