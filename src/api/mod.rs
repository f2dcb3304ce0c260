//! REST under `/api/v1`.
//!
//! A request passes the frame (`frame`: id, log line, limits), then the gate of its route (`gate`: who calls, for which
//! tenant, with which right), and reaches a handler in a file of its own. What goes wrong becomes a `Problem` by the
//! one map in `error`. A room adds its endpoints by giving [`Routes`]; each says whom it admits, so the table of routes
//! and rights is complete by construction:
//!
//! ```ignore
//! Routes::behind(&gate).tenant(Right::ReadOrders, routes!(list::list), state)
//! ```
//!
//! Absent: SQL, which stands in the rooms, and any decision.

mod accounts;
mod audit;
mod batched_reads;
mod concurrency;
mod cors;
mod dead_letters;
mod description;
mod docs_page;
mod erasure;
mod error;
mod etag;
mod export;
mod extract;
mod fields;
mod frame;
mod gate;
mod health;
mod input_errors;
mod keys;
mod limits;
mod links;
mod logistics_config;
mod me;
mod metrics;
mod orders;
mod parked;
mod people;
mod problem;
mod recent_credentials;
mod response_cache;
mod routes;
mod shops;
mod sync;
mod tenants;
mod visits;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::http::{Method, StatusCode};
use axum::middleware::{from_fn, from_fn_with_state};

use crate::sync::Sources;

pub use batched_reads::BatchedReads;
pub use cors::{NoOrigin, Origin, Origins};
pub use export::ExportPermits;
pub use extract::{Body, NoParameters, Path, Query, Raw, refused_position};
pub use frame::{LANGUAGE_COOKIE, RequestId, language_asked, language_chosen};
pub use gate::{Gate, Scope};
pub use limits::{Allowance, LimitSettings, Limits, Rate};
pub use links::Links;
pub(crate) use links::unknown_link;
pub use metrics::MetricsAccess;
pub(crate) use orders::unknown_order;
pub use orders::{
    Acting, Can, CanBeDone, CommonTexts, FacetCache, ListedOrderCache, Orders, RefreshOrder, cursor_of,
    place_of,
};
pub use problem::Problem;
pub use response_cache::ResponseCache;
pub use routes::{Admits, Entry, Routes};
pub use visits::Counted;

/// The OpenAPI document as it is kept in `docs/`: the same values, laid out in lines.
pub fn laid_out(document: &serde_json::Value) -> String {
    description::laid_out(document)
}

/// The longest that an answer may take.
pub const TIME_LIMIT: Duration = Duration::from_secs(30);

/// The routes of tenants: their logistics configuration and their shops.
pub fn tenant_routes(gate: &Gate, sources: &Arc<Sources>) -> Routes {
    logistics_config::routes(gate, sources).and(shops::routes(gate, sources)).and(tenants::routes(gate))
}

/// The routes of people and keys: who may call, and who the caller is.
pub fn access_routes(gate: &Gate) -> Routes {
    me::routes(gate).and(people::routes(gate)).and(keys::routes(gate))
}

/// The routes of auditors: what they verify a ledger with.
pub fn audit_routes(gate: &Gate) -> Routes {
    audit::routes(gate)
}

/// The routes of the sources: forced syncs, orders of doubtful owner, and what else the staff does with orders.
pub fn source_routes(gate: &Gate, sources: &Arc<Sources>) -> Routes {
    sync::routes(gate, sources)
        .and(parked::routes(gate))
        .and(erasure::routes(gate, sources))
        .and(dead_letters::routes(gate, sources))
        .and(accounts::routes(gate, sources))
}

/// These routes, to which each address may come as often as strangers may.
pub fn counted_by_address(gate: &Gate, routes: Router) -> Router {
    routes.layer(from_fn_with_state(gate.limits.clone(), limits::count_strangers))
}

/// Everything that is answered: `routes` under `/api/v1`; `unlisted`, which carry their full paths, prove
/// the sender themselves and count who comes; the health pages; and problems for the rest.
pub fn router(gate: &Gate, routes: Routes, unlisted: Router, time_limit: Duration) -> Router {
    let pages = docs_page::router(&routes);
    let router = Router::new()
        .nest("/api/v1", routes.into_router())
        .merge(unlisted)
        .layer(from_fn_with_state(gate.limits.clone(), concurrency::limit_concurrency))
        .merge(counted_by_address(gate, metrics::router(gate)))
        // Whoever watches the service is answered when nobody else is.
        .merge(health::router(gate))
        .merge(counted_by_address(gate, pages))
        .fallback(unknown)
        .method_not_allowed_fallback(not_allowed);
    let mut framed = frame::framed(router, time_limit);
    if !gate.origins.is_empty() {
        framed = framed.layer(from_fn_with_state(gate.origins.clone(), cors::open_to));
    }
    framed.layer(from_fn(metrics::observe))
}

async fn unknown() -> Problem {
    Problem::not_found("not_found", "there is nothing under this address; the API begins with /api/v1")
}

async fn not_allowed(method: Method) -> Problem {
    let detail = format!("this address does not take {method}; the header Allow says what it takes");
    Problem::of(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail)
}
