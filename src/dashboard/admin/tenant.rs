//! One tenant: what it is, how its orders are found, its shops, its account's runs; trying the connection, and what a
//! prefix would find.

use askama::Template;
use axum::extract::State;
use logistics_domain::TenantId;
use serde::Deserialize;

use super::{Admin, AdminChrome, StaffVisit, filled, require_staff};
use crate::access::AccessError;
use crate::api::{NoParameters, Path, Problem, Query};
use crate::dashboard::{Frame, Moment, Page, Posted, Section, Visit};
use crate::sync::connection::{Connection, ConnectionState};
use crate::sync::health::recent_runs;
use crate::sync::preview::PrefixPreview;
use crate::sync::runs::SyncRun;
use crate::tenancy::{AccountType, CredentialsKind, LogisticsConfig, Shop, TenantSummary};

/// How many runs are shown.
const RUNS: i64 = 5;

#[derive(Template)]
#[template(path = "admin/tenant.html")]
pub(super) struct TenantPage {
    frame: Frame,
    around: AdminChrome,
    tenant: TenantSummary,
    config: Option<Configured>,
    trial: Option<Trial>,
    prefix: String,
    preview: Option<PrefixPreview>,
    shops: Vec<ShopRow>,
    runs: Vec<RunRow>,
}

/// A configuration, ready to show.
struct Configured {
    config: LogisticsConfig,
    is_dedicated: bool,
    has_login: bool,
    set: Moment,
    synced: Option<Moment>,
}

/// What trying the connection came to.
struct Trial {
    tone: &'static str,
    text: String,
    detail: String,
}

struct ShopRow {
    shop: Shop,
    platform: &'static str,
    /// Where the shop sends its messages: our own address, and the path there.
    webhook_host: String,
    webhook_path: String,
    set: Moment,
    older_until: Option<Moment>,
    last_delivery: Option<Moment>,
}

struct RunRow {
    run: SyncRun,
    asked: Moment,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    #[serde(default)]
    prefix: String,
    said: Option<String>,
}

pub(super) async fn show(
    State(admin): State<Admin>,
    StaffVisit(visit): StaffVisit,
    Path(tenant): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Page<TenantPage>, Problem> {
    page(&admin, &visit, TenantId(tenant), asked, None).await
}

/// Tries the stored connection, and shows what came of it.
pub(super) async fn test(
    State(admin): State<Admin>,
    Path(tenant): Path<i64>,
    Posted { visit, form: NoParameters {} }: Posted<NoParameters>,
) -> Result<Page<TenantPage>, Problem> {
    require_staff(&visit)?;
    let tried = admin.sources.try_stored(TenantId(tenant)).await?;
    let asked = Asked { prefix: String::new(), said: None };
    // The address that was asked takes forms alone; who chooses a language or comes back is led to the tenant's own.
    let visit = Visit { address: format!("/dashboard/admin/tenants/{tenant}"), ..visit };
    page(&admin, &visit, TenantId(tenant), asked, tried).await
}

async fn page(
    admin: &Admin,
    visit: &Visit,
    tenant: TenantId,
    asked: Asked,
    tried: Option<Connection>,
) -> Result<Page<TenantPage>, Problem> {
    let (w, sources) = (visit.words(), &admin.sources);
    let tenancy = &sources.tenancy;
    let summary = tenancy.summarise_tenant(tenant).await?.ok_or(AccessError::NoSuchTenant)?;
    let config = tenancy.find_config(tenant).await?;
    let account = config.as_ref().map(|config| config.account_id);
    let runs = match account {
        Some(account) => recent_runs(&mut *sources.pool.acquire().await?, account, 0, RUNS).await?.1,
        None => Vec::new(),
    };
    let preview = match filled(&asked.prefix) {
        Some(prefix) if prefix.len() <= 40 => Some(sources.preview_prefix(tenant, prefix, account).await?),
        _ => None,
    };
    let shops = tenancy.list_shops(tenant, sources.clock.now()).await?;
    let root = sources.settings.public_url.as_deref().unwrap_or_default().trim_end_matches('/');
    Ok(Page(TenantPage {
        frame: visit.frame(summary.name.clone(), Section::Admin),
        around: AdminChrome::of(w, "tenants", asked.said.as_deref()),
        config: config.map(|config| configured(visit, config)),
        trial: tried.map(|tried| Trial {
            tone: match tried.state {
                ConnectionState::Ok => "success",
                ConnectionState::Refused => "danger",
                ConnectionState::Unreachable | ConnectionState::NotTested => "warning",
            },
            text: w.admin_connection(connection_name(tried.state)),
            detail: if tried.state == ConnectionState::Ok { String::new() } else { tried.detail },
        }),
        prefix: asked.prefix,
        preview,
        shops: shops.into_iter().map(|shop| shop_row(visit, root, shop)).collect(),
        runs: runs.into_iter().map(|run| RunRow { asked: visit.moment(run.created_at), run }).collect(),
        tenant: summary,
    }))
}

const fn connection_name(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Ok => "ok",
        ConnectionState::Refused => "refused",
        ConnectionState::Unreachable => "unreachable",
        ConnectionState::NotTested => "not_tested",
    }
}

fn configured(visit: &Visit, config: LogisticsConfig) -> Configured {
    Configured {
        is_dedicated: config.account_type == AccountType::Dedicated,
        has_login: config.credentials.kind == CredentialsKind::Login,
        set: visit.moment(config.credentials.set_at),
        synced: config.last_synced_at.map(|at| visit.moment(at)),
        config,
    }
}

fn shop_row(visit: &Visit, root: &str, shop: Shop) -> ShopRow {
    let platform = shop.platform.as_str();
    ShopRow {
        platform,
        webhook_host: root.to_owned(),
        webhook_path: format!("/api/v1/webhooks/{platform}/{}", shop.tenant_id),
        set: visit.moment(shop.set_at),
        older_until: shop.older_until.map(|at| visit.moment(at)),
        last_delivery: shop.last_delivery_at.map(|at| visit.moment(at)),
        shop,
    }
}
