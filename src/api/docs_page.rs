//! `/openapi.json`, the description of the API, and `/docs`, a page to read and try it. The page's scripts and styles come
//! with the service; it loads nothing from elsewhere, and its own policy says so to the browser. It holds no key: whoever
//! tries an operation gives one.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use utoipa_swagger_ui::{Config, SwaggerFile};

use super::description;
use super::problem::Problem;
use super::routes::Routes;

/// The page styles itself from its scripts, and has small images in its style sheet; nothing else is let through.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What the pages answer with. Cloning shares it.
#[derive(Clone)]
struct Pages {
    document: Bytes,
    config: Arc<Config<'static>>,
}

/// The pages about these routes.
pub(super) fn router(routes: &Routes) -> Router {
    let document = description::describe(routes).to_string().into();
    let config = Config::new(["/openapi.json"])
        .use_base_layout()
        .validator_url("none")
        .display_operation_id(true)
        .try_it_out_enabled(false);
    let pages = Pages { document, config: Arc::new(config) };
    Router::new()
        .route("/openapi.json", get(document_as_json))
        .route("/docs", get(async || Redirect::permanent("/docs/")))
        .route("/docs/", get(async |State(pages): State<Pages>| file(&pages, "index.html")))
        .route(
            "/docs/{file}",
            get(async |State(pages): State<Pages>, Path(name): Path<String>| file(&pages, &name)),
        )
        .with_state(pages)
}

async fn document_as_json(State(pages): State<Pages>) -> Response {
    let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    ([kind], pages.document).into_response()
}

/// A file of the page.
fn file(pages: &Pages, name: &str) -> Response {
    let found = utoipa_swagger_ui::serve(name, Arc::clone(&pages.config)).ok().flatten();
    let Some(SwaggerFile { bytes, content_type, .. }) = found else {
        return Problem::not_found("not_found", "there is no such page; begin at /docs/").into_response();
    };
    let mut response = bytes.into_owned().into_response();
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&content_type) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
