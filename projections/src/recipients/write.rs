//! Recipients to SQL: rows to put as arrays of columns, and the orders whose recipient goes.

use logistics_domain::OrderStreamId;
use uuid::Uuid;

use super::apply::Change;
use super::row::{Recipient, RecipientRow};
use crate::columns::{Binder, Column, Held, upsert};
use crate::orders::folded;
use crate::tables::Tables;

/// The columns in the order in which [`RecipientChanges::bind_upsert`] binds them.
const COLUMNS: [Column; 16] = [
    Column::plain("logistics_order_id", "uuid"),
    Column::plain("tenant_id", "bigint"),
    Column::plain("version", "bigint"),
    Column::plain("name", "text"),
    Column::plain("company", "text"),
    Column::computed("address_lines", "text", ADDRESS_LINES),
    Column::plain("town", "text"),
    Column::plain("county", "text"),
    Column::plain("post_code", "text"),
    Column::plain("country", "text"),
    Column::plain("phone", "text"),
    Column::plain("mobile", "text"),
    Column::plain("email", "text"),
    Column::plain("delivery_notes", "text"),
    Column::plain("comments", "text"),
    Column::plain("search_text", "text"),
];

/// Arrays of arrays must be rectangular in PostgreSQL, so the lines of an address travel joined by a control
/// character that no address has.
const ADDRESS_LINES: &str = r"string_to_array(given.address_lines, E'\x1f')";
const LINE_SEPARATOR: &str = "\u{1f}";

/// How many parameters the upsert takes.
pub const PARAMS: usize = COLUMNS.len();

/// How many parameters the removal takes.
pub const REMOVAL_PARAMS: usize = 1;

/// The upsert of many recipients, its parameters numbered from `first_param`. It returns nothing, so it stands
/// alone or in a `with`. One statement may name an order once, here or in the removal.
pub fn upsert_sql(tables: Tables, first_param: usize) -> String {
    upsert(tables.recipients(), &COLUMNS, first_param, &Held::YieldsToLater)
}

/// The removal of recipients; its one parameter is `$param`.
pub fn removal_sql(tables: Tables, param: usize) -> String {
    format!("delete from {} where logistics_order_id = any(${param}::uuid[])", tables.recipients())
}

/// What becomes of the recipients of many orders.
#[derive(Default)]
pub struct RecipientChanges<'a> {
    logistics_order_id: Vec<Uuid>,
    tenant_id: Vec<i64>,
    version: Vec<i64>,
    name: Vec<Option<&'a str>>,
    company: Vec<Option<&'a str>>,
    address_lines: Vec<String>,
    town: Vec<Option<&'a str>>,
    county: Vec<Option<&'a str>>,
    post_code: Vec<Option<&'a str>>,
    country: Vec<Option<&'a str>>,
    phone: Vec<Option<&'a str>>,
    mobile: Vec<Option<&'a str>>,
    email: Vec<Option<&'a str>>,
    delivery_notes: Vec<Option<&'a str>>,
    comments: Vec<Option<&'a str>>,
    search_text: Vec<String>,
    removed: Vec<Uuid>,
}

impl<'a> RecipientChanges<'a> {
    /// Takes in what becomes of one order's recipient.
    pub fn add(&mut self, order: OrderStreamId, change: &'a Change) {
        match change {
            Change::Put(row) => self.put(row),
            Change::Delete => self.removed.push(order.0),
            Change::Keep => {}
        }
    }

    fn put(&mut self, row: &'a RecipientRow) {
        let recipient = &row.recipient;
        self.logistics_order_id.push(row.logistics_order_id.0);
        self.tenant_id.push(row.tenant_id.0);
        self.version.push(row.version);
        self.name.push(recipient.name.as_deref());
        self.company.push(recipient.company.as_deref());
        self.address_lines.push(recipient.address_lines.join(LINE_SEPARATOR));
        self.town.push(recipient.town.as_deref());
        self.county.push(recipient.county.as_deref());
        self.post_code.push(recipient.post_code.as_deref());
        self.country.push(recipient.country.as_deref());
        self.phone.push(recipient.phone.as_deref());
        self.mobile.push(recipient.mobile.as_deref());
        self.email.push(recipient.email.as_deref());
        self.delivery_notes.push(recipient.delivery_notes.as_deref());
        self.comments.push(recipient.comments.as_deref());
        self.search_text.push(search_text(recipient));
    }

    /// Binds the parameters of [`upsert_sql`], [`PARAMS`] of them.
    pub fn bind_upsert<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder
            .bind(&self.logistics_order_id)
            .bind(&self.tenant_id)
            .bind(&self.version)
            .bind(&self.name)
            .bind(&self.company)
            .bind(&self.address_lines)
            .bind(&self.town)
            .bind(&self.county)
            .bind(&self.post_code)
            .bind(&self.country)
            .bind(&self.phone)
            .bind(&self.mobile)
            .bind(&self.email)
            .bind(&self.delivery_notes)
            .bind(&self.comments)
            .bind(&self.search_text)
    }

    /// Binds the parameter of [`removal_sql`].
    pub fn bind_removal<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder.bind(&self.removed)
    }
}

/// What a search looks in: name and e-mail address, as searches compare letters, one a line.
fn search_text(recipient: &Recipient) -> String {
    let mut text = String::new();
    for part in [&recipient.name, &recipient.email].into_iter().flatten() {
        text.push_str(&folded(part));
        text.push('\n');
    }
    text
}
