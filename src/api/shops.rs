//! `PUT /tenants/{tenant_id}/shops/{platform}`: the secret that signs a shop's webhooks. It goes in and never comes out.

use axum::Json;
use axum::extract::State;
use axum::http::Method;
use serde::Deserialize;
use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::extract::{Body, NoParameters, Path, Query};
use super::gate::{Gate, Scope};
use super::problem::Problem;
use super::routes::Routes;
use crate::access::Right;
use crate::tenancy::ShopPlatform;

pub(super) fn routes(gate: &Gate) -> Routes {
    let path = "/tenants/{tenant_id}/shops/{platform}";
    Routes::behind(gate).tenant(Method::PUT, path, Right::ConfigureShops, put, gate.clone())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ShopBody {
    webhook_secret: Zeroizing<String>,
}

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
