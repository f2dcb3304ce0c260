//! The table of routes and who may use each. A route cannot be added without saying so, and the tests walk the table.

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodFilter, on};

use super::gate::{Gate, Guard, guard};
use crate::access::Right;

/// Who is let through to a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admits {
    /// Everybody; the route itself checks a signature or a token, or tells nothing.
    Anyone,
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
    pub path: &'static str,
    /// Who may.
    pub admits: Admits,
}

/// Some routes of a room, with their lines in the table.
pub struct Routes {
    gate: Gate,
    router: Router,
    entries: Vec<Entry>,
}

impl Routes {
    /// No routes yet, behind this gate.
    pub fn behind(gate: &Gate) -> Self {
        Self { gate: gate.clone(), router: Router::new(), entries: Vec::new() }
    }

    /// A route for everybody, which checks for itself what must be checked.
    #[must_use]
    pub fn open<H, T, S>(self, method: Method, path: &'static str, handler: H, state: S) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        self.add(method, path, Admits::Anyone, handler, state)
    }

    /// A route for one tenant. The handler may ask for a [`Caller`](crate::access::Caller) and a [`Scope`](super::Scope).
    #[must_use]
    pub fn tenant<H, T, S>(
        self,
        method: Method,
        path: &'static str,
        right: Right,
        handler: H,
        state: S,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        self.add(method, path, Admits::Tenant(right), handler, state)
    }

    /// A route over all tenants. The handler may ask for a [`Caller`](crate::access::Caller).
    #[must_use]
    pub fn platform<H, T, S>(
        self,
        method: Method,
        path: &'static str,
        right: Right,
        handler: H,
        state: S,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        self.add(method, path, Admits::Platform(right), handler, state)
    }

    /// These and the other routes together.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.router = self.router.merge(other.router);
        self.entries.extend(other.entries);
        self
    }

    /// The table.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn into_router(self) -> Router {
        self.router
    }

    fn add<H, T, S>(
        mut self,
        method: Method,
        path: &'static str,
        admits: Admits,
        handler: H,
        state: S,
    ) -> Self
    where
        H: Handler<T, S>,
        T: 'static,
        S: Clone + Send + Sync + 'static,
    {
        let filter = MethodFilter::try_from(method.clone()).expect("routes use the methods of HTTP itself");
        let mut route = on(filter, handler);
        let guarded = match admits {
            Admits::Anyone => None,
            Admits::Tenant(right) => Some((right, true)),
            Admits::Platform(right) => Some((right, false)),
        };
        if let Some((right, for_tenant)) = guarded {
            let guarding = Guard { gate: self.gate.clone(), right, for_tenant };
            route = route.route_layer(from_fn_with_state(guarding, guard));
        }
        self.router = self.router.route(path, route.with_state(state));
        self.entries.push(Entry { method, path, admits });
        self
    }
}
