//! All rows that are not the order: statuses, couriers, comments, documents, shipments, scans, actions, splits,
//! clients and results. Absent: any choice of which rows to give (`http`).

use serde::Serialize;

use super::{Lens, OrderRow};
use crate::sandbox::order::{ActionRow, Document, Note, Order, Shipment, SplitRow};
use crate::sandbox::reference::{Courier, StatusRow};
use crate::sandbox::tracking::TrackingEvent;

/// What almost every row ends with.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Tail<'a> {
    #[serde(rename = "ID")]
    id: i64,
    last_updated: String,
    last_updated_by_user: Option<&'a str>,
}

impl<'a> Tail<'a> {
    pub fn of(id: i64, last_updated: String, by: Option<&'a str>) -> Self {
        Self { id, last_updated, last_updated_by_user: by }
    }

    /// The tail of a reference row that upstream wrote itself, long ago.
    pub fn fixed(id: i32, last_updated: &str) -> Self {
        Self::of(i64::from(id), last_updated.to_owned(), Some("SYSTEM"))
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct StatusJson {
    name: &'static str,
    external_name: &'static str,
    #[serde(flatten)]
    tail: Tail<'static>,
}

impl StatusJson {
    pub fn of(row: &'static StatusRow) -> Self {
        let tail = Tail::fixed(row.id, row.last_updated);
        Self { name: row.name, external_name: row.external_name, tail }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CourierJson {
    courier_service_type_id: i32,
    name: &'static str,
    #[serde(rename = "TrackingURL")]
    tracking_url: &'static str,
    active_b: bool,
    #[serde(flatten)]
    tail: Tail<'static>,
}

impl CourierJson {
    pub fn of(row: &'static Courier) -> Self {
        Self {
            courier_service_type_id: row.type_id,
            name: row.name,
            tracking_url: row.generic,
            active_b: row.active,
            tail: Tail::of(i64::from(row.id), row.last_updated.to_owned(), row.by),
        }
    }
}

#[derive(Serialize)]
pub struct EnumPair {
    #[serde(rename = "ID")]
    pub id: i32,
    #[serde(rename = "Name")]
    pub name: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ClientJson<'a> {
    short_name: &'a str,
    name: &'a str,
    code: &'a str,
    brand_name: &'a str,
    contact_name: Option<&'static str>,
    country_id: i32,
    currency_id: i32,
    active: &'static str,
    on_stop: bool,
    #[serde(flatten)]
    tail: Tail<'static>,
}

impl<'a> ClientJson<'a> {
    pub fn of(id: i64, name: &'a str) -> Self {
        let tail = Tail::of(id, "2024-03-11T09:00:00".to_owned(), Some("SYSTEM"));
        Self {
            short_name: name,
            name,
            code: name,
            brand_name: name,
            contact_name: None,
            country_id: 1,
            currency_id: 1,
            active: "true",
            on_stop: false,
            tail,
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct CommentJson<'a> {
    order_id: i64,
    order_status_id: i32,
    comment: &'a str,
    #[serde(flatten)]
    tail: Tail<'a>,
}

impl<'a> CommentJson<'a> {
    pub fn of(order_id: i64, note: &'a Note, lens: Lens) -> Self {
        let tail = Tail::of(note.id, lens.date(note.at), Some(&note.by));
        Self { order_id, order_status_id: note.status, comment: &note.text, tail }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "upstream's row has them")]
pub struct DocumentJson<'a> {
    order_id: i64,
    order_document_type_id: i32,
    file_name: &'a str,
    comments: Option<&'static str>,
    content_type: &'static str,
    paper_size: &'static str,
    print_with_order: bool,
    printed: bool,
    scanned: bool,
    dangerous_file: bool,
    date_detected: (),
    base64_data: Option<String>,
    #[serde(flatten)]
    tail: Tail<'a>,
}

impl<'a> DocumentJson<'a> {
    pub fn of(order_id: i64, row: &'a Document, lens: Lens, base64_data: Option<String>) -> Self {
        Self {
            order_id,
            order_document_type_id: row.type_id,
            file_name: &row.file_name,
            comments: lens.none(row.id, 1),
            content_type: "application/pdf",
            paper_size: row.paper,
            print_with_order: true,
            printed: row.type_id == 5,
            scanned: false,
            dangerous_file: row.type_id == 8,
            date_detected: (),
            base64_data,
            tail: Tail::of(row.id, lens.date(row.at), Some(&row.by)),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(clippy::struct_excessive_bools, reason = "upstream's row has them")]
pub struct ShipmentJson<'a> {
    order_id: i64,
    order_document_id: Option<i64>,
    dangerous_document_id: (),
    courier_type: &'a str,
    account_id: i64,
    number: &'a str,
    extra_bool1: bool,
    extra_bool2: bool,
    extra_int1: i32,
    extra_int2: i32,
    extra_string1: Option<&'static str>,
    extra_string2: Option<&'static str>,
    commercial_invoice_id: (),
    return_label_id: (),
    return_label_barcode: Option<&'static str>,
    download_tracking_events: bool,
    requires_manifesting: bool,
    manifested: bool,
    shipment_date: String,
    #[serde(rename = "LabelURL")]
    label_url: Option<&'static str>,
    parcel_numbers: &'a [String],
    #[serde(flatten)]
    tail: Tail<'a>,
}

impl<'a> ShipmentJson<'a> {
    pub fn of(row: &'a Shipment, lens: Lens) -> Self {
        Self {
            order_id: row.order_id,
            order_document_id: row.document_id,
            dangerous_document_id: (),
            courier_type: &row.courier_type,
            account_id: 4,
            number: &row.number,
            extra_bool1: false,
            extra_bool2: false,
            extra_int1: 0,
            extra_int2: 0,
            extra_string1: lens.none(row.id, 1),
            extra_string2: lens.none(row.id, 2),
            commercial_invoice_id: (),
            return_label_id: (),
            return_label_barcode: lens.none(row.id, 3),
            download_tracking_events: row.download_tracking_events,
            requires_manifesting: false,
            manifested: false,
            shipment_date: lens.date(row.at),
            label_url: lens.none(row.id, 4),
            parcel_numbers: &row.parcel_numbers,
            tail: Tail::of(row.id, lens.date(row.at), Some(&row.by)),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct TrackingEventJson<'a> {
    order_shipment_id: i64,
    order_shipment: Option<ShipmentJson<'a>>,
    tracking_status_id: i32,
    courier_customer_description: &'a str,
    courier_external_description: Option<&'a str>,
    courier_tracking_stage_code: Option<&'static str>,
    courier_tracking_event_id: String,
    courier_time_stamp: String,
    #[serde(flatten)]
    tail: Tail<'static>,
}

impl<'a> TrackingEventJson<'a> {
    /// One row in eleven lacks its nested shipment, which upstream does not promise.
    pub fn of(row: &'a TrackingEvent, lens: Lens) -> Self {
        let nested = (row.id % 11 != 0).then(|| ShipmentJson::of(&row.shipment, lens));
        Self {
            order_shipment_id: row.shipment.id,
            order_shipment: nested,
            tracking_status_id: row.status_id,
            courier_customer_description: &row.text,
            courier_external_description: lens.text(row.external_text.as_deref(), row.id, 1),
            courier_tracking_stage_code: row.stage,
            courier_tracking_event_id: (row.id % 90_000 + 10_000).to_string(),
            courier_time_stamp: lens.date(row.courier_time),
            tail: Tail::of(row.id, lens.date(row.last_updated), Some("SYSTEM")),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ActionJson<'a> {
    order_id: i64,
    r#type: &'a str,
    source_order_id: &'a str,
    complete: bool,
    account_id: i64,
    extra_code1: Option<&'a str>,
    extra_code2: Option<&'a str>,
    extra_code3: Option<&'a str>,
    extra_code4: Option<&'a str>,
    extra_code5: Option<&'a str>,
    extra_flag1: bool,
    extra_flag2: bool,
    messages: Option<&'a str>,
    extra_date1: (),
    #[serde(flatten)]
    tail: Tail<'a>,
}

impl<'a> ActionJson<'a> {
    pub fn of(order_id: i64, row: &'a ActionRow, lens: Lens) -> Self {
        let action = &row.action;
        Self {
            order_id,
            r#type: &action.kind,
            source_order_id: &action.source_order_id,
            complete: action.complete,
            account_id: 0,
            extra_code1: lens.text(action.despatched_url.as_deref(), row.id, 1),
            extra_code2: lens.text(action.cancelled_url.as_deref(), row.id, 2),
            extra_code3: lens.text(action.delivered_url.as_deref(), row.id, 3),
            extra_code4: lens.text(action.authorization.as_deref(), row.id, 4),
            extra_code5: lens.text(action.split_url.as_deref(), row.id, 5),
            extra_flag1: false,
            extra_flag2: false,
            messages: action.messages.as_deref(),
            extra_date1: (),
            tail: Tail::of(row.id, lens.date(row.at), Some(&row.by)),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct SplitJson<'a> {
    order_id: i64,
    order: Option<OrderRow<'a>>,
    split_order_id: i64,
    split_order: Option<OrderRow<'a>>,
    #[serde(flatten)]
    tail: Tail<'a>,
}

impl<'a> SplitJson<'a> {
    pub fn of(row: &'a SplitRow, whole: Option<&'a Order>, part: Option<&'a Order>, lens: Lens) -> Self {
        Self {
            order_id: row.order_id,
            order: whole.map(|order| OrderRow::of(order, lens, false)),
            split_order_id: row.split_order_id,
            split_order: part.map(|order| OrderRow::of(order, lens, false)),
            tail: Tail::of(row.id, lens.date(row.at), Some(&row.by)),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ToolkitResult {
    #[serde(rename = "ID")]
    id: i64,
    success: bool,
    sensitive_data: (),
    message: Option<String>,
    warning_message: (),
    allocated_from_replen: bool,
}

impl ToolkitResult {
    pub fn done(id: i64) -> Self {
        Self {
            id,
            success: true,
            sensitive_data: (),
            message: None,
            warning_message: (),
            allocated_from_replen: false,
        }
    }

    pub fn refused(message: impl Into<String>) -> Self {
        Self { success: false, message: Some(message.into()), ..Self::done(0) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct NewOrderResult {
    pub order_id: i64,
    pub drop_ship_order_id: i64,
    pub order_number: Option<String>,
    pub success: bool,
    pub order_status_id: i32,
    pub order_status: Option<&'static str>,
    pub message: String,
    pub order_items: Option<Vec<NewOrderResultItem>>,
}

#[derive(Serialize)]
pub struct NewOrderResultItem {
    #[serde(rename = "SKU")]
    pub sku: String,
    #[serde(rename = "ID")]
    pub id: i64,
}
