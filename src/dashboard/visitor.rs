//! Who looks at a page: found by the sessions' layer, read by every page.

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use chrono_tz::Tz;
use logistics_domain::TenantId;

use crate::access::Caller;
use crate::api::Problem;

/// A person who is signed in, with the brand that is being looked at. The sessions' layer puts it into the request.
#[derive(Clone, Debug)]
pub struct Visitor {
    /// The person in the role that it has for the brand.
    pub caller: Caller,
    /// What the person is called.
    pub name: String,
    /// Where it is reached, if that is known.
    pub email: Option<String>,
    /// The brand that is looked at; none while the person has none at all.
    pub brand: Option<Brand>,
    /// The brands to choose from.
    pub brands: Vec<Brand>,
    /// What every form of this session must send back.
    pub csrf: String,
}

/// Why it could not be found out who looks. The sessions' layer puts it into the request.
#[derive(Clone, Debug)]
pub(super) struct Unknown(pub(super) Problem);

/// A brand, as far as pages need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Brand {
    /// The tenant.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// The zone that its people live by.
    pub zone: Tz,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let signed_out =
            || Problem::of(StatusCode::UNAUTHORIZED, "sign_in_needed", "sign in, then open this page again");
        if let Some(Unknown(problem)) = parts.extensions.get() {
            return Err(problem.clone());
        }
        parts.extensions.get::<Self>().cloned().ok_or_else(signed_out)
    }
}
