//! The table of routes and who may use each. A route cannot be added without saying so, and without describing itself:
//! method, path, parameters and answers come from the handler's `#[utoipa::path]`. The tests walk the table, and the
//! published description of the API is made from it.

use std::sync::Arc;

use axum::Router;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use utoipa::openapi::path::{HttpMethod, Operation, PathItem};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Components, Info, OpenApi, OpenApiBuilder, Paths, RefOr};
use utoipa_axum::router::UtoipaMethodRouter;

use super::etag::{self, Tagging};
use super::gate::{Gate, Guard, guard};
use super::limits::count_strangers;
use crate::access::Right;

/// Who is let through to a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admits {
    /// Everybody; the route itself checks a signature or a token, or tells nothing.
    Anyone,
    /// Whoever proves who they are, in whatever role; the route tells of nobody else.
    Known,
    /// Callers with the right, for one tenant: the one in the path, or the credential's, or `tenant_id=` of the query.
    Tenant(Right),
    /// Callers with the right, over all tenants.
    Platform(Right),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The method.
    pub method: Method,
    /// The path under `/api/v1`, with `{name}` for what varies.
    pub path: String,
    /// Who may.
    pub admits: Admits,
}

/// Some routes of a room, with their lines in the table.
pub struct Routes {
    gate: Arc<Gate>,
    router: Router,
    entries: Vec<Entry>,
    paths: Paths,
    schemas: Vec<(String, RefOr<Schema>)>,
}

impl Routes {
    /// No routes yet, behind this gate.
    pub fn behind(gate: &Gate) -> Self {
        Self {
            gate: Arc::new(gate.clone()),
            router: Router::new(),
            entries: Vec::new(),
            paths: Paths::new(),
            schemas: Vec::new(),
        }
    }

    /// Routes of one path for everybody, which check for themselves what must be checked.
    #[must_use]
    pub fn open<S>(self, routes: UtoipaMethodRouter<S>, state: S) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        self.add(Admits::Anyone, routes, state)
    }

    /// Routes of one path for whoever proves who they are. The handlers may ask for a
    /// [`Principal`](crate::access::Principal).
    #[must_use]
    pub fn known<S>(self, routes: UtoipaMethodRouter<S>, state: S) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        self.add(Admits::Known, routes, state)
    }

    /// Routes of one path for one tenant. The handlers may ask for a [`Caller`](crate::access::Caller) and a
    /// [`Scope`](super::Scope).
    #[must_use]
    pub fn tenant<S>(self, right: Right, routes: UtoipaMethodRouter<S>, state: S) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        self.add(Admits::Tenant(right), routes, state)
    }

    /// Routes of one path over all tenants. The handlers may ask for a [`Caller`](crate::access::Caller).
    #[must_use]
    pub fn platform<S>(self, right: Right, routes: UtoipaMethodRouter<S>, state: S) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        self.add(Admits::Platform(right), routes, state)
    }

    /// These and the other routes together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.entries.extend(other.entries);
        self.paths.merge(other.paths);
        self.schemas.extend(other.schemas);
        self
    }

    /// The table.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// What the handlers say of themselves, as an OpenAPI document whose paths are those under `/api/v1`.
    pub fn described(&self) -> OpenApi {
        let mut components = Components::default();
        components.schemas.extend(self.schemas.iter().cloned());
        OpenApiBuilder::new()
            .info(Info::new("Logistics ledger", env!("CARGO_PKG_VERSION")))
            .paths(self.paths.clone())
            .components(Some(components))
            .build()
    }

    pub(super) fn into_router(self) -> Router {
        self.router
    }

    fn add<S>(mut self, admits: Admits, (schemas, paths, mut routes): UtoipaMethodRouter<S>, state: S) -> Self
    where
        S: Clone + Send + Sync + 'static,
    {
        let guarded = match admits {
            Admits::Anyone => None,
            Admits::Known => Some((None, false)),
            Admits::Tenant(right) => Some((Some(right), true)),
            Admits::Platform(right) => Some((Some(right), false)),
        };
        let kind = paths.paths.keys().find_map(|path| etag::kind_of(path));
        if let Some(kind) = kind {
            let tagging = Tagging { gate: Arc::clone(&self.gate), kind };
            routes = routes.route_layer(from_fn_with_state(tagging, etag::tagged));
        }
        if let Some((right, for_tenant)) = guarded {
            let guarding = Guard { gate: Arc::clone(&self.gate), right, for_tenant };
            routes = routes.route_layer(from_fn_with_state(guarding, guard));
        }
        if admits == Admits::Anyone {
            routes = routes.route_layer(from_fn_with_state(self.gate.limits.clone(), count_strangers));
        }
        let mut routes = Some(routes.with_state(state));
        for (path, item) in &paths.paths {
            for (method, _operation) in operations(item) {
                self.entries.push(Entry { method: named(&method), path: path.clone(), admits });
            }
            let routes = routes.take().expect("the operations that are added together share one path");
            self.router = self.router.route(path, routes);
        }
        self.paths.merge(paths);
        self.schemas.extend(schemas);
        self
    }
}

/// The operations of a path, by method.
fn operations(item: &PathItem) -> impl Iterator<Item = (HttpMethod, &Operation)> {
    [
        (HttpMethod::Get, &item.get),
        (HttpMethod::Put, &item.put),
        (HttpMethod::Post, &item.post),
        (HttpMethod::Delete, &item.delete),
        (HttpMethod::Patch, &item.patch),
    ]
    .into_iter()
    .filter_map(|(method, operation)| operation.as_ref().map(|operation| (method, operation)))
}

fn named(method: &HttpMethod) -> Method {
    match method {
        HttpMethod::Get => Method::GET,
        HttpMethod::Post => Method::POST,
        HttpMethod::Put => Method::PUT,
        HttpMethod::Delete => Method::DELETE,
        HttpMethod::Options => Method::OPTIONS,
        HttpMethod::Head => Method::HEAD,
        HttpMethod::Patch => Method::PATCH,
        HttpMethod::Trace => Method::TRACE,
    }
}
