//! Events to test the folds with: one of every kind, its content chosen by a number. Tests only.

use chrono::{DateTime, Utc};
use logistics_domain::order::Observed;
use logistics_domain::order::facts::{
    Courier, DeliveryBasis, Details, Item, LinkBasis, OrderFacts, Parcels, Part, Sealed, Shipment, ShopOrder,
    Status, Tracking, TrackingEvent,
};
use logistics_domain::status::Promise;
use logistics_domain::{AccountId, OrderEvent, OrderStreamId, Source, TenantId};
use uuid::Uuid;

use crate::event_place::EventPlace;
use crate::recipients::Recipient;

/// How many kinds of events there are; [`event`] makes each.
pub(crate) const KINDS: u8 = 30;

pub(crate) const ACCOUNT: AccountId = AccountId(Uuid::from_u128(7));
pub(crate) const MINTSOFT_ORDER_ID: i64 = 2207;

pub(crate) fn instant(seconds: u8) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000 + i64::from(seconds), 0).expect("the instant is in range")
}

pub(crate) fn place(sequence: i64, seconds: u8) -> EventPlace {
    EventPlace {
        tenant: TenantId(3),
        stream: OrderStreamId::derive(ACCOUNT, MINTSOFT_ORDER_ID),
        sequence,
        observed_at: instant(seconds),
        source: if seconds.is_multiple_of(2) { Source::Poll } else { Source::Refresh },
    }
}

pub(crate) fn observed(seconds: u8) -> Observed {
    Observed {
        asked_at: instant(seconds),
        answered_at: instant(seconds),
        upstream_updated_at: None,
        raw_sha256: None,
    }
}

pub(crate) fn sealed(seed: u8) -> Sealed {
    Sealed { fingerprint: format!("f{seed}"), sealed: format!("s{seed}") }
}

pub(crate) fn recipient(seed: u8) -> Recipient {
    Recipient {
        name: Some(format!("Rosa {seed}")),
        email: Some("rosa@example.com".into()),
        ..Recipient::default()
    }
}

pub(crate) fn facts(seed: u8) -> OrderFacts {
    OrderFacts {
        number: format!("ladore-{seed}"),
        external_reference: Some(format!("R{seed}")),
        client_id: Some(3),
        ordered_at: Some(instant(seed)),
        part: Part { number: 1, of: 1 + i32::from(seed) },
        status: Some(status(seed)),
        courier: Some(Courier { service_id: Some(i64::from(seed)), name: Some(format!("Courier {seed}")) }),
        tracking: (!seed.is_multiple_of(3)).then(|| tracking(seed)),
        dispatched_at: None,
        estimated_delivery: Some(instant(seed)),
        parcels: Parcels { count: Some(1), weight_grams: Some(1250) },
        shipments: vec![],
        items: vec![item(seed)],
        recipient: seed.is_multiple_of(2).then(|| sealed(seed)),
        details: details(seed),
    }
}

fn status(seed: u8) -> Status {
    Status { id: i32::from(seed), name: format!("STATUS {seed}"), external_name: None }
}

fn tracking(seed: u8) -> Tracking {
    Tracking { number: format!("TN{seed}"), url: Some(format!("https://courier.example/{seed}")) }
}

fn item(seed: u8) -> Item {
    Item { id: None, sku: Some(format!("LADORE_{seed}")), quantity: 1, allocated: 0, on_back_order: 0 }
}

fn details(seed: u8) -> Details {
    Details { warehouse_id: Some(i64::from(seed)), ..Details::default() }
}

pub(crate) fn scan(seed: u8) -> TrackingEvent {
    TrackingEvent {
        id: i64::from(seed),
        shipment_id: None,
        status_id: None,
        status: Some("InTransit".into()),
        description: Some(format!("Left depot {seed}")),
        stage_code: None,
        courier_event_id: None,
        happened_at: Some(instant(seed)),
        delivered: false,
    }
}

fn shop_order(seed: u8) -> ShopOrder {
    ShopOrder { order_id: i64::from(seed), name: format!("#{seed}") }
}

