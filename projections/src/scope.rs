//! The tenant that a caller may see. Every query takes one, so no query can forget it.

use logistics_domain::TenantId;

/// Leave to read one tenant's rows. It is made where a credential was checked, and nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TenantScope(TenantId);

impl TenantScope {
    /// Grants the tenant's rows to whoever holds the scope; only access control may call this.
    pub const fn granted(tenant: TenantId) -> Self {
        Self(tenant)
    }

    /// The tenant whose rows may be read.
    pub const fn tenant(&self) -> TenantId {
        self.0
    }
}
