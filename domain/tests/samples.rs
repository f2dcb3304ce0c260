//! One sample of every event, with every field filled. The golden payloads are these, as JSON.

use chrono::{DateTime, TimeZone, Utc};
use logistics_domain::OrderEvent;
use logistics_domain::order::facts::{
    Courier, DeliveryBasis, Details, Item, LinkBasis, OrderFacts, Parcels, Part, Sealed, Shipment, ShopOrder,
    Status, Tracking, TrackingEvent,
};
use logistics_domain::order::observation::Observed;
use logistics_domain::status::Promise;
use uuid::Uuid;

fn at(hour: u32, microsecond: u32) -> DateTime<Utc> {
    let whole = Utc.with_ymd_and_hms(2026, 2, 9, hour, 41, 8).unwrap();
    whole + chrono::TimeDelta::microseconds(microsecond.into())
}

fn observed() -> Observed {
    Observed {
        asked_at: at(14, 120_000),
        answered_at: at(14, 480_250),
        upstream_updated_at: Some(at(13, 996_542)),
        raw_sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned()),
    }
}

fn sealed(fingerprint: &str) -> Sealed {
    Sealed { fingerprint: fingerprint.to_owned(), sealed: "c2VhbGVkIGJ5dGVz".to_owned() }
}

fn picked() -> Status {
    Status { id: 17, name: "PICKED".to_owned(), external_name: None }
}

fn invoiced() -> Status {
    Status { id: 5, name: "INVOICED".to_owned(), external_name: Some("DESPATCHED".to_owned()) }
}

fn courier() -> Courier {
    Courier { service_id: Some(9), name: Some("Royal Mail Tracked 48".to_owned()) }
}

fn tracking() -> Tracking {
    Tracking { number: "RM123456785GB".to_owned(), url: Some("https://courier.example/track".to_owned()) }
}

fn parcels() -> Parcels {
    Parcels { count: Some(2), weight_grams: Some(1250) }
}

fn shipment() -> Shipment {
    Shipment {
        id: 5501,
        number: Some("RM123456785GB".to_owned()),
        courier_type: Some("RoyalMail".to_owned()),
        parcel_numbers: vec!["RM123456785GB".to_owned(), "RM123456799GB".to_owned()],
        shipped_at: Some(at(12, 0)),
        followed: true,
    }
}

fn item() -> Item {
    Item {
        id: Some(31),
        sku: Some("LADORE-SHAMPOO-530".to_owned()),
        quantity: 2,
        allocated: 1,
        on_back_order: 1,
    }
}

fn details() -> Details {
    Details {
        warehouse_id: Some(3),
        channel: Some("Shopify".to_owned()),
        currency: Some("GBP".to_owned()),
        total_hundredths: Some(4350),
        country: Some("GB".to_owned()),
        tags: vec!["gift".to_owned(), "vip".to_owned()],
        required_dispatch_at: Some(at(16, 0)),
        zone: Some("Europe/Madrid".to_owned()),
        merged: false,
    }
}

fn facts() -> OrderFacts {
    OrderFacts {
        number: "ladore-1001".to_owned(),
        external_reference: Some("#1001".to_owned()),
        client_id: Some(3),
        ordered_at: Some(at(8, 0)),
        part: Part { number: 1, of: 2 },
        status: Some(picked()),
        courier: Some(courier()),
        tracking: Some(tracking()),
        dispatched_at: Some(at(13, 0)),
        estimated_delivery: Some(at(23, 0)),
        parcels: parcels(),
        shipments: vec![shipment()],
        items: vec![item()],
        recipient: Some(sealed("recipient-1")),
        details: details(),
    }
}

fn scan() -> TrackingEvent {
    TrackingEvent {
        id: 900_001,
        shipment_id: Some(5501),
        status_id: Some(7),
        status: Some("OutForDelivery".to_owned()),
        description: Some("Your parcel is out for delivery".to_owned()),
        stage_code: Some("OFD".to_owned()),
        courier_event_id: Some("EVDAV".to_owned()),
        happened_at: Some(at(7, 500)),
        delivered: false,
    }
}

