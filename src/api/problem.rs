//! How a refusal looks: RFC 9457 `application/problem+json`, with a stable `code` for programs and a `detail` for people.
//! Absent: which error becomes which problem; that map is `error`.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

/// An answer that is not the one hoped for.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    more: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem. `code` never changes once it is published; `detail` says what to do and holds no secret.
    pub fn of(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, detail: sentence(detail.into()), more: Map::new(), headers: Vec::new() }
    }

    /// 404 with this code.
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, code, detail)
    }

    /// 500, with nothing told of the cause, which is logged here and nowhere else.
    pub fn internal(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(cause = chain(cause), "a request failed");
        Self::of(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "something went wrong here; it was logged, tell the platform's staff the request id",
        )
    }

    /// 503, to be tried again in some seconds; the cause is logged here.
    pub fn unavailable(code: &'static str, detail: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::warn!(cause = chain(cause), "a request could not be served for now");
        Self::of(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            .header(header::RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// The same with a further member, such as the field that is wrong.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.more.insert(member.to_owned(), value.into());
        self
    }

    /// The same with a further header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.push((name, value));
        self
    }

    /// Its status.
    pub const fn status(&self) -> StatusCode {
        self.status
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut body = self.more;
        body.insert("type".to_owned(), json!("about:blank"));
        body.insert("title".to_owned(), json!(self.status.canonical_reason().unwrap_or("Error")));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("code".to_owned(), json!(self.code));
        body.insert("detail".to_owned(), json!(self.detail));
        let mut response = (self.status, Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        for (name, value) in self.headers {
            headers.append(name, value);
        }
        response
    }
}

/// An error's text as a sentence: a capital first, unless a field's name stands there, and a full stop.
fn sentence(text: String) -> String {
    let names_a_field = text.split(' ').next().is_some_and(|word| word.ends_with(':') || word.contains('_'));
    let mut letters = text.chars();
    let mut whole = match letters.next() {
        Some(first) if !names_a_field => first.to_uppercase().chain(letters).collect(),
        _ => text,
    };
    if !whole.ends_with(['.', '!', '?']) {
        whole.push('.');
    }
    whole
}

/// An error and what caused it, for the log.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |one| one.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_detail_is_a_sentence() {
        assert_eq!(sentence("there is no such tenant".to_owned()), "There is no such tenant.");
        assert_eq!(sentence("sku_prefix: give one".to_owned()), "sku_prefix: give one.");
        assert_eq!(sentence("Done.".to_owned()), "Done.");
    }
}
