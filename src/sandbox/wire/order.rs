//! The order row: some eighty fields in the order of a live dump. Absent: status name and delivered date,
//! which upstream does not have either.

use serde::Serialize;

use super::item::{OrderItemRow, cents};
use super::{Lens, rows};
use crate::sandbox::order::{NameValue, Order};
use crate::sandbox::reference::{self, CountryRow, CurrencyRow};

/// An order as Order/List, Order/Search and Order/{id} give it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrderRow<'a> {
    client_id: i64,
    #[serde(rename = "CLIENT_CODE")]
    client_code: (),
    order_number: &'a str,
    external_order_reference: Option<&'a str>,
    order_date: String,
    despatch_date: Option<String>,
    at_new_date: Option<String>,
    #[serde(rename = "SLAWarningDate")]
    sla_warning_date: (),
    #[serde(rename = "SLADespatchDate")]
    sla_despatch_date: (),
    required_despatch_date: Option<String>,
    required_delivery_date: Option<String>,
    title: Option<&'a str>,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    company_name: Option<&'a str>,
    address1: Option<&'a str>,
    address2: Option<&'a str>,
    address3: Option<&'a str>,
    town: Option<&'a str>,
    county: Option<&'a str>,
    post_code: &'a str,
    phone: Option<&'a str>,
    mobile: Option<&'a str>,
    email: Option<&'a str>,
    country_id: i32,
    country: CountryJson,
    source: Option<&'a str>,
    comments: Option<&'a str>,
    gift_messages: Option<&'a str>,
    delivery_notes: Option<&'a str>,
    #[serde(rename = "VATNumber")]
    vat_number: Option<&'a str>,
    #[serde(rename = "EORINumber")]
    eori_number: Option<&'a str>,
    #[serde(rename = "UKIMSNumber")]
    ukims_number: Option<&'a str>,
    #[serde(rename = "RFCNumber")]
    rfc_number: Option<&'a str>,
    #[serde(rename = "PIDNumber")]
    pid_number: Option<&'a str>,
    order_status_id: i32,
    number_of_parcels: i32,
    total_items: i32,
    total_weight: f64,
    order_value: f64,
    part: i32,
    number_of_parts: i32,
    courier_service_type_id: i32,
    courier_service_id: i32,
    courier_service_name: Option<&'a str>,
    tracking_number: Option<&'a str>,
    #[serde(rename = "TrackingURL")]
    tracking_url: String,
    shipping_total_ex_vat: (),
    shipping_total_vat: (),
    discount_total_ex_vat: (),
    discount_total_vat: (),
    total_vat: f64,
    #[serde(rename = "PIIRemoved")]
    pii_removed: bool,
    shipping_net: (),
    shipping_tax: (),
    shipping_gross: (),
    discount_net: (),
    discount_tax: (),
    total_order_net: Option<f64>,
    total_order_tax: f64,
    total_order_gross: f64,
    discount_gross: (),
    warehouse_id: i32,
    #[serde(rename = "WAREHOUSE_CODE")]
    warehouse_code: (),
    channel_id: i32,
    channel: ChannelJson,
    currency_id: i32,
    currency: CurrencyJson,
    despatched_by_user: Option<&'a str>,
    order_items: Option<Vec<OrderItemRow<'a>>>,
    order_name_values: Vec<NameValueJson<'a>>,
    order_lock: bool,
    recipient_type: (),
    tags: Option<&'a str>,
    source_order_date: (),
    #[serde(rename = "ID")]
    id: i64,
    last_updated: String,
    last_updated_by_user: Option<&'a str>,
}

