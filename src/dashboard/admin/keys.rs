//! API keys of programs: made, shown once, and revoked.

use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;
use uuid::Uuid;

use super::brands::Brands;
use super::{Admin, AdminChrome, PAGE, Pager, StaffVisit, back, beginning, named_tenant, require_staff};
use crate::access::{KeyRequest, KeyRow, PersonError, Role, issue_key_once, list_keys, revoke_key_by};
use crate::api::{NoParameters, Path, Problem, Query};
use crate::clock;
use crate::dashboard::{Frame, Moment, Page, Posted, Section, Visit};

const PLACE: &str = "/dashboard/admin/keys";

/// The longest that a key made here may live, in days.
const DAYS_MAX: i64 = 3650;

#[derive(Template)]
#[template(path = "admin/keys.html")]
pub(super) struct KeysPage {
    frame: Frame,
    around: AdminChrome,
    roles: Vec<(&'static str, String)>,
    made: Option<Made>,
    /// The id of the key that the form makes, however often it is sent.
    next_id: Uuid,
    choices: Option<Vec<(i64, String)>>,
    rows: Vec<Row>,
    pager: Pager,
}

/// What became of a form.
enum Made {
    /// The text of the key, shown this once.
    Now(String),
    /// The key that the same form made before.
    Before(Uuid),
}

struct Row {
    key: KeyRow,
    role: String,
    brand: String,
    made: Moment,
    expires: Option<Moment>,
    revoked: Option<Moment>,
    is_good: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    skip: Option<i64>,
    said: Option<String>,
}

pub(super) async fn list(
    State(admin): State<Admin>,
    StaffVisit(visit): StaffVisit,
    Query(asked): Query<Asked>,
) -> Result<Page<KeysPage>, Problem> {
    page(&admin, &visit, beginning(asked.skip), asked.said.as_deref(), None).await
}

async fn page(
    admin: &Admin,
    visit: &Visit,
    skip: i64,
    said: Option<&str>,
    made: Option<Made>,
) -> Result<Page<KeysPage>, Problem> {
    let (w, now) = (visit.words(), admin.gate.clock.now());
    let (total, keys) = list_keys(&admin.gate.pool, None, skip, PAGE).await?;
    let brands = Brands::known(admin).await?;
    let pager = Pager::of(w, skip, keys.len(), total, |skip| format!("{PLACE}?skip={skip}"));
    Ok(Page(KeysPage {
        frame: visit.frame(w.admin_tab("keys"), Section::Admin),
        around: AdminChrome::of(w, "keys", said),
        roles: Role::ALL.map(|role| (role.as_str(), w.role_name(role.as_str()))).into(),
        made,
        next_id: clock::new_id(),
        choices: brands.choices(),
        rows: keys.into_iter().map(|key| row(visit, &brands, key, now)).collect(),
        pager,
    }))
}

fn row(visit: &Visit, brands: &Brands, key: KeyRow, now: DateTime<Utc>) -> Row {
    Row {
        role: visit.words().role_name(key.role.as_str()),
        brand: key.tenant.map(|tenant| brands.name(tenant.0)).unwrap_or_default(),
        made: visit.moment(key.created_at),
        expires: key.expires_at.map(|at| visit.moment(at)),
        revoked: key.revoked_at.map(|at| visit.moment(at)),
        is_good: key.revoked_at.is_none() && key.expires_at.is_none_or(|until| now < until),
        key,
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KeyForm {
    id: Uuid,
    role: String,
    #[serde(default)]
    tenant_id: String,
    #[serde(default)]
    label: String,
    #[serde(default)]
    days: String,
}

/// Makes a key, and shows it this once: the answer is not kept by the browser's history of forms. A form that comes again,
/// as when a page is loaded anew, makes no second key, and is told that the first cannot be shown again.
pub(super) async fn make(
    State(admin): State<Admin>,
    Posted { visit, form }: Posted<KeyForm>,
) -> Result<Page<KeysPage>, Problem> {
    require_staff(&visit)?;
    let now = admin.gate.clock.now();
    let wrong = |field, told| Problem::from(PersonError::Invalid { field, told });
    let role: Role = form.role.parse().map_err(|_| wrong("role", "choose a role"))?;
    let days: Option<i64> = match form.days.trim() {
        "" => None,
        text => {
            let days = text.parse().ok().filter(|days| (1..=DAYS_MAX).contains(days));
            Some(days.ok_or_else(|| wrong("days", "give 1 to 3650 days, or leave it empty"))?)
        }
    };
    let request = KeyRequest {
        tenant: named_tenant(&form.tenant_id)?,
        role,
        label: form.label.trim().to_owned(),
        expires_at: days.map(|days| now + TimeDelta::days(days)),
    };
    let by = visit.visitor.caller.actor();
    let made = match issue_key_once(&admin.gate.pool, form.id, &request, &by, now).await? {
        Some(issued) => {
            tracing::info!(id = %issued.id, actor = by, "an API key was made");
            Made::Now(issued.text)
        }
        None => Made::Before(form.id),
    };
    page(&admin, &visit, 0, None, Some(made)).await
}

pub(super) async fn revoke(
    State(admin): State<Admin>,
    Path(key): Path<Uuid>,
    Posted { visit, form: NoParameters {} }: Posted<NoParameters>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let by = visit.visitor.caller.actor();
    revoke_key_by(&admin.gate.pool, key, &by, admin.gate.clock.now()).await?;
    Ok(back(&visit, PLACE, "revoked"))
}
