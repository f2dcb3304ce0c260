//! Style sheet, script, icons and fonts, compiled in. Their addresses hold a hash of all their contents, so that browsers
//! may keep them for ever and never show a page with an old style.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

/// Name, type, content.
const ASSETS: [(&str, &str, &[u8]); 9] = [
    ("app.css", "text/css; charset=utf-8", include_bytes!("assets/app.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("assets/app.js")),
    ("live.js", "text/javascript; charset=utf-8", include_bytes!("assets/live.js")),
    ("htmx.min.js", "text/javascript; charset=utf-8", include_bytes!("assets/htmx.min.js")),
    ("favicon.svg", "image/svg+xml", include_bytes!("assets/favicon.svg")),
    ("icons.svg", "image/svg+xml", include_bytes!("assets/icons.svg")),
    ("inter.woff2", "font/woff2", include_bytes!("assets/inter.woff2")),
    ("libre-franklin.woff2", "font/woff2", include_bytes!("assets/libre-franklin.woff2")),
    ("jetbrains-mono.woff2", "font/woff2", include_bytes!("assets/jetbrains-mono.woff2")),
];

/// The hash of all of them, as it stands in their addresses.
static VERSION: LazyLock<String> = LazyLock::new(|| {
    let mut digest = Sha256::new();
    for (name, _, content) in ASSETS {
        digest.update(name);
        digest.update(content);
    }
    hex::encode(&digest.finalize()[..8])
});

/// The directory of this version's assets, without a slash at its end.
pub(super) fn directory() -> String {
    format!("/dashboard/assets/{}", *VERSION)
}

/// An asset. One of another version is answered too, since an open page may still ask for it, but not kept.
pub(super) async fn serve(Path((version, name)): Path<(String, String)>) -> Response {
    let Some((_, kind, content)) = ASSETS.into_iter().find(|(known, _, _)| *known == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let keep = if version == *VERSION { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, keep)], content).into_response()
}
