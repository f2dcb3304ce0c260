//! `/tenants/{tenant_id}/logistics-config`: how a tenant's orders are found in the warehouse. Credentials go in and never
//! come out.

use std::fmt;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use logistics_domain::AccountId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::extract::{Body, NoParameters, Query, present, refused_field};
use super::gate::{Gate, Scope};
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, Right};
use crate::mintsoft::Credentials;
use crate::sync::Sources;
use crate::sync::connection::Connection;
use crate::sync::preview::PrefixPreview;
use crate::tenancy::{AccountType, ConfigPatch, LogisticsConfig, NewConfig, find_config};

pub(super) fn routes(gate: &Gate, sources: &Arc<Sources>) -> Routes {
    let right = Right::ConfigureLogistics;
    Routes::behind(gate)
        .tenant(right, routes!(create, change), Arc::clone(sources))
        .tenant(right, routes!(show), gate.clone())
        .tenant(right, routes!(test), Arc::clone(sources))
        .tenant(right, routes!(preview), Arc::clone(sources))
}

/// A configuration as it is answered to who gave or changed it.
#[derive(Serialize, ToSchema)]
struct ConfigAnswer {
    #[serde(flatten)]
    config: LogisticsConfig,
    /// What became of trying to connect with the configuration.
    connection: Connection,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct StoreQuery {
    /// `true` stores without trying the connection first.
    #[serde(default)]
    unverified: bool,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PreviewQuery {
    /// The prefix to try, as LADORE.
    #[param(pattern = "^[A-Za-z0-9_-]{1,40}$")]
    sku_prefix: String,
    /// The account whose parked orders are looked at; where the tenant has one, that is taken.
    account_id: Option<Uuid>,
}

/// A configuration as it is sent.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ConfigBody {
    /// The warehouse system; only `mintsoft` is known.
    #[serde(default)]
    provider: Provider,
    /// Whether all of the account's orders are the tenant's (`dedicated`), or several tenants share the account
    /// (`shared`).
    account_type: AccountType,
    /// The root of Mintsoft's API, as `https://api.mintsoft.co.uk`.
    api_url: String,
    /// How to sign in at Mintsoft.
    credentials: CredentialsBody,
    /// What the tenant's order numbers and SKUs begin with, as LADORE; needed in a shared account.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,40}$")]
    sku_prefix: Option<String>,
    /// The number of the warehouse's client under which the tenant's orders are booked.
    shared_client_id: Option<i64>,
    /// The IANA zone of the warehouse's clock; where none is given the account's stays, or `Europe/London` is taken.
    timezone: Option<String>,
    /// Whether the tenant's orders are read in the background; true unless it is said.
    #[serde(default = "enabled")]
    sync_enabled: bool,
}

/// A change as it is sent: what is absent stays. `null` takes away where there may be nothing.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(clippy::option_option, reason = "absent, null and a value are three things to say")]
struct PatchBody {
    /// The warehouse system; only `mintsoft` is known.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    provider: Option<Provider>,
    /// Whether all of the account's orders are the tenant's (`dedicated`), or several tenants share the account
    /// (`shared`).
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    account_type: Option<AccountType>,
    /// The root of Mintsoft's API, as `https://api.mintsoft.co.uk`.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    api_url: Option<String>,
    /// How to sign in at Mintsoft.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    credentials: Option<CredentialsBody>,
    /// What the tenant's order numbers and SKUs begin with; null for none.
    #[serde(default, deserialize_with = "present")]
    #[schema(pattern = "^[A-Za-z0-9_-]{1,40}$")]
    sku_prefix: Option<Option<String>>,
    /// The number of the warehouse's client under which the tenant's orders are booked; null for none.
    #[serde(default, deserialize_with = "present")]
    shared_client_id: Option<Option<i64>>,
    /// The IANA zone of the warehouse's clock.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    timezone: Option<String>,
    /// Whether the tenant's orders are read in the background.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
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
    /// The user's name, with `password`.
    #[schema(value_type = Option<String>, write_only, min_length = 1, max_length = 512)]
    username: Option<Zeroizing<String>>,
    /// The user's password, with `username`.
    #[schema(value_type = Option<String>, write_only, min_length = 1, max_length = 512)]
    password: Option<Zeroizing<String>>,
    /// A fixed key of Mintsoft's, in place of name and password.
    #[schema(value_type = Option<String>, write_only, pattern = "^[!-~]{1,512}$")]
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
            _ => Err(Problem::invalid(
                "credentials",
                "credentials: give username and password, or api_key alone",
            )),
        }
    }
}

