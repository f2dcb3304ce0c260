//! The caller of a request, and the tenant it is granted.

use logistics_domain::{Source, TenantId};
use logistics_projections::TenantScope;
use uuid::Uuid;

use super::error::AccessError;
use super::role::{Right, Role};

/// Who calls, proved by a key or by a token, and in which role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    who: Who,
    role: Role,
    tenant: Option<TenantId>,
}

/// A program or a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// A program, by the id of its key.
    Key(Uuid),
    /// A person, by the id of its row for the tenant.
    Person(Uuid),
}

impl Who {
    /// The id of the key, or of the person's row.
    pub const fn id(self) -> Uuid {
        match self {
            Self::Key(id) | Self::Person(id) => id,
        }
    }

    /// How events and logs name it: `key:<id>` or `user:<id>`.
    pub fn actor(self) -> String {
        match self {
            Self::Key(id) => format!("key:{id}"),
            Self::Person(id) => format!("user:{id}"),
        }
    }
}

impl Caller {
    pub(super) const fn proved(who: Who, role: Role, tenant: Option<TenantId>) -> Self {
        Self { who, role, tenant }
    }

    /// What the caller is to the tenant.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The tenant that the role is for; none for `SUPERADMIN`, who works for all.
    pub const fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    /// How events and logs name the caller: `key:<id>` or `user:<id>`.
    pub fn actor(&self) -> String {
        self.who.actor()
    }

    /// The source of what the caller does.
    pub const fn source(&self) -> Source {
        match self.role {
            Role::Superadmin => Source::Operator,
            _ => Source::User,
        }
    }

    /// Refuses a caller whose role lacks the right.
    pub fn require(&self, right: Right) -> Result<(), AccessError> {
        if self.role.may(right) { Ok(()) } else { Err(AccessError::NotAllowed { role: self.role, right }) }
    }

    /// The tenant whose rows the caller may see, given the one it names. Whether a tenant that `SUPERADMIN` names
    /// exists is not looked up here.
    pub fn scope(&self, named: Option<TenantId>) -> Result<TenantScope, AccessError> {
        match (self.tenant, named) {
            (None, None) => Err(AccessError::NameTenant),
            (None, Some(named)) => Ok(TenantScope::granted(named)),
            (Some(own), Some(named)) if own != named => Err(AccessError::NoSuchTenant),
            (Some(own), _) => Ok(TenantScope::granted(own)),
        }
    }
}

/// The scope of what the service does of itself for a tenant, as no caller: sealing its ledger.
pub(crate) const fn service_scope(tenant: TenantId) -> TenantScope {
    TenantScope::granted(tenant)
}

/// The scope of the command line: whoever may run it on the database may see every tenant.
pub const fn operator_scope(tenant: TenantId) -> TenantScope {
    TenantScope::granted(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, tenant: Option<i64>) -> Caller {
        Caller::proved(Who::Key(Uuid::nil()), role, tenant.map(TenantId))
    }

    #[test]
    fn the_staff_name_the_tenant_and_everyone_else_has_one() {
        let staff = caller(Role::Superadmin, None);
        assert_eq!(staff.scope(Some(TenantId(8))).unwrap().tenant(), TenantId(8));
        assert!(matches!(staff.scope(None), Err(AccessError::NameTenant)));

        let brand = caller(Role::Admin, Some(7));
        assert_eq!(brand.scope(None).unwrap().tenant(), TenantId(7));
        assert_eq!(brand.scope(Some(TenantId(7))).unwrap().tenant(), TenantId(7));
        assert!(matches!(brand.scope(Some(TenantId(8))), Err(AccessError::NoSuchTenant)));
    }

    #[test]
    fn a_refusal_says_what_the_role_lacks() {
        let refused = caller(Role::Viewer, Some(7)).require(Right::LinkOrders).unwrap_err();
        assert_eq!(refused.to_string(), "the role VIEWER may not have shop orders linked");
    }
}