impl<'a> OrderRow<'a> {
    /// The row of an order; `items` says whether `OrderItems` is filled or null.
    pub fn of(order: &'a Order, lens: Lens, items: bool) -> Self {
        let id = order.id;
        let who = &order.recipient;
        let text = |text: &'a Option<String>, field| lens.text(text.as_deref(), id, field);
        let courier = reference::courier(order.courier_service_id);
        let country = reference::country(&who.country);
        let currency = reference::currency(&order.currency);
        let gross = cents(order.items.iter().map(|item| item.price * f64::from(item.quantity)).sum());
        let taxed = country.code == "GB";
        let tax = if taxed { cents(gross / 6.0) } else { 0.0 };
        Self {
            client_id: order.client_id,
            client_code: (),
            order_number: &order.number,
            external_order_reference: text(&order.external_reference, 1),
            order_date: lens.date(order.order_date),
            despatch_date: lens.date_opt(order.despatch_date),
            at_new_date: lens.date_opt(order.at_new_date),
            sla_warning_date: (),
            sla_despatch_date: (),
            required_despatch_date: lens.date_opt(order.required_despatch_date),
            required_delivery_date: lens.date_opt(order.required_delivery_date),
            title: text(&who.title, 2),
            first_name: text(&who.first_name, 3),
            last_name: text(&who.last_name, 4),
            company_name: text(&who.company, 5),
            address1: text(&who.address1, 6),
            address2: text(&who.address2, 7),
            address3: text(&who.address3, 8),
            town: text(&who.town, 9),
            county: text(&who.county, 10),
            post_code: who.post_code.as_deref().unwrap_or(""),
            phone: text(&who.phone, 11),
            mobile: text(&who.mobile, 12),
            email: text(&who.email, 13),
            country_id: country.id,
            country: CountryJson::of(country),
            source: text(&order.source, 14),
            comments: text(&order.comments, 15),
            gift_messages: lens.none(id, 16),
            delivery_notes: text(&order.delivery_notes, 17),
            vat_number: lens.none(id, 18),
            eori_number: lens.none(id, 19),
            ukims_number: lens.none(id, 20),
            rfc_number: lens.none(id, 21),
            pid_number: lens.none(id, 22),
            order_status_id: order.status,
            number_of_parcels: order.parcels,
            total_items: order.items.iter().map(|item| item.quantity).sum(),
            total_weight: cents(order.items.iter().map(|item| item.weight * f64::from(item.quantity)).sum()),
            order_value: gross,
            part: order.part,
            number_of_parts: order.parts,
            courier_service_type_id: courier.map_or(0, |courier| courier.type_id),
            courier_service_id: order.courier_service_id,
            courier_service_name: courier.map(|courier| courier.name),
            tracking_number: order.tracking_number.as_deref(),
            tracking_url: tracking_url(order),
            shipping_total_ex_vat: (),
            shipping_total_vat: (),
            discount_total_ex_vat: (),
            discount_total_vat: (),
            total_vat: tax,
            pii_removed: order.pii_removed,
            shipping_net: (),
            shipping_tax: (),
            shipping_gross: (),
            discount_net: (),
            discount_tax: (),
            // Null while the tax is 0.0 and the gross is set: seen upstream.
            total_order_net: taxed.then(|| cents(gross - tax)),
            total_order_tax: tax,
            total_order_gross: gross,
            discount_gross: (),
            warehouse_id: order.warehouse_id,
            warehouse_code: (),
            channel_id: order.channel_id,
            channel: ChannelJson::of(order.channel_id),
            currency_id: currency.id,
            currency: CurrencyJson::of(currency),
            despatched_by_user: text(&order.despatched_by, 23),
            order_items: items
                .then(|| order.items.iter().map(|item| OrderItemRow::of(order, item, lens)).collect()),
            order_name_values: order
                .name_values
                .iter()
                .map(|pair| NameValueJson::of(id, pair, lens))
                .collect(),
            order_lock: order.lock,
            recipient_type: (),
            tags: order.tags.as_deref(),
            source_order_date: (),
            id,
            last_updated: lens.date(order.last_updated),
            last_updated_by_user: order.last_updated_by.as_deref(),
        }
    }
}

/// The courier's page: with the number once there is one, else the generic page or nothing.
fn tracking_url(order: &Order) -> String {
    let Some(courier) = reference::courier(order.courier_service_id) else { return String::new() };
    match &order.tracking_number {
        Some(number) if !courier.track.is_empty() => format!("{}{number}", courier.track),
        _ => courier.generic.to_owned(),
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CountryJson {
    name: &'static str,
    code: &'static str,
    code3: &'static str,
    #[serde(flatten)]
    tail: rows::Tail<'static>,
}

impl CountryJson {
    fn of(row: &'static CountryRow) -> Self {
        let tail = rows::Tail::fixed(row.id, "2012-05-05T22:16:35.487");
        Self { name: row.name, code: row.code, code3: row.code3, tail }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct CurrencyJson {
    name: &'static str,
    code: &'static str,
    symbol: &'static str,
    #[serde(flatten)]
    tail: rows::Tail<'static>,
}

impl CurrencyJson {
    fn of(row: &'static CurrencyRow) -> Self {
        let tail = rows::Tail::fixed(row.id, "2016-05-11T22:17:25.16");
        Self { name: row.name, code: row.code, symbol: row.symbol, tail }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct ChannelJson {
    name: &'static str,
    description: &'static str,
    active: bool,
    logo: &'static str,
    client_id: i64,
    #[serde(flatten)]
    tail: rows::Tail<'static>,
}

impl ChannelJson {
    fn of(id: i32) -> Self {
        let name =
            reference::CHANNELS.iter().find(|(known, _)| *known == id).map_or("Other", |(_, name)| name);
        let tail = rows::Tail::fixed(id, "2015-11-19T10:26:40.5328315");
        Self { name, description: "Normal order channel", active: true, logo: "Custom", client_id: 0, tail }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct NameValueJson<'a> {
    order_id: i64,
    name: &'a str,
    value: &'a str,
    #[serde(flatten)]
    tail: rows::Tail<'a>,
}

impl<'a> NameValueJson<'a> {
    fn of(order_id: i64, pair: &'a NameValue, lens: Lens) -> Self {
        let tail = rows::Tail::of(pair.id, lens.date(pair.last_updated), Some(&pair.by));
        Self { order_id, name: &pair.name, value: &pair.value, tail }
    }
}
