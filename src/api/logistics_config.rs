//! `/tenants/{tenant_id}/logistics-config`: how a tenant's orders are found in the warehouse. Credentials go in and never
//! come out.

use std::fmt;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;
use utoipa_axum::routes;
use zeroize::Zeroizing;

use super::error::invalid;
use super::extract::{Body, NoParameters, Query};
use super::gate::{Gate, Scope};
use super::problem::Problem;
use super::routes::Routes;
use crate::access::Right;
use crate::mintsoft::Credentials;
use crate::tenancy::{AccountType, ConfigPatch, LogisticsConfig, NewConfig, find_config};

pub(super) fn routes(gate: &Gate) -> Routes {
    let right = Right::ConfigureLogistics;
    Routes::behind(gate).tenant(right, routes!(create, show, change), gate.clone())
}

/// A configuration as it is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfigBody {
    #[serde(default)]
    provider: Provider,
    account_type: AccountType,
    api_url: String,
    credentials: CredentialsBody,
    sku_prefix: Option<String>,
    shared_client_id: Option<i64>,
    timezone: Option<String>,
    #[serde(default = "enabled")]
    sync_enabled: bool,
}

/// A change as it is sent: what is absent stays. `null` takes away where there may be nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things to say")]
struct PatchBody {
    #[serde(default, deserialize_with = "present")]
    provider: Option<Provider>,
    #[serde(default, deserialize_with = "present")]
    account_type: Option<AccountType>,
    #[serde(default, deserialize_with = "present")]
    api_url: Option<String>,
    #[serde(default, deserialize_with = "present")]
    credentials: Option<CredentialsBody>,
    #[serde(default, deserialize_with = "present")]
    sku_prefix: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    shared_client_id: Option<Option<i64>>,
    #[serde(default, deserialize_with = "present")]
    timezone: Option<String>,
    #[serde(default, deserialize_with = "present")]
    sync_enabled: Option<bool>,
}

/// The one warehouse system that is known.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Provider {
    #[default]
    Mintsoft,
}

/// `{"username","password"}` or `{"api_key"}`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct CredentialsBody {
    #[schema(value_type = Option<String>, write_only)]
    username: Option<Zeroizing<String>>,
    #[schema(value_type = Option<String>, write_only)]
    password: Option<Zeroizing<String>>,
    #[schema(value_type = Option<String>, write_only)]
    api_key: Option<Zeroizing<String>>,
}

impl fmt::Debug for CredentialsBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialsBody(..)")
    }
}

impl CredentialsBody {
    fn read(self) -> Result<Credentials, Problem> {
        match (self.username, self.password, self.api_key) {
            (Some(username), Some(password), None) => Ok(Credentials::Login { username, password }),
            (None, None, Some(api_key)) => Ok(Credentials::ApiKey(api_key)),
            _ => Err(invalid("credentials", "credentials: give username and password, or api_key alone")),
        }
    }
}

/// A field that stands in the body, be it `null`.
fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(field: D) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

const fn enabled() -> bool {
    true
}

/// Gives a tenant its logistics configuration.
#[utoipa::path(post, path = "/tenants/{tenant_id}/logistics-config", tag = "configuration", request_body = ConfigBody,
    params(("tenant_id" = i64, Path, description = "The tenant")),
    responses((status = 201, description = "Made", body = LogisticsConfig)))]
async fn create(
    State(gate): State<Gate>,
    scope: Scope,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<ConfigBody>,
) -> Result<Response, Problem> {
    let Provider::Mintsoft = body.provider;
    let given = NewConfig {
        account_type: body.account_type,
        api_url: body.api_url,
        credentials: body.credentials.read()?,
        sku_prefix: body.sku_prefix,
        shared_client_id: body.shared_client_id,
        timezone: body.timezone,
        sync_enabled: body.sync_enabled,
    };
    let config = gate.tenancy.create_config(scope.tenant(), &given, gate.clock.now()).await?;
    let mut response = (StatusCode::CREATED, Json(config)).into_response();
    let place = format!("/api/v1/tenants/{}/logistics-config", scope.tenant());
    if let Ok(place) = HeaderValue::from_str(&place) {
        response.headers_mut().insert(header::LOCATION, place);
    }
    Ok(response)
}

/// How the tenant's orders are found.
#[utoipa::path(get, path = "/tenants/{tenant_id}/logistics-config", tag = "configuration",
    params(("tenant_id" = i64, Path, description = "The tenant")),
    responses((status = 200, description = "The configuration", body = LogisticsConfig)))]
async fn show(
    State(gate): State<Gate>,
    scope: Scope,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<LogisticsConfig>, Problem> {
    let mut reading = gate.reader.of(scope.tenant()).await?;
    find_config(&mut *reading, scope.tenant()).await?.map(Json).ok_or_else(unconfigured)
}

/// Changes a tenant's logistics configuration.
#[utoipa::path(patch, path = "/tenants/{tenant_id}/logistics-config", tag = "configuration", request_body = PatchBody,
    params(("tenant_id" = i64, Path, description = "The tenant")),
    responses((status = 200, description = "Changed", body = LogisticsConfig)))]
async fn change(
    State(gate): State<Gate>,
    scope: Scope,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<PatchBody>,
) -> Result<Json<LogisticsConfig>, Problem> {
    let (None | Some(Provider::Mintsoft)) = body.provider;
    let patch = ConfigPatch {
        account_type: body.account_type,
        api_url: body.api_url,
        credentials: body.credentials.map(CredentialsBody::read).transpose()?,
        sku_prefix: body.sku_prefix,
        shared_client_id: body.shared_client_id,
        timezone: body.timezone,
        sync_enabled: body.sync_enabled,
    };
    let changed = gate.tenancy.patch_config(scope.tenant(), &patch, gate.clock.now()).await?;
    changed.map(Json).ok_or_else(unconfigured)
}

fn unconfigured() -> Problem {
    Problem::not_found(
        "logistics_config_missing",
        "the tenant has no logistics configuration; make one with POST",
    )
}
