//! The few pages of the provider.

use std::fmt::Write as _;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::authorize::Asked;
use super::people::DemoPerson;

const HEAD: &str = r#"<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Demo sign-in</title><style>
body{font:16px/1.5 system-ui,sans-serif;color:#182432;background:#f4f6f9;margin:0;padding:48px 16px}
main{max-width:420px;margin:0 auto;background:#fff;border:1px solid #dfe5ec;border-radius:12px;padding:24px}
h1{font-size:20px;margin:0 0 4px}p{margin:0 0 16px;color:#4b5a6b}ul{list-style:none;margin:0;padding:0}
a{display:block;padding:12px 16px;margin-top:8px;border:1px solid #dfe5ec;border-radius:8px;color:inherit;text-decoration:none}
a:hover,a:focus-visible{border-color:#2f7cf4;outline:2px solid #2f7cf4;outline-offset:1px}
b{display:block}small{color:#4b5a6b}
</style></head><body><main>"#;

/// Who to be.
pub(super) fn choice(people: &[DemoPerson], asked: &Asked) -> Response {
    let question = serde_json::to_value(asked).unwrap_or_default();
    let mut list = String::new();
    for person in people {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in question.as_object().into_iter().flatten() {
            if let Some(value) = value.as_str() {
                query.append_pair(name, value);
            }
        }
        query.append_pair("chosen", &person.sub);
        // Writing into a string cannot fail.
        let _written = write!(
            list,
            r#"<li><a href="authorize?{}"><b>{}</b><small>{}</small></a></li>"#,
            escaped(&query.finish()),
            escaped(&person.name),
            escaped(&person.shows)
        );
    }
    page(
        StatusCode::OK,
        &format!(
            "<h1>Who are you today?</h1><p>The sandbox's sign-in. Nobody here is real.</p><ul>{list}</ul>"
        ),
    )
}

/// What cannot be sent back to the service.
pub(super) fn refusal(told: &str) -> Response {
    page(StatusCode::BAD_REQUEST, &format!("<h1>This sign-in cannot begin</h1><p>{}</p>", escaped(told)))
}

pub(super) fn signed_out() -> Response {
    page(StatusCode::OK, "<h1>Signed out</h1><p>You may close this page.</p>")
}

fn page(status: StatusCode, body: &str) -> Response {
    let mut response = (status, Html(format!("{HEAD}{body}</main></body></html>"))).into_response();
    let headers = response.headers_mut();
    let policy = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'";
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
