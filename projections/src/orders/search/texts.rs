//! The texts that searches look in. They stand in a table of their own, whose index is dear to change: a text is written
//! only where it is another one.

use logistics_domain::OrderStreamId;
use sqlx::PgExecutor;
use uuid::Uuid;

use super::folded::folded;
use crate::columns::Binder;
use crate::orders::rows::row::OrderRow;

/// How many parameters [`searches_sql`] takes.
pub const SEARCH_PARAMS: usize = 3;

impl OrderRow {
    /// What a search looks in: the numbers and SKUs of the order, as searches compare letters, one a line.
    pub fn search_text(&self) -> String {
        let named =
            [Some(&self.mintsoft_order_number), self.shop_order_name.as_ref(), self.tracking_number.as_ref()];
        let also = self.order_data.also_fulfils.iter().map(|also| &also.name);
        let skus = self.order_data.items.iter().filter_map(|item| item.sku.as_ref());
        let mut text = String::new();
        for part in named.into_iter().flatten().chain(also).chain(skus) {
            text.push_str(&folded(part));
            text.push('\n');
        }
        text
    }
}

/// The upsert of texts of the live table, its parameters numbered from `first_param`, in the order of ids: a rebuild that
/// writes the same ones meanwhile takes them in the same order.
pub fn searches_sql(first_param: usize) -> String {
    format!(
        "insert into logistics_order_searches (logistics_order_id, tenant_id, search_text) \
         select * from unnest(${}::uuid[], ${}::bigint[], ${}::text[]) as given(id, tenant_id, search_text) order by id \
         on conflict (logistics_order_id) do update set search_text = excluded.search_text",
        first_param,
        first_param + 1,
        first_param + 2
    )
}

/// Brings what searches know of common pieces to what the server's statistics say by now, and tells how many pieces that changed.
pub async fn note_common_pieces(executor: impl PgExecutor<'_>) -> sqlx::Result<i64> {
    sqlx::query_scalar("select note_common_pieces()").fetch_one(executor).await
}

/// Texts of some orders, a column an array.
#[derive(Default)]
pub struct SearchColumns<'a> {
    id: Vec<Uuid>,
    tenant_id: Vec<i64>,
    search_text: Vec<&'a str>,
}

impl<'a> SearchColumns<'a> {
    /// Adds the text of an order.
    pub fn push(&mut self, id: OrderStreamId, tenant_id: i64, search_text: &'a str) {
        self.id.push(id.0);
        self.tenant_id.push(tenant_id);
        self.search_text.push(search_text);
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.id.is_empty()
    }

    /// Binds the parameters of [`searches_sql`], [`SEARCH_PARAMS`] of them.
    pub fn bind<'q>(&'q self, binder: Binder<'q>) -> Binder<'q> {
        binder.bind(&self.id).bind(&self.tenant_id).bind(&self.search_text)
    }
}
