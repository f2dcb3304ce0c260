//! The gate before every guarded route: who calls, for which tenant, and whether the role has the right. A handler
//! behind it finds a [`Principal`]; where the route needs a right, a [`Caller`]; and where it is a tenant's, a [`Scope`].

use std::sync::Arc;

use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use logistics_domain::TenantId;
use logistics_projections::TenantScope;
use sqlx::PgPool;
use uuid::Uuid;

use super::batched_reads::BatchedReads;
use super::concurrency::Holder;
use super::cors::Origins;
use super::export::ExportPermits;
use super::extract::{misread_query, pairs, refused_parameter};
use super::frame::{language_asked, language_chosen};
use super::input_errors::{Expected, Misread};
use super::limits::{LimitSettings, Limits, canonical};
use super::metrics::MetricsAccess;
use super::orders::{CommonTexts, FacetCache, ListedOrderCache};
use super::problem::Problem;
use super::response_cache::ResponseCache;
use crate::access::{self, AccessError, Caller, Credential, Principal, Proofs, Right};
use crate::clock::Clock;
use crate::jobs::Pulse;
use crate::postgres::Reader;
use crate::tenancy::Tenancy;
use crate::words::Language;

/// The name of a tenant's number in the paths and queries of routes.
const TENANT_IN_PATH: &str = "tenant_id";

/// What the gate needs to know a caller. Cloning shares it.
#[derive(Clone)]
pub struct Gate {
    /// Where the keys are.
    pub pool: PgPool,
    /// How a tenant's rows are read: nothing that is answered to a tenant is read in another way.
    pub reader: Reader,
    /// Where the tenants are.
    pub tenancy: Tenancy,
    /// When keys and tokens expire is told by this.
    pub clock: Clock,
    /// What tokens and sessions of people are held against.
    pub proofs: Proofs,
    /// Rate limits.
    pub limits: Limits,
    /// What was answered in this second.
    pub response_cache: ResponseCache,
    /// What lists showed of orders last.
    pub listed: Option<ListedOrderCache>,
    /// The facets that lists were chosen of last.
    pub facets: FacetCache,
    /// The texts that were too common to be looked up lately.
    pub common_texts: CommonTexts,
    /// Single orders and counts, which many ask for at once.
    pub batched_reads: BatchedReads,
    /// Permits to take whole lists away.
    pub exports: ExportPermits,
    /// Whether the background work turns.
    pub pulse: Pulse,
    /// Who may read the metrics.
    pub metrics: MetricsAccess,
    /// The origins whose pages may call from a browser.
    pub origins: Origins,
}

impl Gate {
    /// A gate that takes keys of programs, with the usual limits.
    pub fn over(pool: PgPool, tenancy: Tenancy, clock: Clock) -> Self {
        Self {
            reader: Reader::beside(&pool),
            pool,
            tenancy,
            clock,
            proofs: Proofs::default(),
            limits: Limits::of(LimitSettings::default()),
            response_cache: ResponseCache::default(),
            listed: None,
            facets: FacetCache::default(),
            common_texts: CommonTexts::default(),
            batched_reads: BatchedReads::default(),
            exports: ExportPermits::default(),
            pulse: Pulse::default(),
            metrics: MetricsAccess::ThisMachine,
            origins: Origins::default(),
        }
    }
}

/// The gate of one route.
#[derive(Clone)]
pub(super) struct Guard {
    /// Shared, since each request gets it.
    pub(super) gate: Arc<Gate>,
    /// What the caller must be allowed; nothing on a route for whoever proves who they are.
    pub(super) right: Option<Right>,
    /// Whether the route works for one tenant, rather than over all.
    pub(super) for_tenant: bool,
}

/// The tenant that this request may see; every query takes it.
#[derive(Clone, Copy, Debug)]
pub struct Scope(pub TenantScope);

impl Scope {
    /// The tenant.
    pub const fn tenant(&self) -> TenantId {
        self.0.tenant()
    }
}

/// The route takes `tenant_id` in its query, which is read here and not by its handler.
#[derive(Clone, Copy, Debug)]
pub(super) struct TenantInQuery;

/// The tenant that the query of a route over all tenants names, to narrow a list by.
#[derive(Clone, Copy, Debug)]
pub(super) struct NamedTenant(pub(super) Option<TenantId>);

impl<S: Sync> FromRequestParts<S> for NamedTenant {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.insert(TenantInQuery);
        named_tenant(None, &parts.uri).map(Self)
    }
}

