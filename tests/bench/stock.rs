//! Stock cqrs-es and postgres-es over the same aggregate: events only, and with a `GenericQuery` view.

use std::sync::Arc;

use cqrs_es::persist::GenericQuery;
use cqrs_es::{Aggregate, EventEnvelope, Query, View};
use logistics_domain::{LogisticsOrder, Order, OrderEvent, evolve};
use postgres_es::{PostgresCqrs, PostgresViewRepository, postgres_cqrs};
use serde::{Deserialize, Serialize};
use sqlx::PgPool;
use sqlx::postgres::PgPoolOptions;

use crate::database::TestDatabase;
use crate::orders::{HISTORY, address, observe, provenance};

/// The tables as postgres-es documents them.
const TABLES: &str = "
  create table events (
    aggregate_type text not null, aggregate_id text not null, sequence bigint check (sequence >= 0) not null,
    event_type text not null, event_version text not null, payload json not null, metadata json not null,
    primary key (aggregate_type, aggregate_id, sequence));
  create table order_view (
    view_id text not null, version bigint check (version >= 0) not null, payload json not null,
    primary key (view_id));";

/// A view as the framework's documentation makes one: the order as its events tell it.
#[derive(Debug, Default, Serialize, Deserialize)]
struct OrderView(Order);

impl View<LogisticsOrder> for OrderView {
    fn update(&mut self, event: &EventEnvelope<LogisticsOrder>) {
        evolve(&mut self.0, event.payload.clone());
    }
}

/// Stock cqrs-es on a database of its own.
#[derive(Clone)]
pub struct Stock {
    cqrs: Arc<PostgresCqrs<LogisticsOrder>>,
    pub pool: PgPool,
}

impl Stock {
    /// A store in which each of `orders` has its history, written as fast as can be.
    pub async fn with_orders(orders: usize, view: bool) -> Self {
        let url = TestDatabase::create_empty().await;
        let pool =
            PgPoolOptions::new().max_connections(16).test_before_acquire(false).connect(&url).await.unwrap();
        sqlx::raw_sql(TABLES).execute(&pool).await.unwrap();
        let mut queries: Vec<Box<dyn Query<LogisticsOrder>>> = vec![];
        if view {
            let views = PostgresViewRepository::<OrderView, LogisticsOrder>::new("order_view", pool.clone());
            let mut query = GenericQuery::new(Arc::new(views));
            query.use_error_handler(Box::new(|error| panic!("{error}")));
            queries.push(Box::new(query));
        }
        let cqrs = postgres_cqrs(pool.clone(), queries, ());
        let stock = Self { cqrs: Arc::new(cqrs), pool };
        let numbers: Vec<usize> = (0..orders).collect();
        // Event after event, as polls write them: what one order has lies spread over the table, as the ledger's does.
        let mut held = vec![LogisticsOrder::default(); orders];
        for step in 0..HISTORY {
            for page in numbers.chunks(500) {
                stock.fill(page, step, &mut held).await;
            }
        }
        for page in numbers.chunks(500) {
            stock.fill_views(page, &held).await;
        }
        sqlx::query("vacuum analyze").execute(&stock.pool).await.unwrap();
        stock
    }

    /// One command: the `HISTORY`th answer.
    pub async fn command(self, number: usize) {
        let id = address(number).stream().to_string();
        let metadata = provenance(HISTORY).to_metadata();
        self.cqrs.execute_with_metadata(&id, observe(number, HISTORY, HISTORY), metadata).await.unwrap();
    }

    async fn fill(&self, page: &[usize], step: i64, held: &mut [LogisticsOrder]) {
        let (mut ids, mut types, mut payloads) = (vec![], vec![], vec![]);
        for number in page {
            let order = &mut held[*number];
            let events = logistics_domain::decide(&order.0, &observe(*number, step, step)).unwrap();
            let [event]: [OrderEvent; 1] = events.try_into().unwrap();
            ids.push(address(*number).stream().to_string());
            types.push(event.name());
            payloads.push(serde_json::to_value(&event).unwrap());
            order.apply(event);
        }
        let metadata = serde_json::to_value(provenance(0).to_metadata()).unwrap();
        sqlx::query(
            "insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata)
             select $1, e.id, $2, e.type, '1.0', e.payload, $6
             from unnest($3::text[], $4::text[], $5::json[]) as e(id, type, payload)",
        )
        .bind(LogisticsOrder::TYPE)
        .bind(step + 1)
        .bind(ids)
        .bind(types)
        .bind(payloads)
        .bind(metadata)
        .execute(&self.pool)
        .await
        .unwrap();
    }

    async fn fill_views(&self, page: &[usize], held: &[LogisticsOrder]) {
        let ids: Vec<String> = page.iter().map(|number| address(*number).stream().to_string()).collect();
        let states: Vec<serde_json::Value> = page
            .iter()
            .map(|number| serde_json::to_value(OrderView(held[*number].0.clone())).unwrap())
            .collect();
        sqlx::query(
            "insert into order_view (view_id, version, payload)
             select v.id, $1, v.payload from unnest($2::text[], $3::json[]) as v(id, payload)",
        )
        .bind(HISTORY)
        .bind(ids)
        .bind(states)
        .execute(&self.pool)
        .await
        .unwrap();
    }
}