const fn enabled() -> bool {
    true
}

/// Gives a tenant its logistics configuration, once a connection with it was made.
#[utoipa::path(post, path = "/tenants/{tenant_id}/logistics-config", tag = "configuration", request_body = ConfigBody,
    params(("tenant_id" = i64, Path, description = "The tenant"), StoreQuery),
    responses((status = 201, description = "Made", body = ConfigAnswer,
        headers(("Location" = String, description = "The address of the configuration")))))]
async fn create(
    State(sources): State<Arc<Sources>>,
    scope: Scope,
    caller: Caller,
    Query(query): Query<StoreQuery>,
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
    let tenant = scope.tenant();
    let (config, connection) = sources.give_config(tenant, &given, caller.actor(), query.unverified).await?;
    let mut response = (StatusCode::CREATED, Json(ConfigAnswer { config, connection })).into_response();
    let place = format!("/api/v1/tenants/{tenant}/logistics-config");
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

/// Changes a tenant's logistics configuration, once a connection with it was made.
#[utoipa::path(patch, path = "/tenants/{tenant_id}/logistics-config", tag = "configuration", request_body = PatchBody,
    params(("tenant_id" = i64, Path, description = "The tenant"), StoreQuery),
    responses((status = 200, description = "Changed", body = ConfigAnswer)))]
async fn change(
    State(sources): State<Arc<Sources>>,
    scope: Scope,
    caller: Caller,
    Query(query): Query<StoreQuery>,
    Body(body): Body<PatchBody>,
) -> Result<Json<ConfigAnswer>, Problem> {
    let (None | Some(Provider::Mintsoft)) = body.provider;
    let patch = ConfigPatch {
        account_type: body.account_type,
        api_url: body.api_url,
        credentials: body.credentials.map(CredentialsBody::read).transpose()?,
        sku_prefix: body.sku_prefix,
        shared_client_id: body.shared_client_id,
        timezone: body.timezone,
        sync_enabled: body.sync_enabled,
        seen: None,
    };
    let by = caller.actor();
    let (config, connection) = sources.change_config(scope.tenant(), &patch, by, query.unverified).await?;
    Ok(Json(ConfigAnswer { config, connection }))
}

/// Tries the connection of the configuration as it is stored.
#[utoipa::path(post, path = "/tenants/{tenant_id}/logistics-config/test", tag = "configuration",
    params(("tenant_id" = i64, Path, description = "The tenant")),
    responses((status = 200, description = "What the trial came to; a refusal is an answer too", body = Connection)))]
async fn test(
    State(sources): State<Arc<Sources>>,
    scope: Scope,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<Connection>, Problem> {
    sources.try_stored(scope.tenant()).await?.map(Json).ok_or_else(unconfigured)
}

/// Which parked orders a prefix would bring to the tenant, were it configured.
#[utoipa::path(get, path = "/tenants/{tenant_id}/logistics-config/preview", tag = "configuration",
    params(("tenant_id" = i64, Path, description = "The tenant"), PreviewQuery),
    responses((status = 200, description = "What the prefix would find", body = PrefixPreview)))]
async fn preview(
    State(sources): State<Arc<Sources>>,
    scope: Scope,
    Query(query): Query<PreviewQuery>,
) -> Result<Json<PrefixPreview>, Problem> {
    let prefix = read_prefix(&query.sku_prefix)?;
    let configured = sources.tenancy.find_config(scope.tenant()).await?.map(|config| config.account_id);
    let account = configured.or(query.account_id.map(AccountId));
    Ok(Json(sources.preview_prefix(scope.tenant(), &prefix, account).await?))
}

fn read_prefix(text: &str) -> Result<String, Problem> {
    let prefix = text.trim();
    let plain = |letter: u8| letter.is_ascii_alphanumeric() || matches!(letter, b'-' | b'_');
    if prefix.is_empty() || prefix.len() > 40 || !prefix.bytes().all(plain) {
        return Err(refused_field(
            "sku_prefix",
            "sku_prefix: give 1 to 40 letters, digits, '-' or '_', as LADORE",
        ));
    }
    Ok(prefix.to_owned())
}

fn unconfigured() -> Problem {
    Problem::not_found(
        "logistics_config_missing",
        "the tenant has no logistics configuration; make one with POST",
    )
}
