//! Who calls, and what they may do: API keys of programs, tokens of people, roles, rights, and the tenant scope that
//! every query needs.
//!
//! A credential is proved ([`authenticate`]): a key is looked up by its hash, a token is checked against the keys that
//! the OpenID provider publishes and its subject looked up among the people. That gives a [`Principal`], which may have
//! a role in several tenants. With the tenant that a request names, one of them becomes the [`Caller`]; its role is held
//! against the table of rights ([`Right::roles`]); and only then is a [`TenantScope`](logistics_projections::TenantScope)
//! granted: the caller's tenant for everyone, the named one for `SUPERADMIN`. Absent: the HTTP that the API answers.

mod caller;
mod credential;
mod error;
mod justification;
mod key_list;
mod key_set;
mod keys;
mod names;
mod people;
mod principal;
mod provider;
mod role;
mod sessions;
mod shared_fetch;
mod sign_in;
mod token;

pub(crate) use caller::service_scope;
pub use caller::{Caller, Who, operator_scope};
pub use credential::{Credential, Proofs, authenticate};
pub use error::AccessError;
pub use justification::{InvalidReason, Justification};
pub use key_list::{KeyRow, list_keys};
pub use keys::{
    IssuedKey, KeyError, KeyRequest, OPERATOR, issue_key, issue_key_by, issue_key_once, revoke_key,
    revoke_key_by,
};
pub use names::names_of;
pub use people::{
    Person, PersonChange, PersonError, PersonFilter, PersonPage, PersonRequest, add_person, change_person,
    change_person_by, find_person, list_people,
};
pub use principal::Principal;
pub use provider::{OpenIdError, OpenIdSettings, Provider, ProviderFault};
pub use role::{Right, Role, UnknownRole};
pub use sessions::{
    Session, SessionSettings, begin_session, choose_tenant, end_session, find_session, note_use,
};
pub use sign_in::{Attempt, ClientSettings, SignIn, SignInError};
pub use token::{TokenFault, Tokens};
