//! `/people`: who may sign in, for which tenant, in which role. For the platform's staff.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::{DateTime, Utc};
use logistics_domain::TenantId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::routes;
use uuid::Uuid;

use super::extract::{Body, NoParameters, Path, Query, page, present, require_searchable};
use super::gate::{Gate, NamedTenant};
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{
    Caller, Person, PersonChange, PersonFilter, PersonRequest, Right, Role, add_person, change_person_by,
    find_person, list_people,
};

pub(super) fn routes(gate: &Gate) -> Routes {
    Routes::behind(gate).platform(Right::ManageAccess, routes!(add, list), gate.clone()).platform(
        Right::ManageAccess,
        routes!(show, change),
        gate.clone(),
    )
}

/// A person to take in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonBody {
    /// How the OpenID provider's tokens name the person, in up to 255 bytes.
    #[schema(min_length = 1, max_length = 255)]
    sub: String,
    /// The person's e-mail address. Blanks at both ends are taken off before it is counted.
    #[schema(max_length = 254)]
    email: String,
    /// The name that others read. Blanks at both ends are taken off before it is counted.
    #[serde(default)]
    #[schema(max_length = 200)]
    name: String,
    /// The tenant; left out for SUPERADMIN.
    #[schema(minimum = 1)]
    tenant_id: Option<i64>,
    /// The role.
    #[schema(value_type = Role)]
    role: String,
}

/// What is to change; what is left out stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PersonChangeBody {
    /// The role.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Role>, nullable = false)]
    role: Option<String>,
    /// Whether the person may sign in for this tenant.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    is_active: Option<bool>,
    /// The person's e-mail address. Blanks at both ends are taken off before it is counted.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, max_length = 254)]
    email: Option<String>,
    /// The name that others read. Blanks at both ends are taken off before it is counted.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false, max_length = 200)]
    name: Option<String>,
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
struct PeopleQuery {
    #[param(minimum = 0)]
    skip: Option<i64>,
    #[param(minimum = 1, maximum = 200)]
    limit: Option<i64>,
    /// Text in the address, the name, or the name at the provider.
    #[param(max_length = 200)]
    search: Option<String>,
}

/// A person, in one tenant.
#[derive(Serialize, ToSchema)]
struct PersonView {
    /// The id of the person in this tenant; events name the person `user:<id>`.
    id: Uuid,
    /// How the OpenID provider's tokens name the person.
    sub: String,
    /// The person's e-mail address.
    email: String,
    /// The name that others read; may be empty.
    name: String,
    /// The tenant; null for SUPERADMIN.
    tenant_id: Option<i64>,
    /// The person's role in the tenant.
    #[schema(value_type = Role)]
    role: &'static str,
    /// Whether the person may sign in for this tenant.
    is_active: bool,
    /// When the person was added (UTC).
    created_at: DateTime<Utc>,
    /// When the person was last changed (UTC).
    updated_at: DateTime<Utc>,
    /// Who added the person: `user:<id>`, `key:<id>`, or `operator` for the command line.
    created_by: String,
    /// Who changed the person last, named as in `created_by`; null where nobody did.
    updated_by: Option<String>,
}

/// A page, in the host's shape.
#[derive(Serialize, ToSchema)]
struct PersonPageView {
    total: i64,
    items: Vec<PersonView>,
    skip: i64,
    limit: i64,
}

impl From<Person> for PersonView {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            sub: person.sub,
            email: person.email,
            name: person.name,
            tenant_id: person.tenant.map(|tenant| tenant.0),
            role: person.role.as_str(),
            is_active: person.is_active,
            created_at: person.created_at,
            updated_at: person.updated_at,
            created_by: person.created_by,
            updated_by: person.updated_by,
        }
    }
}

/// Adds a person to a tenant; one person may be added to several.
#[utoipa::path(post, path = "/people", tag = "people", request_body = PersonBody,
    responses((status = 201, description = "The person was taken in", body = PersonView,
        headers(("Location" = String, description = "The address of the person")))))]
async fn add(
    State(gate): State<Gate>,
    caller: Caller,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<PersonBody>,
) -> Result<Response, Problem> {
    let request = PersonRequest {
        role: role(&body.role)?,
        sub: body.sub,
        email: body.email,
        name: body.name,
        tenant: body.tenant_id.map(TenantId),
    };
    let added = add_person(&gate.pool, &request, &caller.actor(), gate.clock.now()).await?;
    let place = HeaderValue::try_from(format!("/api/v1/people/{}", added.id))
        .map_err(|error| Problem::internal(&error))?;
    let body: Json<PersonView> = Json(added.into());
    Ok((StatusCode::CREATED, [(header::LOCATION, place)], body).into_response())
}

/// The people who may sign in, by e-mail address.
#[utoipa::path(get, path = "/people", tag = "people",
    params(PeopleQuery, ("tenant_id" = Option<i64>, Query, description = "The people of this tenant alone")),
    responses((status = 200, description = "A page of people", body = PersonPageView)))]
async fn list(
    State(gate): State<Gate>,
    NamedTenant(tenant): NamedTenant,
    Query(query): Query<PeopleQuery>,
) -> Result<Json<PersonPageView>, Problem> {
    let (skip, limit) = page(query.skip, query.limit)?;
    let search = query.search.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    require_searchable("search", search.as_deref().unwrap_or_default())?;
    let found = list_people(&gate.pool, &PersonFilter { tenant, search, skip, limit }).await?;
    let items = found.items.into_iter().map(PersonView::from).collect();
    Ok(Json(PersonPageView { total: found.total, items, skip, limit }))
}

/// One person.
#[utoipa::path(get, path = "/people/{id}", tag = "people",
    params(("id" = Uuid, Path, description = "The person")),
    responses((status = 200, description = "The person", body = PersonView)))]
async fn show(
    State(gate): State<Gate>,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<PersonView>, Problem> {
    Ok(Json(find_person(&gate.pool, id).await?.into()))
}

/// Gives another role, address or name, or switches the access off or on. It holds from the next request on.
#[utoipa::path(patch, path = "/people/{id}", tag = "people", request_body = PersonChangeBody,
    params(("id" = Uuid, Path, description = "The person")),
    responses((status = 200, description = "The person as changed", body = PersonView)))]
async fn change(
    State(gate): State<Gate>,
    caller: Caller,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
    Body(body): Body<PersonChangeBody>,
) -> Result<Json<PersonView>, Problem> {
    let change = PersonChange {
        role: body.role.as_deref().map(role).transpose()?,
        is_active: body.is_active,
        email: body.email,
        name: body.name,
    };
    let by = caller.actor();
    Ok(Json(change_person_by(&gate.pool, id, &change, &by, gate.clock.now()).await?.into()))
}

pub(super) fn role(name: &str) -> Result<Role, Problem> {
    name.parse().map_err(|unknown: crate::access::UnknownRole| Problem::invalid("role", unknown.to_string()))
}
