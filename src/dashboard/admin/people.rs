//! The people who may sign in: taken in for a tenant or as staff, given another role, switched off and on.

use askama::Template;
use axum::extract::State;
use axum::response::Redirect;
use serde::Deserialize;
use uuid::Uuid;

use super::brands::Brands;
use super::{
    Admin, AdminChrome, PAGE, Pager, StaffVisit, back, beginning, filled, named_tenant, require_staff,
};
use crate::access::{
    Person, PersonChange, PersonError, PersonFilter, PersonRequest, Role, add_person, change_person_by,
    list_people,
};
use crate::api::{Path, Problem, Query};
use crate::dashboard::{Frame, Page, Posted, Section};

const PLACE: &str = "/dashboard/admin/people";

#[derive(Template)]
#[template(path = "admin/people.html")]
pub(super) struct PeoplePage {
    frame: Frame,
    around: AdminChrome,
    search: String,
    roles: Vec<(&'static str, String)>,
    choices: Option<Vec<(i64, String)>>,
    rows: Vec<Row>,
    pager: Pager,
}

struct Row {
    person: Person,
    role: String,
    brand: String,
    /// Whether that is the one who looks; nobody takes their own access away.
    is_own: bool,
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
) -> Result<Page<PeoplePage>, Problem> {
    let (w, skip) = (visit.words(), beginning(asked.skip));
    let search: String = asked.search.chars().filter(|letter| *letter != '\0').take(100).collect();
    let filter = PersonFilter { tenant: None, search: filled(&search).map(str::to_owned), skip, limit: PAGE };
    let found = list_people(&admin.gate.pool, &filter).await?;
    let wanted: String = url::form_urlencoded::byte_serialize(search.as_bytes()).collect();
    let pager = Pager::of(w, skip, found.items.len(), found.total, |skip| {
        format!("{PLACE}?search={wanted}&skip={skip}")
    });
    let brands = Brands::known(&admin).await?;
    let own = visit.visitor.caller.actor();
    let rows = found.items.into_iter().map(|person| Row {
        is_own: own == format!("user:{}", person.id),
        role: w.role_name(person.role.as_str()),
        brand: person.tenant.map(|tenant| brands.name(tenant.0)).unwrap_or_default(),
        person,
    });
    Ok(Page(PeoplePage {
        frame: visit.frame(w.admin_tab("people"), Section::Admin),
        around: AdminChrome::of(w, "people", asked.said.as_deref()),
        search,
        roles: Role::ALL.map(|role| (role.as_str(), w.role_name(role.as_str()))).into(),
        choices: brands.choices(),
        rows: rows.collect(),
        pager,
    }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PersonForm {
    sub: String,
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    tenant_id: String,
    role: String,
}

pub(super) async fn add(
    State(admin): State<Admin>,
    Posted { visit, form }: Posted<PersonForm>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let request = PersonRequest {
        sub: form.sub.trim().to_owned(),
        email: form.email.trim().to_owned(),
        name: form.name.trim().to_owned(),
        tenant: named_tenant(&form.tenant_id)?,
        role: role(&form.role)?,
    };
    let by = visit.visitor.caller.actor();
    add_person(&admin.gate.pool, &request, &by, admin.gate.clock.now()).await?;
    // In the whole list, since whoever is new need not be among those that were searched for.
    Ok(Redirect::to(&format!("{PLACE}?said=added")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeForm {
    role: Option<String>,
    is_active: Option<bool>,
}

pub(super) async fn change(
    State(admin): State<Admin>,
    Path(person): Path<Uuid>,
    Posted { visit, form }: Posted<ChangeForm>,
) -> Result<Redirect, Problem> {
    require_staff(&visit)?;
    let role = form.role.as_deref().map(role).transpose()?;
    let change = PersonChange { role, is_active: form.is_active, email: None, name: None };
    let by = visit.visitor.caller.actor();
    change_person_by(&admin.gate.pool, person, &change, &by, admin.gate.clock.now()).await?;
    Ok(back(&visit, PLACE, "saved"))
}

fn role(name: &str) -> Result<Role, Problem> {
    let told = "give SUPERADMIN, ADMIN, LOGISTICA, VENTAS, VIEWER or AUDITOR";
    name.parse().map_err(|_| PersonError::Invalid { field: "role", told }.into())
}
