//! `PUT /api/Order`: creation by an integration. A refusal is a 200 with `Success:false`. Absent: splitting
//! across warehouses on creation, and updating.

use serde_json::Value;

use super::{Answer, Call, field, parts, text};
use crate::sandbox::keys::Caller;
use crate::sandbox::order::Recipient;
use crate::sandbox::reference::{self, CHANNELS, COUNTRIES, COURIERS, CURRENCIES, status};
use crate::sandbox::spec::{ItemSpec, OrderSpec};
use crate::sandbox::wire::{NewOrderResult, NewOrderResultItem};
use crate::sandbox::world::World;

pub fn order(world: &mut World, call: &Call, caller: &Caller) -> Result<Answer, Answer> {
    if !caller.can_edit {
        return Err(Answer::status(401));
    }
    let body = call.json()?;
    let outcome = read(world, caller, &body).map(|spec| {
        let id = world.create(spec, &caller.signature());
        if let Some(action) = field(&body, "ConnectAction").and_then(parts::action) {
            // A source that is taken leaves the order without the action; the order itself stands.
            let _ = world.connect(id, action, &caller.signature());
        }
        id
    });
    Ok(Answer::json(&[result(world, outcome)]))
}

fn result(world: &World, outcome: Result<i64, &'static str>) -> NewOrderResult {
    let created = outcome.as_ref().ok().and_then(|id| world.orders.get(id));
    NewOrderResult {
        order_id: created.map_or(0, |order| order.id),
        drop_ship_order_id: 0,
        order_number: created.map(|order| order.number.clone()),
        success: created.is_some(),
        order_status_id: created.map_or(0, |order| order.status),
        order_status: created.and_then(|order| reference::status_name(order.status)),
        message: outcome.err().unwrap_or_default().to_owned(),
        order_items: created.map(|order| {
            order.items.iter().map(|item| NewOrderResultItem { sku: item.sku.clone(), id: item.id }).collect()
        }),
    }
}

fn read(world: &World, caller: &Caller, body: &Value) -> Result<OrderSpec, &'static str> {
    let first_client = world.settings.brands.first().map_or(1, |brand| brand.client_id);
    let asked = number(body, "ClientId").filter(|id| *id != 0);
    let client_id = caller.client_id.or(asked).unwrap_or(first_client);
    let order_number = text(body, "OrderNumber").ok_or("No OrderNumber Specified!")?;
    let courier_service_id = courier(body).ok_or("No CourierService Specified!")?;
    if !world.numbered(client_id, &order_number).is_empty() {
        return Err("Order Number already exists!");
    }
    let items = field(body, "OrderItems").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let items: Vec<ItemSpec> = items.iter().filter_map(item).collect();
    if items.is_empty() {
        return Err("No OrderItems Specified!");
    }
    let currency = named(body, "Currency", "CurrencyId", &CURRENCIES, |row| (row.id, row.code));
    let channel = named(body, "Channel", "ChannelId", &CHANNELS, |row| (row.0, row.1));
    Ok(OrderSpec {
        client_id,
        number: order_number,
        external_reference: text(body, "ExternalOrderReference"),
        items,
        status: status::NEW,
        recipient: Some(recipient(body)),
        courier_service_id,
        currency: currency.map_or("GBP", |row| row.code).to_owned(),
        channel_id: channel.map_or(9, |row| row.0),
        comments: text(body, "Comments"),
        delivery_notes: text(body, "DeliveryNotes"),
        tags: text(body, "Tags"),
        ..OrderSpec::default()
    })
}

fn number(body: &Value, name: &str) -> Option<i64> {
    field(body, name)?.as_i64()
}

fn courier(body: &Value) -> Option<i32> {
    named(body, "CourierService", "CourierServiceId", &COURIERS, |row| (row.id, row.name)).map(|row| row.id)
}

/// A reference row asked for by its id or by its name.
fn named<T>(
    body: &Value,
    name: &str,
    id: &str,
    rows: &'static [T],
    key: fn(&T) -> (i32, &str),
) -> Option<&'static T> {
    let wanted_id = number(body, id);
    let wanted_name = text(body, name);
    rows.iter().find(|row| {
        let (id, name) = key(row);
        wanted_id == Some(i64::from(id))
            || wanted_name.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(name))
    })
}

fn item(body: &Value) -> Option<ItemSpec> {
    let amount = |name| field(body, name).and_then(Value::as_f64);
    Some(ItemSpec {
        sku: text(body, "SKU")?,
        quantity: number(body, "Quantity").and_then(|n| i32::try_from(n).ok()).unwrap_or(1).max(1),
        price: amount("UnitPrice").unwrap_or(0.0) + amount("UnitPriceVat").unwrap_or(0.0),
        weight: 0.5,
    })
}

fn recipient(body: &Value) -> Recipient {
    let code = named(body, "Country", "CountryId", &COUNTRIES, |row| (row.id, row.code));
    Recipient {
        title: text(body, "Title"),
        first_name: text(body, "FirstName"),
        last_name: text(body, "LastName"),
        company: text(body, "CompanyName"),
        address1: text(body, "Address1"),
        address2: text(body, "Address2"),
        address3: text(body, "Address3"),
        town: text(body, "Town"),
        county: text(body, "County"),
        post_code: text(body, "PostCode"),
        phone: text(body, "Phone"),
        mobile: text(body, "Mobile"),
        email: text(body, "Email"),
        country: code.map_or("GB", |row| row.code).to_owned(),
    }
}
