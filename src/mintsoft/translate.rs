//! From Mintsoft's rows to the ledger's own words: zoned to UTC, trimmed, named. Pure; sealing comes later, with the
//! order's key. Absent: whose order it is, and whether the reading is news.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use logistics_domain::order::facts::{
    Courier, Details, Item, Parcels, Part, Shipment, Status, Tracking, TrackingEvent,
};
use logistics_domain::order::observation::{Snapshot, Told};
use logistics_domain::order::status::{says_dispatched, unnamed};
use logistics_domain::status::{CURRENT, CarrierPhase, ScanText, WarehouseClock};
use logistics_projections::recipients::Recipient;

use super::wall_clock;
use super::wire;

/// The name value that marks the survivor of a merge.
const MERGED_MARK: &str = "MergedOrder";

/// Upstream's lists that give numbers their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Order statuses: the name, and the name shown to clients.
    pub order_statuses: BTreeMap<i64, (String, Option<String>)>,
    /// Tracking statuses.
    pub tracking_statuses: BTreeMap<i64, String>,
    /// Courier services.
    pub courier_services: BTreeMap<i64, String>,
}

/// How much a read says: list and search rows leave out what a read of one order has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Completeness {
    /// A row of a list or a search: an absent value says nothing.
    Row,
    /// The order itself: an absent value means that there is none.
    Whole,
}

/// What one row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Mintsoft's id of the order.
    pub mintsoft_order_id: i64,
    /// The order as the row shows it; its recipient is still beside it, in the clear.
    pub snapshot: Snapshot,
    /// The recipient, in the clear.
    pub recipient: Option<Recipient>,
    /// Upstream's last change of the row (UTC).
    pub upstream_updated_at: Option<DateTime<Utc>>,
    /// The row lacks what a whole read has (status, part, or what a dispatched order should show), so that the order
    /// should be read by its id.
    pub incomplete: bool,
}

/// Translates an order. Dates that cannot be read count as not told.
pub fn order(row: &wire::Order, completeness: Completeness, names: &Names, zone: Tz) -> Reading {
    let date = |text: &Option<String>| instant(text.as_deref(), zone);
    let told = |value| tell(completeness, value);
    let status = row.order_status_id.and_then(|id| status(id, names));
    let courier = courier(row, names);
    let tracking =
        row.tracking_number.clone().map(|number| Tracking { number, url: row.tracking_url.clone() });
    let dispatched_at = date(&row.despatch_date);
    let removed = row.pii_removed.unwrap_or(false);
    let lacks_dispatch = status.as_ref().is_some_and(says_dispatched)
        && (courier.is_none() || tracking.is_none() || dispatched_at.is_none());
    let incomplete = completeness == Completeness::Row
        && (status.is_none()
            || row.number_of_parts.is_none()
            || row.order_number.is_none()
            || lacks_dispatch);
    Reading {
        mintsoft_order_id: row.id,
        upstream_updated_at: date(&row.last_updated),
        recipient: if removed { None } else { recipient(row) },
        incomplete,
        snapshot: Snapshot {
            number: row.order_number.clone().unwrap_or_default(),
            external_reference: row.external_order_reference.clone(),
            client_id: row.client_id,
            ordered_at: date(&row.order_date),
            part: tell(completeness, part(row)),
            // Every order has a status: a read without one has left it out.
            status: Told::perhaps(status),
            courier: tell(completeness, courier),
            tracking: tell(completeness, tracking),
            dispatched_at: told(dispatched_at),
            estimated_delivery: told(date(&row.required_delivery_date)),
            parcels: tell(completeness, parcels(row)),
            shipments: Told::Silent,
            items: Told::perhaps(row.order_items.as_deref().map(items)),
            recipient: Told::Silent,
            details: details(row, zone),
            personal_data_removed: removed,
        },
    }
}

/// Translates the consignments of an order.
pub fn shipments(rows: &[wire::OrderShipment], zone: Tz) -> Vec<Shipment> {
    let mut shipments: Vec<Shipment> = rows
        .iter()
        .map(|row| Shipment {
            id: row.id,
            number: row.number.clone(),
            courier_type: row.courier_type.clone(),
            parcel_numbers: row.parcel_numbers.clone(),
            shipped_at: instant(row.shipment_date.as_deref(), zone),
            followed: row.download_tracking_events.unwrap_or(false),
        })
        .collect();
    shipments.sort_by_key(|shipment| shipment.id);
    shipments
}

