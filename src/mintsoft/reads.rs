//! The calls that only read. A page that is no bare array, or longer than was asked for, is a breach of contract and
//! never an empty list; a 404 on a list that is searched is one.

use chrono::{DateTime, Utc};

use super::calls::{Call, MintsoftAccount, unlike};
use super::client::Reply;
use super::wire::{
    ConnectAction, CourierService, EnumPair, Order, OrderComment, OrderDocument, OrderShipment, OrderStatus,
    Row, TrackingEvent, WireRow, read_rows,
};
use super::{Answer, UpstreamError, wall_clock};

/// Rows on a full page of orders; upstream answers 400 to more.
pub const ORDERS_PAGE: usize = 100;

/// Rows on a full page of tracking events.
pub const TRACKING_EVENTS_PAGE: usize = 500;

/// Which orders a page shall hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderListQuery {
    /// Only orders changed since; written on the account's wall clock, to the second.
    pub since_last_updated: Option<DateTime<Utc>>,
    /// The page, from 1; 0 counts as 1.
    pub page: u32,
    /// Whether the lines shall come along.
    pub include_items: bool,
    /// Oldest change first, as a poll needs it; newest first otherwise.
    pub oldest_first: bool,
    /// Another client than the account's own.
    pub client_id: Option<i64>,
    /// Only orders of this status.
    pub order_status_id: Option<i64>,
}

impl MintsoftAccount {
    /// One page of orders, at most [`ORDERS_PAGE`]; a shorter one is the last.
    pub async fn order_list(&self, query: &OrderListQuery) -> Result<Answer<Vec<Row<Order>>>, UpstreamError> {
        let mut call = Call::read("Order/List")
            .with("PageNo", query.page.max(1))
            .with("Limit", ORDERS_PAGE)
            .with("IncludeOrderItems", query.include_items)
            .with("SortOldestFirst", query.oldest_first)
            .may_be_missing();
        if let Some(client_id) = query.client_id.or(self.access.client_id) {
            call = call.with("ClientId", client_id);
        }
        if let Some(status) = query.order_status_id {
            call = call.with("OrderStatusId", status);
        }
        if let Some(since) = query.since_last_updated {
            call = call.with("SinceLastUpdated", wall_clock::write(since, self.access.time_zone));
        }
        self.rows(call, ORDERS_PAGE).await
    }

    /// The cheapest read that says whether the account's orders can be listed: one row at most, thrown away.
    pub async fn probe(&self) -> Result<Answer<()>, UpstreamError> {
        let mut call = Call::read("Order/List").with("PageNo", 1).with("Limit", 1).may_be_missing();
        if let Some(client_id) = self.access.client_id {
            call = call.with("ClientId", client_id);
        }
        let reply = self.call(&call).await?;
        if reply.status == 404 {
            // An account without orders may be answered like this, and so may an address that is not Mintsoft's.
            return Ok(self.order_statuses().await?.map(drop));
        }
        let rows: Option<Vec<Row<Order>>> = read_rows(&reply.body);
        rows.ok_or_else(|| unlike(&reply.body, "a JSON array was due"))?;
        Ok(answer(&reply, ()))
    }

    /// Orders found by number or by external reference. Even `exact` finds rows of other clients, all parts of a split
    /// order, and rows whose number differs: the caller chooses. Lines come along with `exact` alone.
    pub async fn order_search(
        &self,
        number: &str,
        exact: bool,
    ) -> Result<Answer<Vec<Row<Order>>>, UpstreamError> {
        let call = Call::read("Order/Search")
            .with("OrderNumber", number)
            .with("exactMatch", exact)
            .with("includeOrderItems", exact)
            .may_be_missing();
        self.rows(call, usize::MAX).await
    }

