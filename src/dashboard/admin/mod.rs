//! Pages of the platform's staff: tenants with their logistics, shops and syncs; accounts; parked orders; dead letters;
//! people and keys. Each does what the API does, by the same calls. Every form works without script; with it a refusal is
//! shown beside the form that it is about. Absent: SQL and rules, which stand in the rooms.

mod accounts;
mod brands;
mod keys;
mod letters;
mod parked;
mod people;
mod run;
mod tenant;
mod tenant_forms;
mod tenants;

use std::sync::Arc;

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Redirect;
use axum::routing::{get, post};
use logistics_domain::TenantId;

use super::Visit;
use crate::access::Right;
use crate::api::{Gate, Problem};
use crate::sync::Sources;
use crate::words::Words;

/// How many rows a page shows.
const PAGE: i64 = 50;

/// What a page may say that was done, by the names in its address.
const SAID: [&str; 8] =
    ["saved", "saved-untried", "added", "assigned", "dismissed", "restored", "retried", "revoked"];

/// What the pages of the staff work with. Cloning shares it.
#[derive(Clone)]
pub struct Admin {
    gate: Gate,
    sources: Arc<Sources>,
}

impl Admin {
    /// Pages over what the sources work with.
    pub fn over(gate: &Gate, sources: &Arc<Sources>) -> Self {
        Self { gate: gate.clone(), sources: Arc::clone(sources) }
    }
}

/// Their routes, with full paths.
pub(super) fn routes(admin: Admin) -> Router {
    Router::new()
        .route("/dashboard/admin", get(|| async { Redirect::to("/dashboard/admin/tenants") }))
        .route("/dashboard/admin/tenants", get(tenants::list).post(tenants::add))
        .route("/dashboard/admin/tenants/{tenant_id}", get(tenant::show).post(tenant_forms::change))
        .route("/dashboard/admin/tenants/{tenant_id}/logistics", post(tenant_forms::configure))
        .route("/dashboard/admin/tenants/{tenant_id}/test", post(tenant::test))
        .route("/dashboard/admin/tenants/{tenant_id}/sync", post(run::start))
        .route("/dashboard/admin/tenants/{tenant_id}/sync/{run_id}", get(run::show))
        .route("/dashboard/admin/tenants/{tenant_id}/shops/{platform}", post(tenant_forms::shop))
        .route("/dashboard/admin/tenants/{tenant_id}/shops/{platform}/older", post(tenant_forms::end_older))
        .route("/dashboard/admin/accounts", get(accounts::list))
        .route("/dashboard/admin/parked", get(parked::list))
        .route("/dashboard/admin/parked/{account_id}/{row_key}/{deed}", post(parked::decide))
        .route("/dashboard/admin/dead-letters", get(letters::list))
        .route("/dashboard/admin/dead-letters/{letter}/retry", post(letters::retry))
        .route("/dashboard/admin/dead-letters/{letter}/dismiss", post(letters::dismiss))
        .route("/dashboard/admin/people", get(people::list).post(people::add))
        .route("/dashboard/admin/people/{person}", post(people::change))
        .route("/dashboard/admin/keys", get(keys::list).post(keys::make))
        .route("/dashboard/admin/keys/{key}/revoke", post(keys::revoke))
        .with_state(admin)
}

/// A look by somebody who runs the platform; anybody else is refused.
pub(super) struct StaffVisit(pub(super) Visit);

impl<S: Sync> FromRequestParts<S> for StaffVisit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let visit = Visit::from_request_parts(parts, state).await?;
        require_staff(&visit)?;
        Ok(Self(visit))
    }
}

/// Refuses a visitor who does not run the platform.
fn require_staff(visit: &Visit) -> Result<(), Problem> {
    visit.require(Right::Operate)?;
    visit.require(Right::ManageAccess)
}

/// What stands around every page of the staff.
struct AdminChrome {
    tabs: Vec<Tab>,
    said: Option<String>,
}

/// A way to another page of the staff.
struct Tab {
    href: String,
    text: String,
    is_current: bool,
}

impl AdminChrome {
    fn of(w: Words, current: &str, said: Option<&str>) -> Self {
        let tabs = ["tenants", "accounts", "parked", "dead-letters", "people", "keys"].map(|name| Tab {
            href: format!("/dashboard/admin/{name}"),
            text: w.admin_tab(name),
            is_current: name == current,
        });
        // What an address says is said again only if it is one of ours.
        let said = said.filter(|said| SAID.contains(said));
        Self { tabs: tabs.into(), said: said.map(|said| w.admin_said(said)) }
    }
}

/// Where one page of rows stands among all.
struct Pager {
    range: String,
    /// The first page, where this one is further on and has no rows left.
    first: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl Pager {
    /// `link` makes the address of a page that begins at a row.
    fn of(w: Words, skip: i64, shown: usize, total: i64, link: impl Fn(i64) -> String) -> Self {
        let last = skip + i64::try_from(shown).unwrap_or(i64::MAX);
        let first = if shown == 0 { 0 } else { skip + 1 };
        Self {
            first: (shown == 0 && skip > 0).then(|| link(0)),
            range: if first <= 1 && last >= total {
                w.admin_total(total)
            } else {
                w.admin_range(first, last, total)
            },
            before: (skip > 0).then(|| link((skip - PAGE).max(0))),
            after: (last < total).then(|| link(last)),
        }
    }
}

/// Back to a page, which then says what was done: as it was searched and gone through, if it is the one that the form stood
/// on.
fn back(visit: &Visit, path: &str, said: &str) -> Redirect {
    let (page, query) = visit.came_from.split_once('?').unwrap_or((&visit.came_from, ""));
    let fields =
        url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| page == path && name != "said");
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields).append_pair("said", said);
    Redirect::to(&format!("{path}?{}", query.finish()))
}

/// A text field that may be left empty.
fn filled(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// The tenant that a form names; none where the field is empty.
fn named_tenant(text: &str) -> Result<Option<TenantId>, Problem> {
    let Some(text) = filled(text) else { return Ok(None) };
    let told = "choose a tenant";
    let wrong =
        |_| Problem::of(StatusCode::UNPROCESSABLE_ENTITY, "field_invalid", told).with("field", "tenant_id");
    text.parse().map(|id| Some(TenantId(id))).map_err(wrong)
}

/// Where a page begins.
fn beginning(skip: Option<i64>) -> i64 {
    skip.unwrap_or(0).clamp(0, 1_000_000)
}