/// Lets a request through, or answers it. Whoever is known is counted by that; whoever is not, or was not lately, by the
/// address, before anything is looked up.
pub(super) async fn guard(
    State(guard): State<Guard>,
    path: RawPathParams,
    mut request: Request,
    next: Next,
) -> Response {
    let changes = !request.method().is_safe();
    if changes {
        // What a browser sends along by itself opens nothing that is changed: another site could make it send that too.
        request.headers_mut().remove(header::COOKIE);
    }
    let limits = guard.gate.limits.clone();
    let (extensions, path_asked) = (request.extensions(), request.uri().path());
    let principal = match guard.gate.known(request.headers(), extensions, path_asked).await {
        Ok(principal) => principal,
        Err(refusal) => return refusal.into_response(),
    };
    let allowance = match limits.take_for(principal.id()) {
        Ok(allowance) => allowance,
        Err(limited) => return limited.into_response(),
    };
    // Whoever asked for something looks at what became of it, also where it was broken off.
    let _clears = changes.then(|| guard.gate.response_cache.clear_on_drop());
    let mut response = let_through(guard, principal, &path, request, next).await.into_response();
    allowance.tell(response.headers_mut());
    response
}

/// Lets a known caller through who has the right.
async fn let_through(
    Guard { gate, right, for_tenant }: Guard,
    principal: Principal,
    path: &RawPathParams,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let mut actor = principal.actor();
    let mut holder = Holder::Principal(principal.id());
    if let Some(right) = right {
        let caller = if for_tenant {
            let in_path = path.iter().find(|(name, _)| *name == TENANT_IN_PATH).map(|(_, value)| value);
            let (caller, scope) = gate.granted(&principal, in_path, request.uri(), right).await?;
            request.extensions_mut().insert(scope);
            request.extensions_mut().insert(TenantInQuery);
            caller
        } else {
            let caller = principal.over_all()?;
            caller.require(right)?;
            caller
        };
        actor = caller.actor();
        holder = caller.tenant().map_or(holder, Holder::Tenant);
        request.extensions_mut().insert(caller);
    }
    // Who changed what is in the log of requests, whatever was changed.
    tracing::Span::current().record("actor", actor);
    request.extensions_mut().insert(principal);
    let _held = gate.limits.concurrency().share_of(holder)?;
    Ok(next.run(request).await)
}

impl Gate {
    /// Who calls, by the one credential among the headers.
    async fn principal(&self, headers: &HeaderMap) -> Result<Principal, Problem> {
        let sessions = session_cookies(headers, self.proofs.sessions.cookie());
        let credential = presented(headers, &sessions)?;
        Ok(access::authenticate(&self.pool, &self.proofs, credential, self.clock.now()).await?)
    }

    /// Who calls, by the one credential among the headers. Whoever is not known lately is counted among the strangers at `path` before
    /// the credential is looked up.
    async fn known(
        &self,
        headers: &HeaderMap,
        extensions: &Extensions,
        path: &str,
    ) -> Result<Principal, Problem> {
        let count = || self.limits.take_for_stranger(extensions, path).map(|_| ());
        let sessions = session_cookies(headers, self.proofs.sessions.cookie());
        let credential = match presented(headers, &sessions) {
            Ok(credential) => credential,
            Err(refusal) => return Err(count().err().unwrap_or(refusal.into())),
        };
        let found = access::authenticate(&self.pool, &self.proofs, credential, self.clock.now());
        Ok(self.proving(credential.text(), count, found, Principal::id).await??)
    }

    /// What a credential proves, with whoever did not show it lately counted by `count` before it is looked up. `holder` tells
    /// whose it is.
    pub(super) async fn proving<T>(
        &self,
        shown: &str,
        count: impl Fn() -> Result<(), Problem>,
        looking_up: impl Future<Output = Result<T, AccessError>>,
        holder: impl Fn(&T) -> Uuid,
    ) -> Result<Result<T, AccessError>, Problem> {
        let proved = self.limits.proved();
        let was_good = proved.holder(shown).is_some();
        if !was_good {
            count()?;
        }
        let found = looking_up.await;
        match &found {
            Ok(found) => proved.note(shown, holder(found)),
            // Nothing is known against it.
            Err(AccessError::Database(_) | AccessError::ProviderAway) => {}
            Err(_) => proved.forget(shown),
        }
        if was_good && found.is_err() {
            count()?;
        }
        Ok(found)
    }