    /// One order with its lines; none when it is unknown, merged away or not ours to see.
    pub async fn order(&self, id: i64) -> Result<Answer<Option<Row<Order>>>, UpstreamError> {
        let call = Call::read(&format!("Order/{id}")).may_be_missing();
        let reply = self.call(&call).await?;
        if reply.status == 404 {
            return Ok(answer(&reply, None));
        }
        let row = Row::read_slice(&reply.body)
            .filter(|row: &Row<Order>| row.id == Some(id))
            .ok_or_else(|| unlike(&reply.body, "an order was due, and the one that was asked for"))?;
        Ok(answer(&reply, Some(row)))
    }

    /// The order's shipments.
    pub async fn shipments(&self, id: i64) -> Result<Answer<Vec<Row<OrderShipment>>>, UpstreamError> {
        self.rows(Call::read(&format!("Order/{id}/Shipments")), usize::MAX).await
    }

    /// The order's comments.
    pub async fn comments(&self, id: i64) -> Result<Answer<Vec<Row<OrderComment>>>, UpstreamError> {
        self.rows(Call::read(&format!("Order/{id}/Comments")), usize::MAX).await
    }

    /// The order's documents, as a rule without their bytes.
    pub async fn documents(&self, id: i64) -> Result<Answer<Vec<Row<OrderDocument>>>, UpstreamError> {
        self.rows(Call::read(&format!("Order/{id}/Documents")), usize::MAX).await
    }

    /// The callbacks registered on the order, those of upstream's own connectors among them.
    pub async fn connect_actions(&self, id: i64) -> Result<Answer<Vec<Row<ConnectAction>>>, UpstreamError> {
        self.rows(Call::read(&format!("Order/{id}/ConnectActions")), usize::MAX).await
    }

    /// One page of the whole account's tracking events, at most [`TRACKING_EVENTS_PAGE`]; a shorter one is the last.
    pub async fn tracking_events(
        &self,
        since: Option<DateTime<Utc>>,
        page: u32,
    ) -> Result<Answer<Vec<Row<TrackingEvent>>>, UpstreamError> {
        let mut call = Call::read("Order/Shipments/TrackingEvents/List")
            .with("PageNo", page.max(1))
            .with("Limit", TRACKING_EVENTS_PAGE)
            .may_be_missing();
        if let Some(since) = since {
            call = call.with("SinceLastUpdated", wall_clock::write(since, self.access.time_zone));
        }
        self.rows(call, TRACKING_EVENTS_PAGE).await
    }

    /// The names of the tracking statuses.
    pub async fn tracking_statuses(&self) -> Result<Answer<Vec<Row<EnumPair>>>, UpstreamError> {
        self.rows(Call::read("Order/Shipments/TrackingEvents/Statuses"), usize::MAX).await
    }

    /// The names of the order statuses.
    pub async fn order_statuses(&self) -> Result<Answer<Vec<Row<OrderStatus>>>, UpstreamError> {
        self.rows(Call::read("Order/Statuses"), usize::MAX).await
    }

    /// The courier services.
    pub async fn courier_services(&self) -> Result<Answer<Vec<Row<CourierService>>>, UpstreamError> {
        self.rows(Call::read("Courier/Services"), usize::MAX).await
    }

    async fn rows<T: WireRow>(&self, call: Call, page: usize) -> Result<Answer<Vec<Row<T>>>, UpstreamError> {
        let reply = self.call(&call).await?;
        if reply.status == 404 {
            return Ok(answer(&reply, Vec::new()));
        }
        let rows = read_rows(&reply.body).ok_or_else(|| unlike(&reply.body, "a JSON array was due"))?;
        if rows.len() > page {
            let what = format!("a page of {} rows, though {page} were asked for", rows.len());
            return Err(UpstreamError::violation(what));
        }
        Ok(answer(&reply, rows))
    }
}

pub(super) fn answer<T>(reply: &Reply, value: T) -> Answer<T> {
    Answer { value, asked_at: reply.asked_at, answered_at: reply.answered_at }
}