fn request_id(seed: u8) -> Uuid {
    Uuid::from_u128(u128::from(seed % 3))
}

/// The event of the kind (below [`KINDS`]) with content chosen by the seed.
pub(crate) fn event(kind: u8, seed: u8) -> OrderEvent {
    let observed = observed(seed);
    let present = !seed.is_multiple_of(3);
    match kind {
        0 => OrderEvent::OrderDiscovered {
            account_id: ACCOUNT.0,
            mintsoft_order_id: MINTSOFT_ORDER_ID,
            facts: Box::new(facts(seed)),
            observed,
        },
        1 => OrderEvent::OrderRenumbered {
            number: format!("ladore-x{seed}"),
            external_reference: present.then(|| format!("X{seed}")),
            observed,
        },
        2 => OrderEvent::StatusChanged { from: None, to: status(seed), backward: false, observed },
        3 => OrderEvent::CourierAssigned {
            courier: present.then(|| Courier { service_id: None, name: Some(format!("C{seed}")) }),
            observed,
        },
        4 => OrderEvent::TrackingNumberChanged { tracking: present.then(|| tracking(seed)), observed },
        5 => OrderEvent::OrderDispatched { dispatched_at: instant(seed), observed },
        6 => OrderEvent::DispatchWithdrawn { observed },
        7 => OrderEvent::ParcelsChanged {
            parcels: Parcels { count: Some(i32::from(seed)), weight_grams: present.then_some(7) },
            observed,
        },
        8 => OrderEvent::ShipmentsChanged {
            shipments: vec![Shipment {
                id: i64::from(seed),
                number: None,
                courier_type: None,
                parcel_numbers: vec![],
                shipped_at: None,
                followed: present,
            }],
            observed,
        },
        9 => OrderEvent::ItemsChanged { items: vec![item(seed), item(seed)], observed },
        10 => OrderEvent::RecipientChanged { recipient: present.then(|| sealed(seed)), observed },
        11 => OrderEvent::EstimatedDeliveryChanged {
            estimated_delivery: present.then(|| instant(seed)),
            observed,
        },
        12 => OrderEvent::PartChanged { part: Part { number: 2, of: 2 + i32::from(seed) }, observed },
        13 => OrderEvent::DetailsChanged {
            client_id: present.then_some(9),
            ordered_at: present.then(|| instant(seed)),
            details: details(seed),
            observed,
        },
        14 => OrderEvent::PersonalDataErased { observed: Some(observed), reason: None },
        15 => OrderEvent::OrderVanished { observed },
        16 => OrderEvent::OrderReappeared { observed },
        17 => OrderEvent::TrackingEventRecorded { scan: scan(seed), observed },
        18 => OrderEvent::OrderDelivered {
            delivered_at: instant(seed),
            basis: DeliveryBasis::TrackingEvent,
            observed,
        },
        19 => OrderEvent::OrderLinked { shop_order: shop_order(seed), basis: LinkBasis::Name },
        20 => OrderEvent::OrderUnlinked { shop_order: shop_order(seed), reason: "mistaken".into() },
        21 => OrderEvent::OrderWithheld { reason: format!("doubt {seed}") },
        22 => OrderEvent::OrderReleased {},
        23 => OrderEvent::CancellationRequested {
            request_id: request_id(seed),
            reason: sealed(seed),
            requested_by: format!("user:{seed}"),
        },
        24 => OrderEvent::CancellationConfirmed { request_id: request_id(seed) },
        25 => OrderEvent::CancellationRefused { request_id: request_id(seed), message: format!("no {seed}") },
        26 => OrderEvent::CommentRequested {
            request_id: request_id(seed),
            comment: sealed(seed),
            internal: seed.is_multiple_of(2),
            requested_by: "user:1".into(),
        },
        27 => OrderEvent::CommentPosted { request_id: request_id(seed), comment_id: Some(i64::from(seed)) },
        28 => {
            OrderEvent::PromiseMissed { promise: Promise::ALL[usize::from(seed % 3)], due_at: instant(seed) }
        }
        _ => OrderEvent::CommentRefused { request_id: request_id(seed), message: "no".into() },
    }
}
