//! How the accounts at the warehouse fare.

use askama::Template;
use axum::extract::State;
use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::brands::Brands;
use super::{Admin, AdminChrome, PAGE, Pager, StaffVisit, beginning};
use crate::api::{Problem, Query};
use crate::dashboard::{Frame, Moment, Page, Section, Visit};
use crate::sync::health::{AccountHealth, AccountState};
use crate::words::{Said, with_its_words};

#[derive(Template)]
#[template(path = "admin/accounts.html")]
pub(super) struct AccountsPage {
    frame: Frame,
    around: AdminChrome,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    health: AccountHealth,
    state: String,
    tone: &'static str,
    shape: &'static str,
    polled: Option<Moment>,
    age: Option<String>,
    failing: Option<Moment>,
    due: Option<Moment>,
    blocked: Option<Moment>,
    key_age: Option<String>,
    refused: Option<Moment>,
    error: Option<Said>,
    /// The brands of the account, with the prefix of each.
    brands: Vec<(i64, String, Option<String>)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    skip: Option<i64>,
}

pub(super) async fn list(
    State(admin): State<Admin>,
    StaffVisit(visit): StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Page<AccountsPage>, Problem> {
    let (w, skip) = (visit.words(), beginning(asked.skip));
    let (total, accounts) = admin.sources.accounts_health(skip, PAGE).await?;
    let (brands, now) = (Brands::known(&admin).await?, admin.gate.clock.now());
    let link = |skip| format!("/dashboard/admin/accounts?skip={skip}");
    Ok(Page(AccountsPage {
        frame: visit.frame(w.admin_tab("accounts"), Section::Admin),
        around: AdminChrome::of(w, "accounts", None),
        pager: Pager::of(w, skip, accounts.len(), total, link),
        rows: accounts.into_iter().map(|health| row(&visit, &brands, health, now)).collect(),
    }))
}

fn row(visit: &Visit, brands: &Brands, health: AccountHealth, now: DateTime<Utc>) -> Row {
    let w = visit.words();
    let (name, tone, shape) = match health.state {
        AccountState::Ok => ("ok", "success", "full"),
        AccountState::Failing => ("failing", "danger", "sharp"),
        AccountState::Late => ("late", "warning", "half"),
        AccountState::Unread => ("unread", "info", ""),
        AccountState::Idle => ("idle", "", ""),
    };
    Row {
        state: w.admin_account_state(name),
        tone,
        shape,
        polled: health.last_polled_at.map(|at| visit.moment(at)),
        age: health.last_polled_at.map(|at| w.age_of(at, now)),
        failing: health.failing_since.map(|at| visit.moment(at)),
        due: health.next_due_at.map(|at| visit.moment(at)),
        blocked: health.budget.blocked_until.map(|at| visit.moment(at)),
        key_age: health.login.key_obtained_at.map(|at| w.age_of(at, now)),
        refused: health.login.refused_until.map(|at| visit.moment(at)),
        error: health.last_run.as_ref().and_then(|run| Some(with_its_words(w, run.error.as_deref()?))),
        brands: health
            .tenants
            .iter()
            .map(|one| (one.tenant_id, brands.name(one.tenant_id), one.sku_prefix.clone()))
            .collect(),
        health,
    }
}
