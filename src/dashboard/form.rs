//! Forms that change something: read whole, of known fields, and only if they came from a page of the same session.

use axum::Form;
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts as _, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{Method, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::DeserializeOwned;
use subtle::ConstantTimeEq as _;

use super::page::Visit;
use crate::api::{Problem, Raw};
use crate::clock;

/// The field of a form, and the header of a script's request, that prove where it came from.
const FIELD: &str = "csrf";
const HEADER: &str = "x-csrf-token";

/// The longest proof, in bytes.
const PROOF_BYTES_MAX: usize = 64;

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
                // Browsers end lines with two letters, and count them as one in what may be written.
                fields.push((name, value.replace("\r\n", "\n")));
            }
        }
        let proof = proof.and_then(|proof| unmasked(&proof));
        let proved = proof.is_some_and(|proof| proof.ct_eq(visit.visitor.csrf.as_bytes()).into());
        if !proved {
            let told = "this form is of an older page; open the page again, then send it";
            return Err(Problem::of(StatusCode::FORBIDDEN, "form_outdated", told));
        }
        let rest = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        Ok(Self { visit, form: read(rest).await? })
    }
}

/// A session's proof as one page holds it, never the same twice: pages are compressed, and how well a page compresses
/// would tell of a secret that stands in it each time beside what was asked for.
pub(super) fn masked(proof: &str) -> String {
    let pad = clock::random_bytes::<PROOF_BYTES_MAX>();
    let hidden = proof.bytes().zip(pad).map(|(letter, pad)| letter ^ pad);
    let pads = pad.iter().copied().take(proof.len());
    URL_SAFE_NO_PAD.encode(pads.chain(hidden).collect::<Vec<u8>>())
}

/// The proof that a page held.
fn unmasked(text: &str) -> Option<Vec<u8>> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (pads, hidden) = bytes.split_at_checked(bytes.len() / 2)?;
    Some(pads.iter().zip(hidden).map(|(pad, letter)| pad ^ letter).collect())
}

async fn read<T: DeserializeOwned>(fields: String) -> Result<T, Problem> {
    let refused = || Problem::of(StatusCode::UNPROCESSABLE_ENTITY, "form_invalid", "the form cannot be read");
    let request = Request::builder().method(Method::POST).header(CONTENT_TYPE, KIND).body(Body::from(fields));
    let request = request.map_err(|_| refused())?;
    Form::<T>::from_request(request, &()).await.map(|form| form.0).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_is_written_anew_each_time_and_read_as_it_was() {
        let proof = "Zm9ybSBvZiB0aGUgc2Vzc2lvbiBvZiBzb21lYm9keQ0";
        let (one, other) = (masked(proof), masked(proof));
        assert_ne!(one, other);
        assert!(!one.contains(proof));
        for held in [one, other] {
            assert_eq!(unmasked(&held).as_deref(), Some(proof.as_bytes()));
        }
        assert_eq!(unmasked("").as_deref(), Some(&[][..]));
        assert_eq!(unmasked("not of ours!"), None);
    }
}
