//! What the forms of a tenant's page do: change it, give or change how its orders are found, give shops their secrets.

use axum::extract::State;
use axum::response::Redirect;
use logistics_domain::TenantId;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::{Admin, back, filled, require_staff};
use crate::access::AccessError;
use crate::api::{NoParameters, Path, Problem};
use crate::dashboard::Posted;
use crate::mintsoft::Credentials;
use crate::tenancy::{AccountType, ConfigPatch, NewConfig, ShopPlatform, TenantPatch};

fn place(tenant: i64) -> String {
    format!("/dashboard/admin/tenants/{tenant}")
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantForm {
    name: String,
    slug: String,
    timezone: String,
    #[serde(default)]
    is_active: Option<String>,
    /// What the tenant was when the page was opened.
    #[serde(default)]
    seen: String,
}

/// Changes the tenant. A box that is not ticked is not sent.
pub(super) async fn change(
    State(admin): State<Admin>,
    Path(tenant): Path<i64>,
    Posted { visit, form }: Posted<TenantForm>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let patch = TenantPatch {
        name: Some(form.name),
        slug: Some(form.slug),
        timezone: Some(form.timezone),
        is_active: Some(form.is_active.is_some()),
        seen: Some(form.seen),
    };
    let (now, tenancy) = (admin.gate.clock.now(), admin.gate.tenancy.by(visit.visitor.caller.actor()));
    let changed = tenancy.patch_tenant(TenantId(tenant), &patch, now).await?;
    changed.ok_or(AccessError::NoSuchTenant)?;
    Ok(back(&visit, &place(tenant), "saved"))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct LogisticsForm {
    account_type: AccountType,
    api_url: String,
    #[serde(default)]
    username: Zeroizing<String>,
    #[serde(default)]
    password: Zeroizing<String>,
    #[serde(default)]
    api_key: Zeroizing<String>,
    #[serde(default)]
    sku_prefix: String,
    #[serde(default)]
    shared_client_id: String,
    #[serde(default)]
    timezone: String,
    #[serde(default)]
    sync_enabled: Option<String>,
    #[serde(default)]
    unverified: Option<String>,
    /// What the configuration was when the page was opened; empty where there was none.
    #[serde(default)]
    seen: String,
}

impl LogisticsForm {
    /// The credentials that were typed; none where the fields were left empty, which keeps the present ones.
    fn credentials(&self) -> Result<Option<Credentials>, Problem> {
        let key = filled(&self.api_key);
        match (filled(&self.username), self.password.is_empty(), key) {
            (None, true, None) => Ok(None),
            (Some(username), false, None) => {
                Ok(Some(Credentials::login(username.to_owned(), self.password.as_str().to_owned())))
            }
            (None, true, Some(key)) => Ok(Some(Credentials::api_key(key.to_owned()))),
            _ => Err(Problem::invalid("credentials", "give a user name with its password, or a key alone")),
        }
    }

    fn client(&self) -> Result<Option<i64>, Problem> {
        let wrong = |_| {
            Problem::invalid(
                "shared_client_id",
                "give the number that Mintsoft has for the client, or leave it empty",
            )
        };
        filled(&self.shared_client_id).map(|text| text.parse().map_err(wrong)).transpose()
    }
}

/// Gives or changes how the tenant's orders are found, once that was tried.
pub(super) async fn configure(
    State(admin): State<Admin>,
    Path(tenant): Path<i64>,
    Posted { visit, form }: Posted<LogisticsForm>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let (id, sources, by) = (TenantId(tenant), &admin.sources, visit.visitor.caller.actor());
    let (credentials, client, unverified) = (form.credentials()?, form.client()?, form.unverified.is_some());
    let sku_prefix = filled(&form.sku_prefix).map(str::to_owned);
    let timezone = filled(&form.timezone).map(str::to_owned);
    if sources.tenancy.find_config(id).await?.is_some() {
        let patch = ConfigPatch {
            account_type: Some(form.account_type),
            api_url: Some(form.api_url),
            credentials,
            sku_prefix: Some(sku_prefix),
            shared_client_id: Some(client),
            timezone,
            sync_enabled: Some(form.sync_enabled.is_some()),
            seen: Some(form.seen),
        };
        sources.change_config(id, &patch, by, unverified).await?;
    } else {
        let given = NewConfig {
            account_type: form.account_type,
            api_url: form.api_url,
            credentials: credentials.ok_or_else(|| {
                Problem::invalid("credentials", "give a user name with its password, or a key alone")
            })?,
            sku_prefix,
            shared_client_id: client,
            timezone,
            sync_enabled: form.sync_enabled.is_some(),
        };
        sources.give_config(id, &given, by, unverified).await?;
    }
    Ok(back(&visit, &place(tenant), if unverified { "saved-untried" } else { "saved" }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ShopForm {
    webhook_secret: Zeroizing<String>,
}

/// Gives the secret that signs a shop's webhooks.
pub(super) async fn shop(
    State(admin): State<Admin>,
    Path((tenant, platform)): Path<(i64, ShopPlatform)>,
    Posted { visit, form }: Posted<ShopForm>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let (now, tenancy) = (admin.gate.clock.now(), admin.gate.tenancy.by(visit.visitor.caller.actor()));
    tenancy.put_shop_secret(TenantId(tenant), platform, &form.webhook_secret, now).await?;
    Ok(back(&visit, &place(tenant), "saved"))
}

/// Ends the replaced secrets of a shop at once.
pub(super) async fn end_older(
    State(admin): State<Admin>,
    Path((tenant, platform)): Path<(i64, ShopPlatform)>,
    Posted { visit, form: NoParameters {} }: Posted<NoParameters>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let tenancy = admin.gate.tenancy.by(visit.visitor.caller.actor());
    tenancy.end_older_shop_secrets(TenantId(tenant), platform).await?;
    Ok(back(&visit, &place(tenant), "saved"))
}
