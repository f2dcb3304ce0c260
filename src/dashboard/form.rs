//! Forms that change something: read whole, of known fields, and only if they came from a page of the same session.

use axum::Form;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use super::page::Visit;
use crate::api::{Problem, Raw};

/// The field of a form, and the header of a script's request, that prove where it came from.
const FIELD: &str = "csrf";
const HEADER: &str = "x-csrf-token";

/// How browsers send forms.
const KIND: &str = "application/x-www-form-urlencoded";

/// A form of this session, and who sent it. The type denies unknown fields; `csrf` is checked here and left out.
pub struct Posted<T> {
    /// Who sent it.
    pub visit: Visit,
    /// What it says.
    pub form: T,
}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Posted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let visit = Visit::from_request_parts(&mut parts, state).await?;
        let header = parts.headers.get(HEADER).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let Raw(bytes) = Raw::from_request(Request::from_parts(parts, body), state).await?;
        let (mut proof, mut fields) = (header, Vec::new());
        for (name, value) in url::form_urlencoded::parse(&bytes) {
            if name == FIELD {
                proof = Some(value.into_owned());
            } else {
                fields.push((name, value));
            }
        }
        let proved = proof.is_some_and(|proof| proof.as_bytes().ct_eq(visit.visitor.csrf.as_bytes()).into());
        if !proved {
            let told = "this form is of an older page; open the page again, then send it";
            return Err(Problem::of(StatusCode::FORBIDDEN, "form_outdated", told));
        }
        let rest = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Ok(Self { visit, form: read(rest).await? })
    }
}

async fn read<T: DeserializeOwned>(fields: String) -> Result<T, Problem> {
    let refused = || Problem::of(StatusCode::UNPROCESSABLE_ENTITY, "form_invalid", "the form cannot be read");
    let request = Request::builder().method(Method::POST).header(CONTENT_TYPE, KIND).body(Body::from(fields));
    let request = request.map_err(|_| refused())?;
    Form::<T>::from_request(request, &()).await.map(|form| form.0).map_err(|_| refused())
}
