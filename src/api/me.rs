//! `/me`: who the service takes the caller for, and what the caller may do where.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use logistics_domain::TenantId;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::routes;

use super::extract::{NoParameters, Query};
use super::gate::Gate;
use super::problem::Problem;
use super::routes::Routes;
use crate::access::{Caller, Principal, Right, Role};
use crate::tenancy::Tenant;

/// The most tenants that are told; whoever works for more names them by number.
const TENANTS_MAX: i64 = 200;

pub(super) fn routes(gate: &Gate) -> Routes {
    Routes::behind(gate).known(routes!(me), gate.clone())
}

/// Who calls.
#[derive(Serialize, ToSchema)]
struct MeView {
    /// `person` or `key`.
    kind: &'static str,
    /// The person's address; null for a key.
    email: Option<String>,
    /// The person's name, or what the key is for.
    name: String,
    /// Whether the caller works for every tenant and names one by `tenant_id=`.
    every_tenant: bool,
    /// The active tenants among the caller's, with the role in each; the first 200 by name, where there are more.
    tenants: Vec<MyTenantView>,
    /// What the caller may do over all tenants.
    rights: Vec<&'static str>,
}

/// What the caller is to a tenant.
#[derive(Serialize, ToSchema)]
struct MyTenantView {
    /// The host's number of the tenant.
    tenant_id: i64,
    /// The name that people read.
    name: String,
    /// The name in addresses.
    slug: String,
    /// The IANA zone in which the tenant's days begin and end.
    timezone: &'static str,
    /// How events of this tenant name the caller.
    actor: String,
    /// The caller's role in the tenant.
    #[schema(value_type = Role)]
    role: &'static str,
    /// What the caller may do in the tenant.
    rights: Vec<&'static str>,
}

/// Who the service takes the caller for, in which role, for which tenants.
#[utoipa::path(get, path = "/me", tag = "people",
    responses((status = 200, description = "The caller", body = MeView)))]
async fn me(
    State(gate): State<Gate>,
    principal: Principal,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<MeView>, Problem> {
    // Refused here as anywhere else where nothing is left that the caller may use.
    let caller = principal.over_all()?;
    let every_tenant = caller.tenant().is_none();
    let mut roles: BTreeMap<TenantId, Caller> = BTreeMap::new();
    if !every_tenant {
        roles.extend(principal.usable().filter_map(|one| Some((one.tenant()?, one))));
    }
    let only: Vec<TenantId> = roles.keys().copied().collect();
    let tenants = gate.tenancy.list_tenants((!every_tenant).then_some(only.as_slice()), TENANTS_MAX).await?;
    let view = |tenant: Tenant| {
        let here = roles.get(&tenant.id).unwrap_or(&caller);
        MyTenantView {
            tenant_id: tenant.id.0,
            name: tenant.name,
            slug: tenant.slug,
            timezone: tenant.timezone.name(),
            actor: here.actor(),
            role: here.role().as_str(),
            rights: rights(here.role()),
        }
    };
    Ok(Json(MeView {
        kind: if principal.email.is_some() { "person" } else { "key" },
        email: principal.email.clone(),
        name: principal.name.clone(),
        every_tenant,
        tenants: tenants.into_iter().map(view).collect(),
        rights: if every_tenant { rights(caller.role()) } else { Vec::new() },
    }))
}

fn rights(role: Role) -> Vec<&'static str> {
    Right::ALL.into_iter().filter(|right| role.may(*right)).map(Right::as_str).collect()
}
