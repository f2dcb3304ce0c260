//! The pages under `/dashboard`: where each order is, what is late, what needs a person. Rendered here, in the reader's
//! language and zone; they read well without script, and with it they search while one types and follow events.
//!
//! Absent: SQL, and any rule about orders. Pages call what the API calls. Sentences stand in `src/words/`, markup in
//! `templates/`, and how things look in `assets/app.css` alone.
//!
//! # How to add a page
//!
//! 1. A file (or a directory) here with a handler that takes [`Visit`]: who looks, in which language, zone and scope.
//!    `visit.require(Right::X)?` first; whatever goes wrong is a [`Problem`](crate::api::Problem), which becomes a page
//!    in `error`.
//! 2. A struct with `#[derive(Template)]` that holds what is shown, ready to show, and a `frame: Frame` made by
//!    [`Visit::frame`]; return [`Page`] around it. `Moment` shows instants.
//! 3. `templates/<room>/<page>.html` that begins with `{% extends "layout.html" %}` and fills `content`. Every sentence is
//!    `frame.w.some_message()` from both catalogues; `parts.html` has the components: icon, badge, time, day, age,
//!    copy, search, table, empty state; chips, dialogs and notices are classes of `assets/app.css`. No style or script stands in a page: the content security policy refuses it.
//! 4. A form that changes something posts `csrf` (the macro `parts::csrf`), and its handler takes [`Posted`], which checks it.
//! 5. The route goes into [`routes`], which the service and the tests share; a test in `tests/integration/browser/` opens the page and looks for barriers.

mod admin;
mod assets;
mod error;
mod form;
mod gone_to;
mod moments;
mod orders;
mod page;
mod preferences;
mod session;
mod sign_in;
mod visitor;

use axum::extract::Request;
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Redirect;
use axum::routing::get;
use axum::{Extension, Router};
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate as _};

pub use admin::Admin;
pub use form::Posted;
pub use moments::Moment;
pub use orders::Pages;
pub use page::{Frame, Page, Section, Visit};
pub use preferences::Preferences;
pub use session::SignInState;
pub use visitor::{Brand, Visitor};

/// Everything under `/dashboard`, with its full paths: people sign in, and their sessions say who looks.
pub fn service(pages: Pages, admin: Admin, state: SignInState) -> Router {
    let knowing = from_fn_with_state(state.clone(), session::know);
    let clock = Extension(state.gate.clock.clone());
    dressed(routes(pages, admin).merge(sign_in::routes(state))).layer(clock).layer(knowing)
}

/// The pages alone. Who looks is found by a layer around them that gives a [`Visitor`].
pub fn router(pages: Pages, admin: Admin) -> Router {
    let clock = Extension(pages.gate.clock.clone());
    dressed(routes(pages, admin)).layer(clock)
}

/// The whole service, with pages also for what goes wrong around the pages: too long an address, too long a wait, a panic;
/// and where a browser that keeps this cookie of a session goes to the API itself.
pub fn dress_around(service: Router, session_cookie: &'static str) -> Router {
    service.layer(from_fn(move |request: Request, next: Next| async move {
        let path = request.uri().path();
        if path == "/dashboard" || path.starts_with("/dashboard/") {
            error::dress(request, next).await
        } else if gone_to::is_gone_to(&request, session_cookie) {
            gone_to::dress(request, next).await
        } else {
            next.run(request).await
        }
    }))
}

fn routes(pages: Pages, admin: Admin) -> Router {
    Router::new()
        .route("/dashboard", get(|| async { Redirect::to("/dashboard/orders") }))
        .route("/dashboard/assets/{version}/{name}", get(assets::serve))
        .merge(preferences::routes())
        .merge(orders::routes(pages))
        .merge(admin::routes(admin))
        .route("/dashboard/{*rest}", get(error::unknown))
}

fn dressed(router: Router) -> Router {
    let large_and_compressed_already = NotForContentType::new("font/");
    router.layer(from_fn(error::dress)).layer(
        CompressionLayer::new().compress_when(DefaultPredicate::new().and(large_and_compressed_already)),
    )
}
