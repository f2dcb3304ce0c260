//! Who is behind a credential, before a tenant is chosen: a program with its one grant, or a person with a grant for
//! each tenant. Absent: how a credential is proved (`keys`, `token`).

use chrono_tz::Tz;
use logistics_domain::TenantId;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::caller::{Caller, Who};
use super::error::AccessError;
use super::role::Role;

/// The most tenants of one person that are looked at.
const GRANTS_MAX: i64 = 1_000;

/// Who is behind a credential.
#[derive(Clone, Debug)]
pub struct Principal {
    /// Where the person is reached; none for a program.
    pub email: Option<String>,
    /// The name that others read; empty where none was given.
    pub name: String,
    grants: Vec<Grant>,
    /// The tenant that is meant where none is named, as chosen on the pages.
    chosen: Option<TenantId>,
    /// What was told of a tenant when the credential was proved.
    hint: Option<TenantHint>,
}

/// What is told of a tenant with a credential, to spare a question.
#[derive(Clone, Copy, Debug)]
struct TenantHint {
    of: TenantId,
    next_position: i64,
    zone: Option<Tz>,
}

/// What a principal is to one tenant, or to all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    who: Who,
    role: Role,
    tenant: Option<TenantId>,
    is_active: bool,
    tenant_is_active: bool,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    email: String,
    name: String,
    role: String,
    tenant_id: Option<i64>,
    is_active: bool,
    tenant_is_active: Option<bool>,
}

impl Principal {
    /// The program behind a key of an active tenant.
    pub(super) fn program(label: String, key: Uuid, role: Role, tenant: Option<TenantId>) -> Self {
        let grant = Grant { who: Who::Key(key), role, tenant, is_active: true, tenant_is_active: true };
        Self { email: None, name: label, grants: vec![grant], chosen: None, hint: None }
    }

    /// The person that the provider calls by this name.
    pub async fn person(pool: &PgPool, sub: &str) -> Result<Self, AccessError> {
        let rows: Vec<Row> = sqlx::query_as(
            "select p.id, p.email, p.name, p.role, p.tenant_id, p.is_active, t.is_active as tenant_is_active
             from people p left join tenants t on t.id = p.tenant_id
             where p.sub = $1 order by p.tenant_id nulls first limit $2",
        )
        .bind(sub)
        .bind(GRANTS_MAX)
        .fetch_all(pool)
        .await?;
        let first = rows.first().ok_or(AccessError::UnknownPerson)?;
        let (email, name) = (Some(first.email.clone()), first.name.clone());
        let grants = rows.iter().map(Row::read).collect::<Result<_, _>>()?;
        Ok(Self { email, name, grants, chosen: None, hint: None })
    }

    /// Notes the tenant that is meant where none is named.
    #[must_use]
    pub(super) fn looking_at(self, chosen: Option<TenantId>) -> Self {
        Self { chosen, ..self }
    }

    /// Notes how far the tenant's ledger reached when the credential was proved, and the tenant's zone.
    #[must_use]
    pub(super) fn seen_at(self, tenant: TenantId, next_position: i64, zone: Option<Tz>) -> Self {
        Self { hint: Some(TenantHint { of: tenant, next_position, zone }), ..self }
    }

    /// How far the tenant's ledger reached when the credential was proved, where that was told with it.
    pub fn reached(&self, tenant: TenantId) -> Option<i64> {
        self.hint_of(tenant).map(|hint| hint.next_position)
    }

    /// The zone of the tenant, where that was told with the credential.
    pub fn zone(&self, tenant: TenantId) -> Option<Tz> {
        self.hint_of(tenant)?.zone
    }

    fn hint_of(&self, tenant: TenantId) -> Option<TenantHint> {
        self.hint.filter(|hint| hint.of == tenant)
    }

    /// The tenant that is meant where none is named.
    pub const fn chosen(&self) -> Option<TenantId> {
        self.chosen
    }

    /// Tells this principal from others: the id of the key, or of the person's first row.
    pub fn id(&self) -> Uuid {
        self.grants.first().map_or(Uuid::nil(), |grant| grant.who.id())
    }

    /// How the log names the principal: `key:<id>` or `user:<id>`.
    pub fn actor(&self) -> String {
        self.grants.first().map(|grant| grant.caller().actor()).unwrap_or_default()
    }

    /// What the principal may use now: grants that are active, for tenants that are.
    pub fn usable(&self) -> impl Iterator<Item = Caller> {
        self.grants.iter().filter(|grant| grant.check().is_ok()).map(Grant::caller)
    }

