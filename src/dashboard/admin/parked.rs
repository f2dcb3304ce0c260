//! Parked orders: whose is each? They are given to a tenant, dismissed, and shown again.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use logistics_domain::AccountId;
use serde::Deserialize;
use uuid::Uuid;

use super::brands::Brands;
use super::{
    Admin, AdminChrome, PAGE, Pager, StaffVisit, back, beginning, filled, named_tenant, require_staff,
};
use crate::access::Justification;
use crate::api::{Path, Problem, Query};
use crate::dashboard::{Frame, Moment, Page, Posted, Section, Visit};
use crate::sync::parked_decisions::{self, DecisionError, ParkedKey};
use crate::sync::parked_list::{self, ParkedFilter, ParkedOrder, ParkedState};

#[derive(Template)]
#[template(path = "admin/parked.html")]
pub(super) struct ParkedPage {
    frame: Frame,
    around: AdminChrome,
    state: &'static str,
    states: Vec<(String, String, bool)>,
    reasons: Vec<(String, String, i64, bool)>,
    reason: String,
    search: String,
    /// The address without what narrows it; empty where nothing does.
    anew: String,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    order: ParkedOrder,
    why: String,
    seen: Moment,
    choices: Vec<(i64, String)>,
    /// The brand that it was given to.
    assigned: String,
    place: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    skip: Option<i64>,
    state: Option<ParkedState>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    search: String,
    said: Option<String>,
}

pub(super) async fn list(
    State(admin): State<Admin>,
    StaffVisit(visit): StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Page<ParkedPage>, Problem> {
    let (w, skip) = (visit.words(), beginning(asked.skip));
    let plain = |text: &str| text.chars().filter(|letter| *letter != '\0').take(100).collect::<String>();
    let (search, reason) = (plain(&asked.search), plain(&asked.reason));
    let filter = ParkedFilter {
        state: asked.state.unwrap_or_default(),
        account: None,
        reason: filled(&reason).map(str::to_owned),
        search: filled(&search).map(str::to_owned),
    };
    let found = parked_list::list(&admin.gate.pool, &filter, skip, PAGE).await?;
    let state = filter.state.as_str();
    let states = ["open", "assigned", "dismissed"]
        .map(|name| (address(name, "", &search, 0), w.admin_parked_state(name), name == state));
    let reasons = found.by_reason.iter().map(|(code, count)| {
        (address(state, code, &search, 0), w.admin_parked_reason(code), *count, *code == reason)
    });
    let reasons = reasons.collect();
    let pager =
        Pager::of(w, skip, found.items.len(), found.total, |skip| address(state, &reason, &search, skip));
    let is_narrowed = filter.reason.is_some() || filter.search.is_some();
    let anew = if is_narrowed { address(state, "", "", 0) } else { String::new() };
    Ok(Page(ParkedPage {
        frame: visit.frame(w.admin_tab("parked"), Section::Admin),
        around: AdminChrome::of(w, "parked", asked.said.as_deref()),
        state,
        states: states.into(),
        reasons,
        reason,
        search,
        anew,
        rows: rows(&admin, &visit, found.items).await?,
        pager,
    }))
}

/// The address of the list that is narrowed so.
fn address(state: &str, reason: &str, search: &str, skip: i64) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("state", state)
        .append_pair("reason", reason)
        .append_pair("search", search)
        .append_pair("skip", &skip.to_string())
        .finish();
    format!("/dashboard/admin/parked?{query}")
}

/// The orders as they are listed, each with the brands of its account to choose from.
async fn rows(admin: &Admin, visit: &Visit, orders: Vec<ParkedOrder>) -> Result<Vec<Row>, Problem> {
    let mut members: HashMap<Uuid, Vec<(i64, String)>> = HashMap::new();
    let brands = Brands::known(admin).await?;
    let mut rows = Vec::with_capacity(orders.len());
    for order in orders {
        if let Entry::Vacant(entry) = members.entry(order.account_id) {
            let of_account = admin.gate.tenancy.members(AccountId(order.account_id)).await?;
            entry.insert(of_account.iter().map(|one| (one.tenant.0, brands.name(one.tenant.0))).collect());
        }
        let choices = members.get(&order.account_id).cloned().unwrap_or_default();
        let key: String = url::form_urlencoded::byte_serialize(order.row_key.as_bytes()).collect();
        rows.push(Row {
            why: visit.words().admin_parked_reason(&order.reason),
            seen: visit.moment(order.last_seen_at),
            place: format!("/dashboard/admin/parked/{}/{key}", order.account_id),
            choices,
            assigned: order.assigned_tenant_id.map(|id| brands.name(id)).unwrap_or_default(),
            order,
        });
    }
    Ok(rows)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionForm {
    #[serde(default)]
    tenant_id: String,
    reason: String,
}

/// `assign`, `dismiss` or `restore`.
pub(super) async fn decide(
    State(admin): State<Admin>,
    Path((account, row_key, deed)): Path<(Uuid, String, String)>,
    Posted { visit, form }: Posted<DecisionForm>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let (pool, now) = (&admin.gate.pool, admin.gate.clock.now());
    let key = ParkedKey::checked(AccountId(account), row_key)?;
    let justification = Justification::checked(visit.visitor.caller.actor(), &form.reason, now)?;
    let said = match deed.as_str() {
        "assign" => {
            let tenant = named_tenant(&form.tenant_id)?.ok_or(DecisionError::NotOfAccount)?;
            parked_decisions::assign(pool, &key, tenant, &justification).await?;
            "assigned"
        }
        "dismiss" => {
            parked_decisions::dismiss(pool, &key, &justification).await?;
            "dismissed"
        }
        "restore" => {
            parked_decisions::restore(pool, &key, &justification).await?;
            "restored"
        }
        _ => return Err(DecisionError::Unknown.into()),
    };
    Ok(back(&visit, "/dashboard/admin/parked", said))
}