/// Translates a courier's scan. The courier's own time has no stated zone; the account's is taken.
pub fn scan(row: &wire::TrackingEvent, names: &Names, zone: Tz) -> TrackingEvent {
    let status = row.tracking_status_id.and_then(|id| names.tracking_statuses.get(&id).cloned());
    let mut scan = TrackingEvent {
        id: row.id,
        shipment_id: row.order_shipment_id,
        status_id: row.tracking_status_id,
        delivered: false,
        status,
        description: row.customer_description.clone().or_else(|| row.external_description.clone()),
        stage_code: row.stage_code.clone(),
        courier_event_id: row.courier_event_id.clone(),
        happened_at: instant(row.courier_time.as_deref(), zone),
    };
    // Upstream's numbers of tracking statuses differ by tenant; what proves a delivery is the words.
    let class = CURRENT.scan_class(ScanText::of(&scan, None));
    scan.delivered = class.is_some_and(|class| class.phase == CarrierPhase::Delivered);
    scan
}

fn tell<T>(completeness: Completeness, value: Option<T>) -> Told<T> {
    match completeness {
        Completeness::Row => Told::perhaps(value),
        Completeness::Whole => Told::always(value),
    }
}

/// A date that upstream writes in a form nobody knows is no date; the row's bytes keep it.
fn instant(text: Option<&str>, zone: Tz) -> Option<DateTime<Utc>> {
    text.and_then(|text| wall_clock::read(text, zone).ok().flatten())
}

fn small(number: Option<i64>) -> Option<i32> {
    number.and_then(|number| i32::try_from(number).ok())
}

/// New statuses appear over time; one that the list does not have yet is shown by its number.
fn status(id: i64, names: &Names) -> Option<Status> {
    let number = i32::try_from(id).ok()?;
    let Some((name, external_name)) = names.order_statuses.get(&id).cloned() else {
        return Some(unnamed(number));
    };
    let external_name = external_name.filter(|external| *external != name);
    Some(Status { id: number, name, external_name })
}

fn part(row: &wire::Order) -> Option<Part> {
    let of = small(row.number_of_parts).filter(|parts| *parts >= 1)?;
    Some(Part { number: small(row.part).filter(|part| *part >= 1).unwrap_or(1), of })
}

fn parcels(row: &wire::Order) -> Option<Parcels> {
    let count = small(row.number_of_parcels);
    let weight_grams = row.total_weight.and_then(wire::Decimal::grams);
    (count.is_some() || weight_grams.is_some()).then_some(Parcels { count, weight_grams })
}

fn courier(row: &wire::Order, names: &Names) -> Option<Courier> {
    let service_id = row.courier_service_id.filter(|id| *id > 0);
    let listed = || service_id.and_then(|id| names.courier_services.get(&id).cloned());
    let name = row.courier_service_name.clone().or_else(listed);
    (service_id.is_some() || name.is_some()).then_some(Courier { service_id, name })
}

fn items(rows: &[wire::OrderItem]) -> Vec<Item> {
    let mut items: Vec<Item> = rows
        .iter()
        .map(|row| Item {
            id: Some(row.id),
            sku: row.sku.clone(),
            quantity: row.quantity.unwrap_or_default(),
            allocated: row.allocated.unwrap_or_default(),
            on_back_order: row.on_back_order.unwrap_or_default(),
        })
        .collect();
    // Upstream's order of lines is not promised; a stable one keeps a mere reordering from being news.
    items.sort_by_key(|item| item.id);
    items
}

fn details(row: &wire::Order, zone: Tz) -> Details {
    let listed = |text: &str| {
        text.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect()
    };
    Details {
        warehouse_id: row.warehouse_id,
        channel: row.channel.as_ref().and_then(|channel| channel.name.clone()),
        currency: row.currency.as_ref().and_then(|currency| currency.code.clone()),
        total_hundredths: row.total_order_gross.and_then(wire::Decimal::minor_units),
        country: row.country.as_ref().and_then(|country| country.code.clone()),
        tags: row.tags.as_deref().map(listed).unwrap_or_default(),
        required_dispatch_at: instant(row.required_despatch_date.as_deref(), zone),
        zone: WarehouseClock::name_of(zone),
        merged: is_merged(row),
    }
}

