//! `/tenants`: the brands, for the platform's staff: listed, added under the host's number, and changed.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use logistics_domain::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;

use super::extract::{Body, NoParameters, Path, Query, page, present, require_searchable};
use super::gate::Gate;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{AccessError, Caller, Right};
use crate::tenancy::{NewTenant, TenantPatch, TenantSummary, list_tenants};

pub(super) fn routes(gate: &Gate) -> Routes {
    let right = Right::ManageAccess;
    Routes::behind(gate).platform(right, routes!(list, add), gate.clone()).platform(
        right,
        routes!(show, change),
        gate.clone(),
    )
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct ListQuery {
    #[param(minimum = 0)]
    skip: Option<i64>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// Text in the name or the slug, or the number.
    #[param(max_length = 200)]
    search: Option<String>,
    /// `true`: active tenants only; `false`: the others only.
    is_active: Option<bool>,
}

#[derive(Serialize, ToSchema)]
struct TenantPage {
    total: i64,
    items: Vec<TenantSummary>,
    skip: i64,
    limit: i64,
}

/// A tenant to be added.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TenantBody {
    /// The host's number of the tenant, from 1.
    #[schema(minimum = 1)]
    id: i64,
    /// The name that people read. Blanks at both ends are taken off before it is counted.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
    /// The name in addresses: lower-case letters, digits, single hyphens.
    #[schema(max_length = 63, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: String,
    /// The IANA zone in which the tenant's days begin and end, by the name of a place: `CET`, `EET`, `MET` and `WET` are refused. `America/Lima` where none
    /// is given.
    timezone: Option<String>,
}

/// A change: what is absent stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TenantPatchBody {
    /// The name that people read. Blanks at both ends are taken off before it is counted.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, min_length = 1, max_length = 200)]
    name: Option<String>,
    /// The name in addresses: lower-case letters, digits, single hyphens.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, max_length = 63, pattern = "^[a-z0-9]+(-[a-z0-9]+)*$")]
    slug: Option<String>,
    /// The IANA zone in which the tenant's days begin and end, by the name of a place: `CET`, `EET`, `MET` and `WET` are refused.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    timezone: Option<String>,
    /// Whether the tenant may be used at all; false shuts out its people and keys.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    is_active: Option<bool>,
}

/// The tenants, by number.
#[utoipa::path(get, path = "/tenants", tag = "administration", params(ListQuery),
    responses((status = 200, description = "A page of tenants", body = TenantPage)))]
async fn list(State(gate): State<Gate>, Query(query): Query<ListQuery>) -> Result<Json<TenantPage>, Problem> {
    let (skip, limit) = page(query.skip, query.limit)?;
    let search = query.search.as_deref().map(str::trim).filter(|text| !text.is_empty());
    require_searchable("search", search.unwrap_or_default())?;
    let (total, items) = list_tenants(&gate.pool, search, query.is_active, skip, limit).await?;
    Ok(Json(TenantPage { total, items, skip, limit }))
}

/// Adds a tenant.
#[utoipa::path(post, path = "/tenants", tag = "administration", request_body = TenantBody,
    responses((status = 201, description = "Added", body = TenantSummary,
        headers(("Location" = String, description = "The address of the tenant")))))]
async fn add(
    State(gate): State<Gate>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<TenantBody>,
) -> Result<Response, Problem> {
    let TenantBody { id, name, slug, timezone } = body;
    let timezone = timezone.unwrap_or_else(|| "America/Lima".to_owned());
    let new = NewTenant { id, name, slug, timezone };
    let added = gate.tenancy.by(caller.actor()).add_tenant(&new, gate.clock.now()).await?;
    let shown = gate.tenancy.summarise_tenant(added.id).await?.ok_or(AccessError::NoSuchTenant)?;
    let mut response = (StatusCode::CREATED, Json(shown)).into_response();
    if let Ok(place) = HeaderValue::from_str(&format!("/api/v1/tenants/{}", added.id)) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// A tenant.
#[utoipa::path(get, path = "/tenants/{tenant_id}", tag = "administration",
    params(("tenant_id" = i64, Path, description = "The tenant")),
    responses((status = 200, description = "The tenant", body = TenantSummary)))]
async fn show(
    State(gate): State<Gate>,
    Path(id): Path<i64>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<TenantSummary>, Problem> {
    let found = gate.tenancy.summarise_tenant(TenantId(id)).await?;
    found.map(Json).ok_or_else(|| AccessError::NoSuchTenant.into())
}

/// Changes a tenant. One that is switched off is neither polled nor let in.
#[utoipa::path(patch, path = "/tenants/{tenant_id}", tag = "administration", request_body = TenantPatchBody,
    params(("tenant_id" = i64, Path, description = "The tenant")),
    responses((status = 200, description = "Changed", body = TenantSummary)))]
async fn change(
    State(gate): State<Gate>,
    caller: Caller,
    Path(id): Path<i64>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<TenantPatchBody>,
) -> Result<Json<TenantSummary>, Problem> {
    let TenantPatchBody { name, slug, timezone, is_active } = body;
    let patch = TenantPatch { name, slug, timezone, is_active, seen: None };
    let tenancy = gate.tenancy.by(caller.actor());
    let changed = tenancy.patch_tenant(TenantId(id), &patch, gate.clock.now()).await?;
    changed.map(Json).ok_or_else(|| AccessError::NoSuchTenant.into())
}
