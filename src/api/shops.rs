//! `/tenants/{tenant_id}/shops`: the shops that send webhooks. The secret that signs them goes in and never comes out. After a
//! change the older one stays good for two days, which is shown and may be ended at once.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::routes;
use zeroize::Zeroizing;

use super::extract::{Body, NoParameters, Path, Query};
use super::gate::{Gate, Scope};
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, Right};
use crate::sync::Sources;
use crate::tenancy::{Shop, ShopPlatform};

pub(super) fn routes(gate: &Gate, sources: &Arc<Sources>) -> Routes {
    let right = Right::ConfigureShops;
    Routes::behind(gate)
        .tenant(right, routes!(list), Arc::clone(sources))
        .tenant(right, routes!(put), Arc::clone(sources))
        .tenant(right, routes!(end_older), Arc::clone(sources))
}

/// The secret of a shop.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ShopBody {
    /// The secret with which the shop signs its webhooks.
    #[schema(value_type = String, write_only, min_length = 1, max_length = 512)]
    webhook_secret: Zeroizing<String>,
}

/// A shop, and the address to give it.
#[derive(Serialize, ToSchema)]
struct ShopAnswer {
    #[serde(flatten)]
    shop: Shop,
    /// The address to enter in the shop for its webhook: whole where the service's public address is set, else its
    /// path.
    webhook_url: String,
}

#[derive(Serialize, ToSchema)]
struct ShopList {
    total: usize,
    items: Vec<ShopAnswer>,
    skip: i64,
    limit: usize,
}

/// The tenant's shops.
#[utoipa::path(get, path = "/tenants/{tenant_id}/shops", tag = "configuration",
    params(("tenant_id" = i64, Path, description = "The tenant")),
    responses((status = 200, description = "The shops, all of them", body = ShopList)))]
async fn list(
    State(sources): State<Arc<Sources>>,
    scope: Scope,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<ShopList>, Problem> {
    let shops = sources.tenancy.list_shops(scope.tenant(), sources.clock.now()).await?;
    let items: Vec<ShopAnswer> = shops.into_iter().map(|shop| answered(&sources, shop)).collect();
    Ok(Json(ShopList { total: items.len(), skip: 0, limit: items.len(), items }))
}

/// Gives the secret that signs a shop's webhooks. The one before stays good for two days.
#[utoipa::path(put, path = "/tenants/{tenant_id}/shops/{platform}", tag = "configuration", request_body = ShopBody,
    params(("tenant_id" = i64, Path, description = "The tenant"), ("platform" = ShopPlatform, Path, description = "Which shop")),
    responses((status = 200, description = "The shop", body = ShopAnswer)))]
async fn put(
    State(sources): State<Arc<Sources>>,
    scope: Scope,
    caller: Caller,
    Path((_, platform)): Path<(i64, ShopPlatform)>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<ShopBody>,
) -> Result<Json<ShopAnswer>, Problem> {
    let now = sources.clock.now();
    let tenancy = sources.tenancy.by(caller.actor());
    tenancy.put_shop_secret(scope.tenant(), platform, &body.webhook_secret, now).await?;
    one(&sources, scope, platform).await
}

/// Ends the replaced secrets of a shop at once.
#[utoipa::path(delete, path = "/tenants/{tenant_id}/shops/{platform}/older", tag = "configuration",
    params(("tenant_id" = i64, Path, description = "The tenant"), ("platform" = ShopPlatform, Path, description = "Which shop")),
    responses((status = 200, description = "The shop, with its newest secret alone", body = ShopAnswer)))]
async fn end_older(
    State(sources): State<Arc<Sources>>,
    scope: Scope,
    caller: Caller,
    Path((_, platform)): Path<(i64, ShopPlatform)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<ShopAnswer>, Problem> {
    let tenancy = sources.tenancy.by(caller.actor());
    if !tenancy.end_older_shop_secrets(scope.tenant(), platform).await? {
        return Err(unknown());
    }
    one(&sources, scope, platform).await
}

async fn one(sources: &Sources, scope: Scope, platform: ShopPlatform) -> Result<Json<ShopAnswer>, Problem> {
    let shops = sources.tenancy.list_shops(scope.tenant(), sources.clock.now()).await?;
    let shop = shops.into_iter().find(|shop| shop.platform == platform).ok_or_else(unknown)?;
    Ok(Json(answered(sources, shop)))
}

fn answered(sources: &Sources, shop: Shop) -> ShopAnswer {
    let root = sources.settings.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
    let webhook_url = format!("{root}/api/v1/webhooks/{}/{}", shop.platform.as_str(), shop.tenant_id);
    ShopAnswer { shop, webhook_url }
}

fn unknown() -> Problem {
    Problem::not_found("shop_unknown", "the tenant has no such shop; give its secret with PUT first")
}
