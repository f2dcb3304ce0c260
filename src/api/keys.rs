//! `/api-keys`: keys of programs, made, listed without their text, and revoked. For the platform's staff. To rotate one,
//! make another, hand it over, and revoke the older; or let keys expire.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Body, NoParameters, Path, Query, page};
use super::gate::{Gate, NamedTenant};
use super::people::role;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, KeyRequest, KeyRow, Right, Role, issue_key_by, list_keys, revoke_key_by};

pub(super) fn routes(gate: &Gate) -> Routes {
    Routes::behind(gate).platform(Right::ManageAccess, routes!(issue, list), gate.clone()).platform(
        Right::ManageAccess,
        routes!(revoke),
        gate.clone(),
    )
}

/// A key to make.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct KeyBody {
    /// The tenant that the key works for; left out for SUPERADMIN.
    #[schema(minimum = 1)]
    tenant_id: Option<i64>,
    /// The role.
    #[schema(value_type = Role)]
    role: String,
    /// What the key is for, in up to 200 characters.
    #[serde(default)]
    #[schema(max_length = 200)]
    label: String,
    /// When the key stops working (UTC); left out, it works until it is revoked.
    expires_at: Option<DateTime<Utc>>,
}

/// A key just made, the only time that its text is shown.
#[derive(Serialize, ToSchema)]
struct IssuedKeyView {
    /// The id of the key; events name it `key:<id>`.
    id: Uuid,
    /// The key itself. It is shown here and never again.
    key: String,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct KeysQuery {
    #[param(minimum = 0)]
    skip: Option<i64>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
}

/// A key without its text, which is stored nowhere.
#[derive(Serialize, ToSchema)]
struct KeyView {
    /// The id of the key; events name it `key:<id>`.
    id: Uuid,
    /// The tenant that the key works for; null for SUPERADMIN.
    tenant_id: Option<i64>,
    /// The key's role.
    #[schema(value_type = Role)]
    role: String,
    /// What the key is for.
    label: String,
    /// When the key was made (UTC).
    created_at: DateTime<Utc>,
    /// When the key stops working (UTC); null where it does not expire.
    expires_at: Option<DateTime<Utc>>,
    /// When the key was revoked (UTC); null where it was not.
    revoked_at: Option<DateTime<Utc>>,
    /// Who made the key: `user:<id>`, `key:<id>`, or `operator` for the command line; null for old keys.
    created_by: Option<String>,
    /// Who revoked the key, named as in `created_by`.
    revoked_by: Option<String>,
}

/// A page, in the host's shape.
#[derive(Serialize, ToSchema)]
struct KeyPageView {
    total: i64,
    items: Vec<KeyView>,
    skip: i64,
    limit: i64,
}

impl From<KeyRow> for KeyView {
    fn from(key: KeyRow) -> Self {
        Self {
            id: key.id,
            tenant_id: key.tenant.map(|tenant| tenant.0),
            role: key.role,
            label: key.label,
            created_at: key.created_at,
            expires_at: key.expires_at,
            revoked_at: key.revoked_at,
            created_by: key.created_by,
            revoked_by: key.revoked_by,
        }
    }
}

/// Makes a key; its text is in this answer and nowhere else.
#[utoipa::path(post, path = "/api-keys", tag = "api-keys", request_body = KeyBody,
    responses((status = 201, description = "The key, shown once", body = IssuedKeyView)))]
async fn issue(
    State(gate): State<Gate>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<KeyBody>,
) -> Result<impl IntoResponse, Problem> {
    let request = KeyRequest {
        tenant: body.tenant_id.map(TenantId),
        role: role(&body.role)?,
        label: body.label,
        expires_at: body.expires_at,
    };
    let issued = issue_key_by(&gate.pool, &request, &caller.actor(), gate.clock.now()).await?;
    let unstored = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, unstored, Json(IssuedKeyView { id: issued.id, key: issued.text })))
}

/// The keys, newest first.
#[utoipa::path(get, path = "/api-keys", tag = "api-keys",
    params(KeysQuery, ("tenant_id" = Option<i64>, Query, description = "The keys of this tenant alone")),
    responses((status = 200, description = "A page of keys", body = KeyPageView)))]
async fn list(
    State(gate): State<Gate>,
    NamedTenant(tenant): NamedTenant,
    Query(query): Query<KeysQuery>,
) -> Result<Json<KeyPageView>, Problem> {
    let (skip, limit) = page(query.skip, query.limit)?;
    let (total, keys) = list_keys(&gate.pool, tenant, skip, limit).await?;
    Ok(Json(KeyPageView { total, items: keys.into_iter().map(KeyView::from).collect(), skip, limit }))
}

/// Revokes a key for good.
#[utoipa::path(delete, path = "/api-keys/{id}", tag = "api-keys",
    params(("id" = Uuid, Path, description = "The key")),
    responses((status = 204, description = "The key is refused from now on")))]
async fn revoke(
    State(gate): State<Gate>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<StatusCode, Problem> {
    if revoke_key_by(&gate.pool, id, &caller.actor(), gate.clock.now()).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Problem::not_found("key_unknown", "there is no such key, or it was revoked before"))
}
