//! The tenants: who there is, whether each is configured and read, and taking one in.

use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;

use super::{Admin, AdminChrome, PAGE, Pager, StaffVisit, back, beginning, filled, require_staff};
use crate::api::{Problem, Query};
use crate::dashboard::{Frame, Moment, Page, Posted, Section};
use crate::tenancy::{NewTenant, TenantSummary, list_tenants};

#[derive(Template)]
#[template(path = "admin/tenants.html")]
pub(super) struct TenantsPage {
    frame: Frame,
    around: AdminChrome,
    search: String,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    tenant: TenantSummary,
    synced: Option<Moment>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    skip: Option<i64>,
    #[serde(default)]
    search: String,
    said: Option<String>,
}

pub(super) async fn list(
    State(admin): State<Admin>,
    StaffVisit(visit): StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Page<TenantsPage>, Problem> {
    let (w, skip) = (visit.words(), beginning(asked.skip));
    let search: String = asked.search.chars().filter(|letter| *letter != '\0').take(100).collect();
    let (total, tenants) = list_tenants(&admin.gate.pool, filled(&search), None, skip, PAGE).await?;
    let wanted: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
    let link = |skip| format!("/dashboard/admin/tenants?search={wanted}&skip={skip}");
    let pager = Pager::of(w, skip, tenants.len(), total, link);
    let rows = tenants
        .into_iter()
        .map(|tenant| Row { synced: tenant.last_synced_at.map(|at| visit.moment(at)), tenant })
        .collect();
    Ok(Page(TenantsPage {
        frame: visit.frame(w.admin_tab("tenants"), Section::Admin),
        around: AdminChrome::of(w, "tenants", asked.said.as_deref()),
        search,
        rows,
        pager,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct TenantForm {
    id: i64,
    name: String,
    slug: String,
    timezone: String,
}

pub(super) async fn add(
    State(admin): State<Admin>,
    Posted { visit, form }: Posted<TenantForm>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let TenantForm { id, name, slug, timezone } = form;
    let tenant = NewTenant { id, name, slug, timezone };
    let tenancy = admin.gate.tenancy.by(visit.visitor.caller.actor());
    let added = tenancy.add_tenant(&tenant, admin.gate.clock.now()).await?;
    Ok(back(&visit, &format!("/dashboard/admin/tenants/{}", added.id), "added"))
}
