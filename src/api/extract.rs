//! Reading a request: bodies and queries of exactly the fields that are known, and clear words for whatever else comes.
//! No message repeats a text value, since it may be a secret.

use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::JsonRejection;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use futures_util::StreamExt as _;
use logistics_projections::orders::{LIMIT_DEFAULT, LIMIT_MAX};
use serde::de::{DeserializeOwned, IgnoredAny};
use serde::{Deserialize, Deserializer};
use tokio::time::timeout;

use super::frame::BODY_BYTES_MAX;
use super::gate::TenantInQuery;
use super::input_errors::{Expected, Misread};
use super::problem::Problem;

/// How much of a larger body is read and thrown away, in bytes, before the connection is given up.
const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// How long a body may take to arrive whole: whoever sends one holds a place meanwhile. A form of a phone far away takes seconds.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// How many levels a body may have. Ours have three.
const DEPTH_MAX: usize = 32;

/// How many parameters a query may have.
const PARAMETERS_MAX: usize = 64;

/// A JSON body. Its type denies unknown fields.
pub struct Body<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Body<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_json(request.headers()) {
            let detail = "send JSON, with the header Content-Type: application/json";
            return Err(Problem::of(StatusCode::UNSUPPORTED_MEDIA_TYPE, "body_not_json", detail));
        }
        let Raw(bytes) = Raw::from_request(request, state).await?;
        if is_too_deep(&bytes) {
            let detail = "the body has more than 32 levels; send a flatter one";
            return Err(Problem::of(StatusCode::UNPROCESSABLE_ENTITY, "body_too_deep", detail));
        }
        match Json::<T>::from_bytes(&bytes) {
            Ok(Json(body)) => Ok(Self(body)),
            Err(rejection) => Err(refused_body(&rejection, &bytes)),
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    kind == "application/json" || (kind.starts_with("application/") && kind.ends_with("+json"))
}

fn refused_body(rejection: &JsonRejection, bytes: &[u8]) -> Problem {
    let told = without_texts(&rejection.body_text());
    let plain = [
        "Failed to deserialize the JSON body into the target type: ",
        "Failed to parse the request body as JSON: ",
    ];
    let told = plain.iter().find_map(|start| told.strip_prefix(start)).unwrap_or(&told);
    // `null` where a name should stand counts as bad syntax to the reader, though it is good JSON.
    let (status, code) = match serde_json::from_slice::<IgnoredAny>(bytes) {
        Ok(_) => (StatusCode::UNPROCESSABLE_ENTITY, "body_invalid"),
        Err(_) => (StatusCode::BAD_REQUEST, "body_not_json"),
    };
    match Misread::told_by_parser(told) {
        Some(misread) => Problem::misread(status, code, &misread),
        None => Problem::of(status, code, format!("the body cannot be used: {told}")),
    }
}

/// Whether a body nests deeper than any that is meant well.
fn is_too_deep(bytes: &[u8]) -> bool {
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => depth += 1,
            b']' | b'}' if !in_text => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
    }
    false
}

/// What is said of a body that is too large, too slow or broke off.
fn refused_bytes(status: StatusCode) -> Problem {
    if status == StatusCode::REQUEST_TIMEOUT {
        return Problem::of(
            status,
            "body_slow",
            "the body took longer than 10 seconds to arrive; send it again",
        );
    }
    if status == StatusCode::PAYLOAD_TOO_LARGE {
        return Problem::of(status, "body_too_large", "the body is larger than is taken here");
    }
    Problem::of(
        StatusCode::BAD_REQUEST,
        "body_broken",
        "the body could not be read to its end; send it again",
    )
}

/// The bytes of a body, as sent.
pub struct Raw(pub Bytes);

impl<S: Send + Sync> FromRequest<S> for Raw {
    type Rejection = Problem;

    async fn from_request(request: Request, _state: &S) -> Result<Self, Problem> {
        let read = timeout(BODY_WITHIN, whole(request.into_body())).await;
        read.unwrap_or(Err(StatusCode::REQUEST_TIMEOUT)).map(Self).map_err(refused_bytes)
    }
}

/// The body whole. What is too large is read on and thrown away, up to a bound, so that its sender hears the answer.
async fn whole(body: axum::body::Body) -> Result<Bytes, StatusCode> {
    let mut chunks = body.into_data_stream();
    let (mut held, mut seen) = (Vec::new(), 0_usize);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| StatusCode::BAD_REQUEST)?;
        seen = seen.saturating_add(chunk.len());
        if seen <= BODY_BYTES_MAX {
            held.extend_from_slice(&chunk);
        } else if seen <= DISCARDED_BYTES_MAX {
            held = Vec::new();
        } else {
            break;
        }
    }
    if seen > BODY_BYTES_MAX { Err(StatusCode::PAYLOAD_TOO_LARGE) } else { Ok(held.into()) }
}