    /// The caller for the tenant that is named, or for the only one there is.
    pub fn for_tenant(&self, named: Option<TenantId>) -> Result<Caller, AccessError> {
        if let Some(staff) = self.staff() {
            return Ok(staff);
        }
        if let Some(named) = named {
            let grant = self.grants.iter().find(|grant| grant.tenant == Some(named));
            let grant = grant.ok_or(AccessError::NoSuchTenant)?;
            return grant.check().map(|()| grant.caller());
        }
        let mut usable = self.usable();
        match (usable.next(), usable.next()) {
            (Some(only), None) => Ok(only),
            (Some(_), Some(_)) => Err(AccessError::NameTenant),
            (None, _) => Err(self.refusal()),
        }
    }

    /// The caller over all tenants; whoever is not of the staff gets here too, and lacks every right that is needed.
    pub fn over_all(&self) -> Result<Caller, AccessError> {
        self.staff().or_else(|| self.usable().next()).ok_or_else(|| self.refusal())
    }

    /// The principal as the platform's staff, if it is.
    fn staff(&self) -> Option<Caller> {
        self.usable().find(|caller| caller.role() == Role::Superadmin)
    }

    /// Why nothing can be used.
    fn refusal(&self) -> AccessError {
        let active = |grant: &Grant| grant.is_active;
        if self.grants.iter().any(active) { AccessError::TenantInactive } else { AccessError::PersonInactive }
    }
}

impl Grant {
    const fn caller(&self) -> Caller {
        Caller::proved(self.who, self.role, self.tenant)
    }

    const fn check(&self) -> Result<(), AccessError> {
        match (self.is_active, self.tenant_is_active) {
            (false, _) => Err(AccessError::PersonInactive),
            (true, false) => Err(AccessError::TenantInactive),
            (true, true) => Ok(()),
        }
    }
}

impl Row {
    fn read(&self) -> Result<Grant, AccessError> {
        let role: Role = self.role.parse().map_err(|_| AccessError::Unreadable)?;
        let tenant = self.tenant_id.map(TenantId);
        // The table says the same; a role over all tenants is not given away on its word alone.
        if (role == Role::Superadmin) != tenant.is_none() {
            return Err(AccessError::Unreadable);
        }
        Ok(Grant {
            who: Who::Person(self.id),
            role,
            tenant,
            is_active: self.is_active,
            tenant_is_active: tenant.is_none() || self.tenant_is_active == Some(true),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grant(role: Role, tenant: Option<i64>) -> Grant {
        let who = Who::Person(Uuid::nil());
        Grant { who, role, tenant: tenant.map(TenantId), is_active: true, tenant_is_active: true }
    }

    fn person(grants: &[Grant]) -> Principal {
        Principal { email: None, name: String::new(), grants: grants.to_vec(), chosen: None, hint: None }
    }

    #[test]
    fn a_person_has_in_each_tenant_the_role_given_there() {
        let both = person(&[grant(Role::Admin, Some(7)), grant(Role::Viewer, Some(8))]);
        assert_eq!(both.for_tenant(Some(TenantId(7))).unwrap().role(), Role::Admin);
        assert_eq!(both.for_tenant(Some(TenantId(8))).unwrap().role(), Role::Viewer);
        assert!(matches!(both.for_tenant(Some(TenantId(9))), Err(AccessError::NoSuchTenant)));
        assert!(matches!(both.for_tenant(None), Err(AccessError::NameTenant)));
        let one = person(&[grant(Role::Ventas, Some(7))]);
        assert_eq!(one.for_tenant(None).unwrap().role(), Role::Ventas);
    }

    #[test]
    fn what_is_switched_off_counts_for_nothing() {
        let off = Grant { is_active: false, ..grant(Role::Admin, Some(7)) };
        let closed = Grant { tenant_is_active: false, ..grant(Role::Admin, Some(8)) };
        let mixed = person(&[off, closed, grant(Role::Viewer, Some(9))]);
        assert_eq!(mixed.for_tenant(None).unwrap().tenant(), Some(TenantId(9)));
        assert!(matches!(mixed.for_tenant(Some(TenantId(7))), Err(AccessError::PersonInactive)));
        assert!(matches!(mixed.for_tenant(Some(TenantId(8))), Err(AccessError::TenantInactive)));
        assert!(matches!(person(&[off]).over_all(), Err(AccessError::PersonInactive)));
        let retired = Grant { is_active: false, ..grant(Role::Superadmin, None) };
        let left = person(&[retired, grant(Role::Viewer, Some(7))]);
        assert_eq!(left.over_all().unwrap().role(), Role::Viewer);
    }

    #[test]
    fn the_staff_are_staff_for_every_tenant() {
        let staff = person(&[grant(Role::Superadmin, None), grant(Role::Viewer, Some(7))]);
        for named in [None, Some(TenantId(7)), Some(TenantId(99))] {
            assert_eq!(staff.for_tenant(named).unwrap().role(), Role::Superadmin);
        }
    }
}