fn is_merged(row: &wire::Order) -> bool {
    let says_merged = |fact: &wire::NameValue| {
        fact.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(MERGED_MARK))
            && fact.value.as_deref().is_some_and(|value| value.eq_ignore_ascii_case("true"))
    };
    row.order_name_values.as_deref().is_some_and(|facts| facts.iter().any(says_merged))
}

/// Whom it goes to; none when the row tells nothing personal at all.
fn recipient(row: &wire::Order) -> Option<Recipient> {
    let name: Vec<&str> =
        [&row.title, &row.first_name, &row.last_name].into_iter().filter_map(Option::as_deref).collect();
    let recipient = Recipient {
        name: (!name.is_empty()).then(|| name.join(" ")),
        company: row.company_name.clone(),
        address_lines: [&row.address1, &row.address2, &row.address3]
            .into_iter()
            .filter_map(Clone::clone)
            .collect(),
        town: row.town.clone(),
        county: row.county.clone(),
        post_code: row.post_code.clone(),
        country: row.country.as_ref().and_then(|country| country.name.clone()),
        phone: row.phone.clone(),
        mobile: row.mobile.clone(),
        email: row.email.clone(),
        delivery_notes: row.delivery_notes.clone(),
        comments: row.comments.clone(),
    };
    (recipient != Recipient::default()).then_some(recipient)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mintsoft::wall_clock::DEFAULT_ZONE;

    fn names() -> Names {
        let status = |name: &str, external: &str| (name.to_owned(), Some(external.to_owned()));
        Names {
            order_statuses: [(1, status("NEW", "NEW")), (5, status("INVOICED", "DESPATCHED"))].into(),
            tracking_statuses: [(3, "OutForDelivery".to_owned()), (4, "Delivered".to_owned())].into(),
            courier_services: [(2548, "Parcel Next Day".to_owned())].into(),
        }
    }

    fn read(json: &str, completeness: Completeness) -> Reading {
        let row = wire::Row::<wire::Order>::read_str(json).unwrap().parsed.unwrap();
        order(&row, completeness, &names(), DEFAULT_ZONE)
    }

    const INVOICED: &str = r#"{"ClientId":3,"OrderNumber":"ladore-1001","OrderDate":"2026-07-09T14:41:08.9965421",
        "DespatchDate":"2026-07-10T16:02:11.42","Title":"","FirstName":"Ada","LastName":"Example","Address2":"",
        "Town":"Leeds","Country":{"Name":"UNITED KINGDOM","Code":"GB"},"OrderStatusId":5,"NumberOfParcels":2,
        "TotalWeight":0.5,"Part":1,"NumberOfParts":2,"CourierServiceId":2548,"CourierServiceName":null,
        "TrackingNumber":"JD01","TrackingURL":"https://track.example/?n=JD01","TotalOrderGross":20.0,
        "Currency":{"Code":"PEN"},"Tags":"gift, ,fragile","PIIRemoved":false,"OrderItems":[
        {"ID":9,"SKU":"LADORE_B","Quantity":1,"Allocated":1},{"ID":8,"SKU":" ","Quantity":2,"OnBackOrder":2}],
        "OrderNameValues":[{"Name":"mergedorder","Value":"True"}],"ID":2207,"LastUpdated":"2026-07-10T16:02:12"}"#;

    #[test]
    fn an_order_is_zoned_named_and_counted_in_whole_units() {
        let reading = read(INVOICED, Completeness::Whole);
        let snapshot = &reading.snapshot;
        assert_eq!(reading.mintsoft_order_id, 2207);
        assert_eq!(snapshot.ordered_at.unwrap().to_rfc3339(), "2026-07-09T13:41:08.996542+00:00");
        let status = Status { id: 5, name: "INVOICED".into(), external_name: Some("DESPATCHED".into()) };
        assert_eq!(snapshot.status, Told::Is(status));
        let courier = Courier { service_id: Some(2548), name: Some("Parcel Next Day".into()) };
        assert_eq!(snapshot.courier, Told::Is(courier));
        assert_eq!(snapshot.parcels, Told::Is(Parcels { count: Some(2), weight_grams: Some(500) }));
        assert_eq!(snapshot.part, Told::Is(Part { number: 1, of: 2 }));
        assert_eq!(snapshot.details.total_hundredths, Some(2000));
        assert_eq!(snapshot.details.tags, ["gift", "fragile"]);
        assert!(snapshot.details.merged);
        let Told::Is(items) = &snapshot.items else { panic!("items were told") };
        assert_eq!(
            items.iter().map(|item| (item.id, item.sku.as_deref())).collect::<Vec<_>>(),
            [(Some(8), None), (Some(9), Some("LADORE_B"))]
        );
        let recipient = reading.recipient.unwrap();
        assert_eq!(
            (recipient.name.as_deref(), recipient.town.as_deref()),
            (Some("Ada Example"), Some("Leeds"))
        );
        assert!(!reading.incomplete);
    }

    #[test]
    fn what_a_list_row_leaves_out_is_not_told_and_what_a_whole_read_leaves_out_is_none() {
        let bare =
            r#"{"ID":7,"OrderNumber":"ladore-1","OrderStatusId":1,"NumberOfParts":1,"OrderItems":null}"#;
        let row = read(bare, Completeness::Row);
        assert_eq!((&row.snapshot.courier, &row.snapshot.tracking), (&Told::Silent, &Told::Silent));
        assert_eq!((&row.snapshot.items, row.incomplete), (&Told::Silent, false));
        let whole = read(bare, Completeness::Whole).snapshot;
        assert_eq!(
            (whole.courier, whole.tracking, whole.dispatched_at),
            (Told::Nothing, Told::Nothing, Told::Nothing)
        );
    }

    #[test]
    fn a_dispatched_row_that_lacks_what_dispatch_brings_is_to_be_read_whole() {
        let row = r#"{"ID":7,"OrderNumber":"ladore-1","OrderStatusId":5,"NumberOfParts":1,"TrackingNumber":"JD01"}"#;
        assert!(read(row, Completeness::Row).incomplete);
        assert!(!read(row, Completeness::Whole).incomplete);
        assert!(read(r#"{"ID":7,"OrderNumber":"ladore-1","NumberOfParts":1}"#, Completeness::Row).incomplete);
    }

    #[test]
    fn a_generic_tracking_page_without_a_number_is_nothing() {
        let row = r#"{"ID":7,"OrderNumber":"x","OrderStatusId":5,"TrackingNumber":"","TrackingURL":"https://courier.example"}"#;
        assert_eq!(read(row, Completeness::Whole).snapshot.tracking, Told::Nothing);
    }

    #[test]
    fn an_unknown_status_is_shown_by_its_number() {
        let snapshot = read(r#"{"ID":7,"OrderNumber":"x","OrderStatusId":24}"#, Completeness::Whole).snapshot;
        assert_eq!(
            snapshot.status,
            Told::Is(Status { id: 24, name: "STATUS 24".into(), external_name: None })
        );
    }

    #[test]
    fn an_erased_order_brings_no_recipient() {
        let reading =
            read(r#"{"ID":7,"OrderNumber":"x","PIIRemoved":true,"FirstName":"Ada"}"#, Completeness::Whole);
        assert!(reading.snapshot.personal_data_removed);
        assert_eq!(reading.recipient, None);
    }

    #[test]
    fn a_scan_is_a_delivery_by_the_name_of_its_status_whatever_its_case() {
        let scan_of = |status: i64| {
            let json = format!(
                r#"{{"ID":9001,"OrderShipmentId":431,"TrackingStatusId":{status},"CourierCustomerDescription":"",
                    "CourierExternalDescription":"On vehicle","CourierTimeStamp":"2026-02-11T07:12:00"}}"#
            );
            let row = wire::Row::<wire::TrackingEvent>::read_str(&json).unwrap().parsed.unwrap();
            scan(&row, &names(), DEFAULT_ZONE)
        };
        assert!(scan_of(4).delivered);
        assert!(!scan_of(3).delivered);
        assert!(!scan_of(99).delivered);
        assert_eq!(scan_of(3).description.as_deref(), Some("On vehicle"));
    }
}