/// The parameters of a query. Its type denies unknown fields; where the gate reads `tenant_id`, that is left out here.
pub struct Query<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        if pairs(&parts.uri).nth(PARAMETERS_MAX).is_some() {
            return Err(misread_query(&Misread::Parameters { most: PARAMETERS_MAX }));
        }
        let read_before = parts.extensions.get::<TenantInQuery>().is_some();
        let rest: String = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs(&parts.uri).filter(|(name, _)| !read_before || name != "tenant_id"))
            .finish();
        let uri: Uri = format!("/?{rest}").parse().map_err(|_| refused_query("it cannot be read"))?;
        let read = axum::extract::Query::<T>::try_from_uri(&uri);
        read.map(|query| Self(query.0)).map_err(|rejection| {
            let told = without_texts(&rejection.body_text());
            let told = told.strip_prefix("Failed to deserialize query string: ").unwrap_or(&told);
            match Misread::told_by_parser(told) {
                Some(misread) => misread_query(&misread),
                None => refused_query(told),
            }
        })
    }
}

/// The names and values of a query, decoded.
pub(super) fn pairs(
    uri: &Uri,
) -> impl Iterator<Item = (std::borrow::Cow<'_, str>, std::borrow::Cow<'_, str>)> {
    url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
}

fn refused_query(told: &str) -> Problem {
    Problem::of(StatusCode::BAD_REQUEST, "query_invalid", format!("the query cannot be used: {told}"))
}

/// A query that cannot be used, because of this.
pub(super) fn misread_query(misread: &Misread) -> Problem {
    Problem::misread(StatusCode::BAD_REQUEST, "query_invalid", misread)
}

/// A parameter that is readable, but not what is expected.
pub(super) fn refused_parameter(field: &str, expected: Expected) -> Problem {
    misread_query(&Misread::Value { field: field.to_owned(), expected })
}

/// A parameter or header that names no position of a stream.
pub fn refused_position(field: &str) -> Problem {
    let misread = Misread::Value { field: field.to_owned(), expected: Expected::AtLeast(-1) };
    Problem::misread(StatusCode::BAD_REQUEST, "position_invalid", &misread)
}

/// A parameter whose name says what it takes, and which does not hold that.
pub(super) fn refused_field(field: &str, told: &str) -> Problem {
    refused_query(told).with("field", field)
}

/// A parameter that does not go together with another one.
pub(super) fn refused_beside(field: &str, other: impl Into<String>) -> Problem {
    misread_query(&Misread::Beside { field: field.to_owned(), other: other.into() })
}

/// How many rows are passed over and how many are given.
pub(super) fn page(skip: Option<i64>, limit: Option<i64>) -> Result<(i64, i64), Problem> {
    let (skip, limit) = (skip.unwrap_or(0), limit.unwrap_or(LIMIT_DEFAULT));
    if skip < 0 {
        return Err(refused_parameter("skip", Expected::AtLeast(0)));
    }
    if !(1..=LIMIT_MAX).contains(&limit) {
        return Err(refused_parameter("limit", Expected::Between(1, LIMIT_MAX)));
    }
    Ok((skip, limit))
}

/// The longest search of a list, in letters.
const SEARCH_LETTERS_MAX: usize = 200;

/// What is searched for, unless it is longer than anything that could be found.
pub(super) fn searched(search: Option<String>) -> Result<Option<String>, Problem> {
    let too_long = |search: &String| search.chars().count() > SEARCH_LETTERS_MAX;
    if search.as_ref().is_some_and(too_long) {
        return Err(refused_parameter("search", Expected::UpTo(SEARCH_LETTERS_MAX)));
    }
    Ok(search)
}

/// Sees that the database can search for the text of a parameter: it is no longer than a search, and plain.
pub(super) fn require_searchable(field: &str, text: &str) -> Result<(), Problem> {
    if text.chars().count() > SEARCH_LETTERS_MAX {
        return Err(refused_parameter(field, Expected::UpTo(SEARCH_LETTERS_MAX)));
    }
    // PostgreSQL refuses it in a text.
    if text.contains('\0') {
        return Err(misread_query(&Misread::Field { field: field.to_owned() }));
    }
    Ok(())
}

/// A field that stands in the body of a change, whatever its value: what is absent stays, and `null` is a value like others.
pub(super) fn present<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    field: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(field).map(Some)
}

/// The parameters of a query that has none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

/// The parts of a path. A part that cannot be read names nothing that exists.
pub struct Path<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let read = <axum::extract::Path<T> as FromRequestParts<S>>::from_request_parts(parts, state).await;
        read.map(|path| Self(path.0)).map_err(|_| {
            Problem::not_found("not_found", "there is nothing under this address; check the id in it")
        })
    }
}

/// The message without the texts that the sender wrote: `invalid type: string "…"` becomes `invalid type: string`.
fn without_texts(told: &str) -> String {
    let mut plain = String::with_capacity(told.len());
    let mut rest = told;
    while let Some(at) = rest.find("string \"") {
        let (before, text) = rest.split_at(at + "string".len());
        plain.push_str(before);
        rest = after_quoted(text.trim_start());
    }
    plain.push_str(rest);
    plain
}

/// What follows a quoted text, whose own quotes are escaped; nothing where it does not end.
fn after_quoted(text: &str) -> &str {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            '"' if !escaped => return &text[at + 1..],
            '\\' => escaped = !escaped,
            _ => escaped = false,
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_repeats_no_text_of_the_sender() {
        assert_eq!(
            without_texts(r#"credentials: invalid type: string "hunt\"er2", expected struct X at line 1"#),
            "credentials: invalid type: string, expected struct X at line 1"
        );
        assert_eq!(without_texts(r#"invalid value: string "never ends"#), "invalid value: string");
        assert_eq!(without_texts("unknown field `a`, expected `b`"), "unknown field `a`, expected `b`");
    }
}
