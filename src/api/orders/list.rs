//! `GET /logistics/orders`: a page of the tenant's orders, searched, filtered and sorted.

use axum::Json;
use axum::extract::State;
use chrono::NaiveDate;
use chrono_tz::Tz;
use logistics_projections::orders::{
    DateField, LIMIT_DEFAULT, LIMIT_MAX, OrderFilter, OrderView, SortBy, SortOrder, list_orders,
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Orders;
use crate::access::AccessError;
use crate::api::extract::{Query, refused_query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;
use crate::tenancy::days::{end_of_day, start_of_day};
use crate::tenancy::find_tenant;

/// The query. Dates are days in the tenant's zone, both included.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub(super) struct ListQuery {
    skip: Option<i64>,
    limit: Option<i64>,
    search: Option<String>,
    #[serde(default)]
    status: String,
    #[serde(default)]
    date_field: DateField,
    date_from: Option<NaiveDate>,
    date_to: Option<NaiveDate>,
    #[serde(default)]
    sort_by: SortBy,
    #[serde(default)]
    sort_order: SortOrder,
}

/// A page, in the host's shape.
#[derive(Serialize, ToSchema)]
pub(super) struct OrderPage {
    total: i64,
    items: Vec<OrderView>,
    skip: i64,
    limit: i64,
}

/// Orders, a page at a time.
#[utoipa::path(get, path = "/logistics/orders", tag = "orders", params(ListQuery),
    responses((status = 200, description = "A page of orders", body = OrderPage)))]
pub(super) async fn list(
    State(orders): State<Orders>,
    scope: Scope,
    Query(query): Query<ListQuery>,
) -> Result<Json<OrderPage>, Problem> {
    let mut reading = orders.gate.reader.of(scope.tenant()).await?;
    let zone = if query.date_from.is_some() || query.date_to.is_some() {
        find_tenant(&mut *reading, scope.tenant()).await?.ok_or(AccessError::NoSuchTenant)?.timezone
    } else {
        Tz::UTC
    };
    let filter = query.filter(zone)?;
    let page = list_orders(&mut reading, &scope.0, &filter, orders.read_at()).await?;
    Ok(Json(OrderPage { total: page.total, items: page.items, skip: filter.skip, limit: filter.limit }))
}

impl ListQuery {
    /// What is asked for, with days as instants.
    fn filter(self, zone: Tz) -> Result<OrderFilter, Problem> {
        let (skip, limit) = (self.skip.unwrap_or(0), self.limit.unwrap_or(LIMIT_DEFAULT));
        if skip < 0 {
            return Err(refused_query("skip: give 0 or more"));
        }
        if !(1..=LIMIT_MAX).contains(&limit) {
            return Err(refused_query("limit: give 1 to 200"));
        }
        if self.date_from.zip(self.date_to).is_some_and(|(from, to)| from > to) {
            return Err(refused_query("date_from lies after date_to; swap them"));
        }
        let beyond = || refused_query("a date lies beyond the calendar");
        let Ok(statuses) = self.status.parse();
        Ok(OrderFilter {
            skip,
            limit,
            search: self.search,
            statuses,
            date_field: self.date_field,
            date_from: self.date_from.map(|day| start_of_day(day, zone).ok_or_else(beyond)).transpose()?,
            date_before: self.date_to.map(|day| end_of_day(day, zone).ok_or_else(beyond)).transpose()?,
            sort_by: self.sort_by,
            sort_order: self.sort_order,
        })
    }
}
