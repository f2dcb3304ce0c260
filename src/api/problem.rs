//! How a refusal looks: RFC 9457 `application/problem+json`, with a stable `code` for programs and a `detail` for people.
//! The detail is in the language that the caller asks for: English unless it says otherwise, since most callers are
//! programs and their logs. What the room that refused said stands in English; the catalogues have a sentence for every
//! code in both languages, `input_errors` says what was wrong with a query or a body, and `fields` what a field takes.
//! Absent: which error becomes which problem; that map is `error`.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use super::fields;
use super::input_errors::Misread;
use crate::words::{Language, Words};

/// What is said besides the sentence of the code.
#[derive(Clone, Debug)]
enum Particulars {
    /// What was wrong with a query or a body.
    Misread(Misread),
    /// Why another system refused, in its own words: they are the same in every language.
    Reason(String),
}

/// An answer that is not the one hoped for.
#[derive(Clone, Debug)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    detail: String,
    particulars: Option<Box<Particulars>>,
    more: Map<String, Value>,
    headers: Vec<(HeaderName, HeaderValue)>,
}

impl Problem {
    /// A problem. `code` never changes once it is published; `detail` says what to do and holds no secret.
    pub fn of(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        let detail = sentence(detail.into());
        Self { status, code, detail, particulars: None, more: Map::new(), headers: Vec::new() }
    }

    /// A query or a body that cannot be used, because of this.
    pub(super) fn misread(status: StatusCode, code: &'static str, misread: &Misread) -> Self {
        let english = Words::of(Language::English);
        let detail = format!("{} {}", english.problem(code, &[]).unwrap_or_default(), misread.said(english));
        let particulars = Box::new(Particulars::Misread(misread.clone()));
        let problem = Self { particulars: Some(particulars), ..Self::of(status, code, detail.trim()) };
        match misread.field() {
            Some(field) => problem.with("field", field),
            None => problem,
        }
    }

    /// 404 with this code.
    pub fn not_found(code: &'static str, detail: impl Into<String>) -> Self {
        Self::of(StatusCode::NOT_FOUND, code, detail)
    }

    /// 422, naming the field.
    pub fn invalid(field: &str, told: impl Into<String>) -> Self {
        Self::of(StatusCode::UNPROCESSABLE_ENTITY, "field_invalid", told).with("field", field)
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

    /// 500, since a ledger is not what was sealed, or cannot be read; the cause is logged here.
    pub fn damaged(cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(cause = chain(cause), "a ledger is damaged");
        Self::of(
            StatusCode::INTERNAL_SERVER_ERROR,
            "ledger_damaged",
            "events or hashes that were sealed are missing here or cannot be read, so this cannot be proved; tell the platform's staff",
        )
    }

    /// 503, to be tried again in some seconds; the cause is logged here.
    pub fn unavailable(code: &'static str, detail: &str, cause: &(dyn std::error::Error + 'static)) -> Self {
        tracing::warn!(cause = chain(cause), "a request could not be served for now");
        Self::of(StatusCode::SERVICE_UNAVAILABLE, code, detail)
            .header(header::RETRY_AFTER, HeaderValue::from_static("5"))
    }

    /// Adds why another system refused, in its own words.
    #[must_use]
    pub fn because(mut self, reason: impl Into<String>) -> Self {
        self.particulars = Some(Box::new(Particulars::Reason(sentence(reason.into()))));
        self
    }

    /// Adds a member, such as the field that is wrong.
    #[must_use]
    pub fn with(mut self, member: &str, value: impl Into<Value>) -> Self {
        self.more.insert(member.to_owned(), value.into());
        self
    }

    /// Adds a header.
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

impl Problem {
    /// The detail in this language.
    fn detail_in(&self, language: Language) -> String {
        let words = Words::of(language);
        match language {
            Language::English => self.detail.clone(),
            Language::Spanish => {
                let Some(general) = words.problem(self.code, &[]) else { return self.detail.clone() };
                let field = self.more.get("field").and_then(Value::as_str);
                match (self.particulars.as_deref(), field) {
                    (Some(Particulars::Misread(misread)), _) => format!("{general} {}", misread.said(words)),
                    (Some(Particulars::Reason(reason)), _) => {
                        format!("{general} {}", words.misread_reason(reason))
                    }
                    (None, Some(field)) => match fields::expected_in(field, words) {
                        Some(expected) => format!("{general} {}", words.misread_value(expected, field)),
                        None => format!("{general} {}", words.misread_field(field)),
                    },
                    (None, None) => general,
                }
            }
        }
    }

    /// The answer in this language.
    pub(super) fn answered_in(self, language: Language) -> Response {
        let mut body = self.more.clone();
        body.insert("type".to_owned(), json!("about:blank"));
        body.insert("title".to_owned(), json!(self.status.canonical_reason().unwrap_or("Error")));
        body.insert("status".to_owned(), json!(self.status.as_u16()));
        body.insert("code".to_owned(), json!(self.code));
        body.insert("detail".to_owned(), json!(self.detail_in(language)));
        let mut response = (self.status, Value::Object(body).to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(language.tag()));
        headers.append(header::VARY, HeaderValue::from_static("accept-language"));
        for (name, value) in &self.headers {
            headers.append(name.clone(), value.clone());
        }
        // The frame knows the caller's language, and may answer anew.
        response.extensions_mut().insert(self);
        response
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        self.answered_in(Language::English)
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
