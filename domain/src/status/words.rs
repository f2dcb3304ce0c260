//! The words of the two axes, of who must act, of what needs attention and of the tabs of a list. Each has one
//! spelling, which columns, answers and documents share.

use serde::{Deserialize, Serialize};

/// An enum whose variants have one spelling each, and a meaning that is told in documents.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$default:meta])* $variant:ident = $word:literal, $meaning:literal;)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
        pub enum $name { $(#[doc = $meaning] $(#[$default])* $variant,)+ }

        impl $name {
            /// Every one, in the order of documents.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its spelling.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// What it means.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)+ }
            }
        }
    };
}

words! {
    /// Where the order is in the warehouse.
    WarehousePhase {
        #[default]
        Unknown = "unknown", "Mintsoft told no status, or one that the mapping does not know.";
        Received = "received", "The warehouse has it, and has not begun.";
        Waiting = "waiting", "It waits for somebody's word, payment or papers.";
        Preparing = "preparing", "It is being picked.";
        Packed = "packed", "It is packed and has not left.";
        Stopped = "stopped", "Something is wrong, and it does not go on by itself.";
        Dispatched = "dispatched", "The goods have left the warehouse.";
        Cancelled = "cancelled", "It was cancelled; Mintsoft can take that back.";
    }
}

words! {
    /// Where the goods are with the carrier: the tags of AfterShip, and what comes before any of them.
    CarrierPhase {
        #[default]
        None = "none", "No carrier has the goods, as far as is known.";
        Unknown = "unknown", "There are scans, and the mapping understands none of them.";
        Pending = "pending", "There is a tracking number, and the carrier has told nothing yet.";
        InfoReceived = "info_received", "The carrier knows of the parcel and has not got it.";
        InTransit = "in_transit", "The carrier has it.";
        OutForDelivery = "out_for_delivery", "It is on the way to the door, or a day was agreed.";
        AttemptFail = "attempt_failed", "A delivery was tried and failed; it is tried again or waits.";
        AvailableForPickup = "available_for_pickup", "It waits for the recipient to fetch it.";
        Delivered = "delivered", "The recipient has it.";
        Exception = "exception", "It was refused, is held, damaged, lost, delayed or goes back.";
        Expired = "expired", "The carrier has given up telling of it.";
    }
}

words! {
    /// Whose move it is.
    MustAct {
        #[default]
        Nobody = "nobody", "Nothing is left to do.";
        Warehouse = "warehouse", "The warehouse.";
        Brand = "brand", "The brand that sold the goods.";
        Carrier = "carrier", "The carrier.";
        Recipient = "recipient", "Whoever the goods go to.";
        Platform = "platform", "The people who run the platform: the data of the order or the mapping is at fault.";
    }
}

words! {
    /// Why an order needs attention: it does not go on by itself.
    Attention {
        #[default]
        OnHold = "on_hold", "The warehouse holds it back.";
        OrderFailed = "order_failed", "The warehouse's system could not take the order as it is.";
        OutOfStock = "out_of_stock", "Goods are missing; it waits for stock.";
        AwaitingConfirmation = "awaiting_confirmation", "It waits for the brand to confirm it.";
        AwaitingDocuments = "awaiting_documents", "It waits for papers.";
        AwaitingPayment = "awaiting_payment", "It waits for a payment.";
        AwaitingItem = "awaiting_item", "It waits for another item.";
        QueryRaised = "query_raised", "The warehouse has asked something.";
        FraudRisk = "fraud_risk", "It was marked as a risk of fraud.";
        PickingSkipped = "picking_skipped", "It was passed over while picking.";
        AwaitingReplenishment = "awaiting_replenishment", "The picking place is empty; goods must be brought to it.";
        CancelledAfterDispatch = "cancelled_after_dispatch", "It is cancelled, and yet the goods have left.";
        AttemptFailed = "delivery_attempt_failed", "The carrier could not deliver.";
        DeliveryProblem = "delivery_problem", "The carrier tells of a problem, and not of which.";
        RecipientMoved = "recipient_moved", "The recipient is no longer there.";
        DeliveryRefused = "delivery_refused", "The recipient refused it.";
        CustomsDelay = "customs_delay", "Customs hold it.";
        DeliveryDelayed = "delivery_delayed", "The carrier is late, and says so.";
        PaymentDue = "payment_due", "Duties or charges must be paid first.";
        AddressIncorrect = "address_incorrect", "The address is wrong or incomplete.";
        PickupMissed = "pickup_missed", "It was not fetched in time.";
        RejectedByCarrier = "rejected_by_carrier", "The carrier would not take it.";
        Returning = "returning", "It is on the way back.";
        Returned = "returned", "It is back.";
        Damaged = "damaged", "It is damaged.";
        Lost = "lost", "It is lost, or being looked for.";
        CarrierSilent = "carrier_silent", "The carrier has given up telling of it.";
        LateDispatch = "late_dispatch", "It should have left the warehouse by now.";
        LateDelivery = "late_delivery", "It should have arrived by now.";
        LateNews = "late_news", "Nothing was heard of it for long.";
    }
}

words! {
    /// The tab of a list that an order stands under. What needs attention is told beside it.
    Tab {
        #[default]
        InWarehouse = "in_warehouse", "Still in the warehouse.";
        OnTheWay = "on_the_way", "With the carrier.";
        Delivered = "delivered", "With the recipient.";
        Closed = "closed", "Cancelled, gone from Mintsoft, or back at the sender.";
    }
}

words! {
    /// The promise that `due_at` is the end of.
    #[derive(PartialOrd, Ord, Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    Promise {
        #[default]
        Dispatch = "dispatch", "To leave the warehouse.";
        Delivery = "delivery", "To be with the recipient.";
        News = "news", "To be heard of again.";
    }
}

impl Promise {
    /// Why an order needs attention that did not keep it.
    pub const fn missed(self) -> Attention {
        match self {
            Self::Dispatch => Attention::LateDispatch,
            Self::Delivery => Attention::LateDelivery,
            Self::News => Attention::LateNews,
        }
    }
}

impl CarrierPhase {
    /// AfterShip's tag, where it has one.
    pub const fn aftership_tag(self) -> Option<&'static str> {
        Some(match self {
            Self::None | Self::Unknown => return None,
            Self::Pending => "Pending",
            Self::InfoReceived => "InfoReceived",
            Self::InTransit => "InTransit",
            Self::OutForDelivery => "OutForDelivery",
            Self::AttemptFail => "AttemptFail",
            Self::AvailableForPickup => "AvailableForPickup",
            Self::Delivered => "Delivered",
            Self::Exception => "Exception",
            Self::Expired => "Expired",
        })
    }

    /// Whether the carrier has, or had, the goods in its hands.
    pub const fn proves_handover(self) -> bool {
        matches!(
            self,
            Self::InTransit
                | Self::OutForDelivery
                | Self::AttemptFail
                | Self::AvailableForPickup
                | Self::Delivered
                | Self::Exception
                | Self::Expired
        )
    }
}
