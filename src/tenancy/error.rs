//! What can go wrong in this room. No variant carries a secret.

use crate::jobs::JobsError;
use crate::mintsoft::UpstreamError;
use crate::secrets::SecretError;

/// Why a tenant, a configuration or a secret was not taken or given.
#[derive(Debug, thiserror::Error)]
pub enum TenancyError {
    /// The database refused or did not answer.
    #[error("the database did not take or give the tenant's data; try again")]
    Database(#[from] sqlx::Error),
    /// A field holds what it may not.
    #[error("{field}: {why}")]
    Invalid {
        /// The field, by its name in the API.
        field: &'static str,
        /// What it should hold.
        why: &'static str,
    },
    /// The work that follows could not be enqueued.
    #[error("the database did not take the work that follows; try again")]
    Jobs(#[from] JobsError),
    /// The account's address could never be called.
    #[error("api_url: {0}")]
    BadUrl(UpstreamError),
    /// The id or the slug is in use.
    #[error("a tenant with this id or slug exists already; choose another")]
    TenantExists,
    /// There is no such tenant.
    #[error("there is no such tenant; add it with `ledger tenant add`")]
    UnknownTenant,
    /// The tenant has a configuration.
    #[error("the tenant has a logistics configuration already; change it with PATCH")]
    ConfigExists,
    /// Another tenant that is shown the same orders has the prefix.
    #[error("another tenant of this account or login has the same sku_prefix; each needs its own")]
    PrefixTaken,
    /// What a dedicated configuration is shown may be read by no other.
    #[error(
        "another tenant reads by the same login, and one of the two wants for itself what the other is shown; make \
         both configurations shared, each with its sku_prefix, or give this one its own credentials, or each dedicated \
         one the shared_client_id that is its own"
    )]
    AccountNotDedicated,
    /// It changed between its being tried or shown and its being stored.
    #[error("it was changed by somebody else meanwhile; read it again, and repeat the change")]
    ChangedMeanwhile,
    /// The tenant may not be used, so nothing is read for it.
    #[error("the tenant is switched off; switch it on with PATCH and is_active first")]
    TenantOff,
    /// The tenant's orders are not to be read.
    #[error("the tenant's sync is switched off; set sync_enabled in its logistics-config first")]
    SyncOff,
    /// A host's order number stands for another order.
    #[error("this order_id belongs to another order already; check the number")]
    OrderIdTaken,
    /// A sealed value cannot be opened.
    #[error(
        "a stored secret cannot be opened; check that LEDGER_MASTER_KEY still has the key that sealed it"
    )]
    Sealed(#[from] SecretError),
    /// A stored value is not what this version writes.
    #[error("{what} in the database cannot be read; it was written by a newer version or by hand")]
    Unreadable {
        /// Which value.
        what: &'static str,
    },
}

impl TenancyError {
    pub(super) fn invalid(field: &'static str, why: &'static str) -> Self {
        Self::Invalid { field, why }
    }
}