fn shop_order() -> ShopOrder {
    ShopOrder { order_id: 77, name: "#1001".to_owned() }
}

/// One of each event. A test holds the list against the names that can be read at all.
pub fn all() -> Vec<OrderEvent> {
    let mut samples = observed_samples();
    samples.extend(acted_samples());
    samples
}

fn observed_samples() -> Vec<OrderEvent> {
    let observed = observed();
    let o = || observed.clone();
    vec![
        OrderEvent::OrderDiscovered {
            account_id: Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0007),
            mintsoft_order_id: 2207,
            facts: Box::new(facts()),
            observed: o(),
        },
        OrderEvent::OrderRenumbered {
            number: "ladore-1001+ladore-1002".to_owned(),
            external_reference: Some("#1001".to_owned()),
            observed: o(),
        },
        OrderEvent::StatusChanged { from: Some(picked()), to: invoiced(), backward: false, observed: o() },
        OrderEvent::CourierAssigned { courier: Some(courier()), observed: o() },
        OrderEvent::TrackingNumberChanged { tracking: Some(tracking()), observed: o() },
        OrderEvent::OrderDispatched { dispatched_at: at(13, 0), observed: o() },
        OrderEvent::DispatchWithdrawn { observed: o() },
        OrderEvent::ParcelsChanged { parcels: parcels(), observed: o() },
        OrderEvent::ShipmentsChanged { shipments: vec![shipment()], observed: o() },
        OrderEvent::ItemsChanged { items: vec![item()], observed: o() },
        OrderEvent::RecipientChanged { recipient: Some(sealed("recipient-2")), observed: o() },
        OrderEvent::EstimatedDeliveryChanged { estimated_delivery: Some(at(23, 0)), observed: o() },
        OrderEvent::PartChanged { part: Part { number: 1, of: 2 }, observed: o() },
        OrderEvent::DetailsChanged {
            client_id: Some(3),
            ordered_at: Some(at(8, 0)),
            details: details(),
            observed: o(),
        },
        OrderEvent::PersonalDataErased {
            observed: Some(o()),
            reason: Some("The customer asked for it.".to_owned()),
        },
        OrderEvent::OrderVanished { observed: o() },
        OrderEvent::OrderReappeared { observed: o() },
        OrderEvent::TrackingEventRecorded { scan: scan(), observed: o() },
        OrderEvent::OrderDelivered {
            delivered_at: at(11, 0),
            basis: DeliveryBasis::TrackingEvent,
            observed: o(),
        },
    ]
}

fn acted_samples() -> Vec<OrderEvent> {
    let request_id = Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0042);
    let requested_by = || "user:12".to_owned();
    let message = || "The order is being packed.".to_owned();
    vec![
        OrderEvent::PromiseMissed { promise: Promise::Delivery, due_at: at(23, 0) },
        OrderEvent::OrderLinked { shop_order: shop_order(), basis: LinkBasis::OrderNumber },
        OrderEvent::OrderUnlinked {
            shop_order: shop_order(),
            reason: "It is another customer's.".to_owned(),
        },
        OrderEvent::OrderWithheld { reason: "The SKUs belong to another brand.".to_owned() },
        OrderEvent::OrderReleased {},
        OrderEvent::CancellationRequested {
            request_id,
            reason: sealed("reason-1"),
            requested_by: requested_by(),
        },
        OrderEvent::CancellationConfirmed { request_id },
        OrderEvent::CancellationRefused { request_id, message: message() },
        OrderEvent::CommentRequested {
            request_id,
            comment: sealed("comment-1"),
            internal: true,
            requested_by: requested_by(),
        },
        OrderEvent::CommentPosted { request_id, comment_id: Some(77_001) },
        OrderEvent::CommentRefused { request_id, message: message() },
    ]
}
