//! The line of an order. Absent: the product's name, which upstream does not give here.

use serde::Serialize;

use super::Lens;
use super::rows::Tail;
use crate::sandbox::order::{Item, Order};
use crate::sandbox::reference::status;

/// A line as upstream gives it inside an order.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct OrderItemRow<'a> {
    order_id: i64,
    product_id: i64,
    quantity: i32,
    allocated: i32,
    /// Upstream's own spelling.
    commited: i32,
    on_back_order: i32,
    source_line_sub_total: (),
    source_line_total_tax: (),
    source_line_total_discount: (),
    source_line_total: (),
    price: f64,
    vat: f64,
    discount: f64,
    price_net: f64,
    tax: f64,
    discount_gross: f64,
    tax_rate: (),
    discount_net: (),
    discount_tax: (),
    net_paid: f64,
    tax_paid: f64,
    total_tax: f64,
    details: Option<&'a str>,
    #[serde(rename = "SKU")]
    sku: &'a str,
    order_item_name_values: [(); 0],
    #[serde(flatten)]
    tail: Tail<'a>,
}

impl<'a> OrderItemRow<'a> {
    pub fn of(order: &'a Order, item: &'a Item, lens: Lens) -> Self {
        let tax = cents(item.price / 6.0);
        let net = cents(item.price - tax);
        let quantity = f64::from(item.quantity);
        let allocated = item.quantity - item.on_back_order;
        let cancelled = order.status == status::CANCELLED;
        Self {
            order_id: order.id,
            product_id: item.product_id,
            quantity: item.quantity,
            allocated: if cancelled { 0 } else { allocated },
            commited: if status::has_left(order.status) { item.quantity } else { 0 },
            on_back_order: item.on_back_order,
            source_line_sub_total: (),
            source_line_total_tax: (),
            source_line_total_discount: (),
            source_line_total: (),
            price: item.price,
            vat: tax,
            discount: 0.0,
            price_net: net,
            tax,
            discount_gross: 0.0,
            tax_rate: (),
            discount_net: (),
            discount_tax: (),
            net_paid: cents(net * quantity),
            tax_paid: cents(tax * quantity),
            total_tax: cents(tax * quantity),
            details: lens.none(item.id, 1),
            sku: &item.sku,
            order_item_name_values: [],
            tail: Tail::of(item.id, lens.date(item.last_updated), order.last_updated_by.as_deref()),
        }
    }
}

/// An amount rounded to two digits.
pub fn cents(amount: f64) -> f64 {
    (amount * 100.0).round() / 100.0
}
