//! Who calls, and what they may do: API keys, roles, rights, and the tenant scope that every query needs.
//!
//! A key is looked up by its hash and gives a [`Caller`]; the caller's role is held against the table of rights
//! ([`Right::roles`]); and only then is a [`TenantScope`](logistics_projections::TenantScope) granted: the credential's
//! tenant for everyone, the named one for `SUPERADMIN`. Absent: HTTP, which is the API's, and people's tokens.

mod caller;
mod keys;
mod role;

pub use caller::{AccessError, Caller, operator_scope};
pub use keys::{IssuedKey, KeyError, KeyRequest, authenticate, issue_key, revoke_key};
pub use role::{Right, Role, UnknownRole};
