//! The caller of a request, and the tenant it is granted.

use logistics_domain::{Source, TenantId};
use logistics_projections::TenantScope;
use uuid::Uuid;

use super::role::{Right, Role};

/// Who calls, proved by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caller {
    key: Uuid,
    role: Role,
    tenant: Option<TenantId>,
}

/// Why a caller is turned away.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// No credential came along.
    #[error("send an API key in the header X-API-Key")]
    NoCredential,
    /// The key is unknown, expired or revoked; which one is nobody's business.
    #[error("the API key is not valid; ask for a new one")]
    InvalidKey,
    /// The key's tenant is switched off.
    #[error("the tenant of this API key is switched off; ask the platform's staff")]
    TenantInactive,
    /// The role lacks the right.
    #[error("the role {role} may not {}", .right.described())]
    NotAllowed {
        /// The caller's role.
        role: Role,
        /// What it lacks.
        right: Right,
    },
    /// A caller who works for every tenant named none.
    #[error("say which tenant you mean: add tenant_id= to the query")]
    NameTenant,
    /// The tenant does not exist, or is another's.
    #[error("there is no such tenant")]
    NoSuchTenant,
    /// The credential could not be looked up.
    #[error("the database did not answer; try again")]
    Database(#[from] sqlx::Error),
    /// The stored credential cannot be understood.
    #[error("the stored API key has a role of a newer version; run that version")]
    Unreadable,
}

impl Caller {
    pub(super) const fn proved(key: Uuid, role: Role, tenant: Option<TenantId>) -> Self {
        Self { key, role, tenant }
    }

    /// What the caller is to the tenant.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// The credential's tenant; none for `SUPERADMIN`, who works for all.
    pub const fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    /// How events and logs name the caller: `key:<id>`.
    pub fn actor(&self) -> String {
        format!("key:{}", self.key)
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

/// The scope of the command line: whoever may run it on the database may see every tenant.
pub const fn operator_scope(tenant: TenantId) -> TenantScope {
    TenantScope::granted(tenant)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, tenant: Option<i64>) -> Caller {
        Caller::proved(Uuid::nil(), role, tenant.map(TenantId))
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