    /// The language of what the caller takes away: with the session of the pages the one that was chosen there, as the page has
    /// it; else the one that is asked for.
    pub(super) fn language_for(&self, headers: &HeaderMap) -> Option<Language> {
        let sessions = session_cookies(headers, self.proofs.sessions.cookie());
        let is_by_session = matches!(presented(headers, &sessions), Ok(Credential::Session(_)));
        let chosen = is_by_session.then(|| language_chosen(headers)).flatten();
        chosen.or_else(|| language_asked(headers))
    }

    /// Who calls, in which role and for which tenant, if the right is the caller's: asked again by what goes on for longer
    /// than a request.
    pub(crate) async fn admit(
        &self,
        headers: &HeaderMap,
        in_path: Option<&str>,
        uri: &Uri,
        right: Right,
    ) -> Result<(Principal, Caller, Scope), Problem> {
        let principal = self.principal(headers).await?;
        let (caller, scope) = self.granted(&principal, in_path, uri, right).await?;
        Ok((principal, caller, scope))
    }

    /// In which role and for which tenant the principal calls, if the right is its own.
    async fn granted(
        &self,
        principal: &Principal,
        in_path: Option<&str>,
        uri: &Uri,
        right: Right,
    ) -> Result<(Caller, Scope), Problem> {
        let named = named_tenant(in_path, uri)?.or(principal.chosen());
        let caller = principal.for_tenant(named)?;
        let scope = caller.scope(named)?;
        if caller.tenant().is_none() && self.tenancy.find_tenant(scope.tenant()).await?.is_none() {
            return Err(AccessError::NoSuchTenant.into());
        }
        caller.require(right)?;
        Ok((caller, Scope(scope)))
    }
}

/// The session of the pages, as a browser sends it along.
fn session_cookies(headers: &HeaderMap, name: &str) -> Vec<String> {
    let values = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
    let pairs = values.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.filter(|(given, _)| *given == name).map(|(_, value)| value.to_owned()).collect()
}

/// The one credential that came along. A header `Authorization` of another scheme is none of ours.
fn presented<'a>(headers: &'a HeaderMap, cookies: &'a [String]) -> Result<Credential<'a>, AccessError> {
    let mut found = Vec::new();
    for key in headers.get_all("x-api-key") {
        found.push(Credential::Key(key.to_str().map_err(|_| AccessError::InvalidKey)?));
    }
    for value in headers.get_all(header::AUTHORIZATION) {
        let value = value.to_str().unwrap_or_default();
        if let Some((scheme, token)) = value.split_once(' ')
            && scheme.eq_ignore_ascii_case("bearer")
        {
            found.push(Credential::Token(token.trim()));
        }
    }
    match found.as_slice() {
        [] => match cookies {
            [session] => Ok(Credential::Session(session)),
            _ => Err(AccessError::NoCredential),
        },
        [only] => Ok(*only),
        _ => Err(AccessError::TwoCredentials),
    }
}

/// The tenant that the path or the query names. A number that cannot be one is no tenant's.
fn named_tenant(in_path: Option<&str>, uri: &Uri) -> Result<Option<TenantId>, Problem> {
    let mut in_query = pairs(uri).filter(|(name, _)| name == "tenant_id").map(|(_, value)| value);
    let first = in_query.next();
    if in_query.next().is_some() || (in_path.is_some() && first.is_some()) {
        return Err(misread_query(&Misread::Repeated { field: TENANT_IN_PATH.to_owned() }));
    }
    if let Some(text) = in_path {
        let id = canonical(text).ok_or(AccessError::NoSuchTenant)?;
        return Ok(Some(TenantId(id)));
    }
    let Some(text) = first else { return Ok(None) };
    let id = canonical(&text).ok_or_else(|| refused_parameter(TENANT_IN_PATH, Expected::AtLeast(1)))?;
    Ok(Some(TenantId(id)))
}

/// A handler asked for what only the gate gives, on a route without one.
#[derive(Debug, thiserror::Error)]
#[error("a route that nobody guards asks who calls")]
struct Unguarded;

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| Problem::internal(&Unguarded))
    }
}

impl<S: Sync> FromRequestParts<S> for Scope {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().copied().ok_or_else(|| Problem::internal(&Unguarded))
    }
}

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        parts.extensions.get::<Self>().cloned().ok_or_else(|| Problem::internal(&Unguarded))
    }
}
