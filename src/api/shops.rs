//! `PUT /tenants/{tenant_id}/shops/{platform}`: the secret that signs a shop's webhooks. It goes in and never comes out.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;
use utoipa_axum::routes;
use zeroize::Zeroizing;

use super::extract::{Body, NoParameters, Path, Query};
use super::gate::{Gate, Scope};
use super::problem::Problem;
use super::routes::Routes;
use crate::access::Right;
use crate::tenancy::ShopPlatform;

pub(super) fn routes(gate: &Gate) -> Routes {
    Routes::behind(gate).tenant(Right::ConfigureShops, routes!(put), gate.clone())
}

/// The secret of a shop.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ShopBody {
    #[schema(value_type = String, write_only)]
    webhook_secret: Zeroizing<String>,
}

/// Gives the secret that signs a shop's webhooks.
#[utoipa::path(put, path = "/tenants/{tenant_id}/shops/{platform}", tag = "configuration", request_body = ShopBody,
    params(("tenant_id" = i64, Path, description = "The tenant"), ("platform" = String, Path, description = "shopify or woocommerce")),
    responses((status = 200, description = "Since when it stands", body = Object)))]
async fn put(
    State(gate): State<Gate>,
    scope: Scope,
    Path((_, platform)): Path<(i64, ShopPlatform)>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<ShopBody>,
) -> Result<Json<Value>, Problem> {
    let now = gate.clock.now();
    let set_at = gate.tenancy.put_shop_secret(scope.tenant(), platform, &body.webhook_secret, now).await?;
    Ok(Json(json!({"tenant_id": scope.tenant(), "platform": platform, "set_at": set_at})))
}
