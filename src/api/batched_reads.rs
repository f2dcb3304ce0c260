//! What many ask at the same moment and differ in little: single orders, and how many there are in all. Those of one tenant are asked
//! for together, a few statements for all who stand in its queue.

use std::collections::HashMap;
use std::sync::Arc;

use logistics_domain::OrderStreamId;
use logistics_projections::TenantScope;
use logistics_projections::orders::{OrderCounts, OrderFilter, WholeOrder, count_orders, find_whole};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::postgres::{BatchedQuery, QueryBatcher, Reader};

/// Reads of single orders and of counts, those of one tenant in batches. Cloning shares them.
#[derive(Clone, Default)]
pub struct BatchedReads {
    orders: QueryBatcher<WholeOrders>,
    counts: QueryBatcher<CountsInAll>,
}

impl BatchedReads {
    /// The order with what stands beside it, unless it is another tenant's, withheld or unknown.
    pub async fn order(
        &self,
        reader: &Reader,
        scope: &TenantScope,
        id: OrderStreamId,
    ) -> sqlx::Result<Option<Arc<WholeOrder>>> {
        self.orders.ask(reader, *scope, id.0).await
    }

    /// How many orders the tenant has.
    pub async fn counts(&self, reader: &Reader, scope: &TenantScope) -> sqlx::Result<OrderCounts> {
        self.counts.ask(reader, *scope, ()).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

struct WholeOrders;

impl BatchedQuery for WholeOrders {
    type Source = Reader;
    type Question = Uuid;
    type Answer = Arc<WholeOrder>;

    async fn answers(
        connection: &mut PgConnection,
        scope: &TenantScope,
        ids: &[Uuid],
    ) -> sqlx::Result<HashMap<Uuid, Arc<WholeOrder>>> {
        let found = find_whole(connection, scope, ids).await?;
        Ok(found.into_iter().map(|order| (order.id.0, Arc::new(order))).collect())
    }
}

struct CountsInAll;

impl BatchedQuery for CountsInAll {
    type Source = Reader;
    type Question = ();
    type Answer = OrderCounts;

    async fn answers(
        connection: &mut PgConnection,
        scope: &TenantScope,
        _all: &[()],
    ) -> sqlx::Result<HashMap<(), OrderCounts>> {
        let counts = count_orders(connection, scope, &OrderFilter::default()).await?;
        Ok(HashMap::from([((), counts)]))
    }
}
