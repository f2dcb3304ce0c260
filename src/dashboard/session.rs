//! The session of a browser: from the cookie to who looks. Absent: how one signs in (`sign_in`), and how sessions are kept
//! (the room `access`).

use axum::extract::{Request, State};
use axum::http::{HeaderMap, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use logistics_domain::TenantId;
use std::sync::Arc;

use super::page::BY_ITSELF;
use super::visitor::{Brand, Unknown, Visitor};
use crate::access::{AccessError, Session, SessionSettings, SignIn, note_use};
use crate::api::{Allowance, Counted, Gate, Problem};
use crate::secrets::KeyRing;
use crate::tenancy::Tenant;

/// The most brands that a person chooses among; the platform's staff reach the others by their number.
const BRANDS_MAX: i64 = 200;

/// What signing in and knowing a visitor work with. Cloning shares it.
#[derive(Clone)]
pub struct SignInState {
    pub(super) gate: Gate,
    pub(super) ring: KeyRing,
    pub(super) sign_in: Option<Arc<SignIn>>,
}

impl SignInState {
    /// Lets in whom `sign_in` proves; nobody where it is none.
    pub fn over(gate: &Gate, ring: KeyRing, sign_in: Option<SignIn>) -> Self {
        Self { gate: gate.clone(), ring, sign_in: sign_in.map(Arc::new) }
    }

    pub(super) const fn settings(&self) -> SessionSettings {
        self.gate.proofs.sessions
    }

    /// The token that the browser keeps for the session.
    pub(super) fn token(&self, headers: &HeaderMap) -> Option<String> {
        let cookies = CookieJar::from_headers(headers);
        cookies.get(self.settings().cookie()).map(|cookie| cookie.value().to_owned())
    }

    /// A cookie of this host alone, that no script reads and no other site's form sends.
    pub(super) fn cookie(&self, name: &'static str, value: String) -> Cookie<'static> {
        let settings = self.settings();
        Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(settings.secure)
            .same_site(SameSite::Lax)
            .build()
    }

    /// Who looks, in the session of this token.
    async fn visitor(
        &self,
        session: Session,
        token: &str,
        uri: &Uri,
        headers: &HeaderMap,
    ) -> Result<Visitor, Problem> {
        let Gate { pool, clock, .. } = &self.gate;
        // A page that is left open does not keep the session of somebody who went away.
        if !headers.contains_key(BY_ITSELF) {
            note_use(pool, &session, token, clock.now()).await?;
        }
        self.look(session, named_brand(uri)).await
    }

    /// Counts the request before it is looked at further, and puts into it who looks, or why that is not known.
    async fn met(&self, token: Option<&str>, request: &mut Request) -> Result<Allowance, Problem> {
        let (extensions, path) = (request.extensions(), request.uri().path());
        if path.starts_with("/dashboard/assets/") {
            return self.gate.count_file(token, extensions, path);
        }
        let Counted { session, allowance } = self.gate.count_visit(token, extensions, path).await?;
        let found = match (session, token) {
            (Ok(Some(session)), Some(token)) => {
                self.visitor(session, token, request.uri(), request.headers()).await
            }
            (Ok(_), _) => return Ok(allowance),
            (Err(error), _) => Err(error.into()),
        };
        match found {
            Ok(visitor) => {
                tracing::Span::current().record("actor", visitor.caller.actor());
                request.extensions_mut().insert(visitor);
            }
            Err(problem) => {
                request.extensions_mut().insert(Unknown(problem));
            }
        }
        Ok(allowance)
    }

    /// Who looks, at the brand that the address names, or else that was chosen last, or else at the first.
    async fn look(&self, session: Session, named: Option<TenantId>) -> Result<Visitor, Problem> {
        let Session { principal, tenant: chosen, csrf, .. } = session;
        let anywhere = principal.over_all()?;
        let every_brand = anywhere.tenant().is_none();
        let own: Vec<TenantId> = principal.usable().filter_map(|caller| caller.tenant()).collect();
        let tenancy = &self.gate.tenancy;
        let brands = tenancy.list_tenants((!every_brand).then_some(own.as_slice()), BRANDS_MAX).await?;
        let chosen = match named.or(chosen) {
            Some(id) if brands.iter().any(|brand| brand.id == id) => Some(id),
            // One of so many that it is not in the list.
            Some(id) if every_brand => tenancy.find_tenant(id).await?.map(|tenant| tenant.id),
            _ => None,
        };
        if named.is_some() && named != chosen {
            return Err(AccessError::NoSuchTenant.into());
        }
        let brand: Option<Brand> = match chosen {
            Some(id) => tenancy.find_tenant(id).await?.map(Into::into),
            None => brands.first().cloned().map(Into::into),
        };
        let caller = match &brand {
            Some(brand) => principal.for_tenant(Some(brand.id))?,
            None => anywhere,
        };
        let name =
            if principal.name.is_empty() { principal.email.clone() } else { Some(principal.name.clone()) };
        Ok(Visitor {
            caller,
            name: name.unwrap_or_default(),
            email: principal.email,
            brand,
            brands: brands.into_iter().map(Into::into).collect(),
            csrf,
        })
    }
}

impl From<Tenant> for Brand {
    fn from(tenant: Tenant) -> Self {
        Self { id: tenant.id, name: tenant.name, zone: tenant.timezone }
    }
}

/// The brand that an address of the pages names.
fn named_brand(uri: &Uri) -> Option<TenantId> {
    let fields = url::form_urlencoded::parse(uri.query()?.as_bytes());
    let named = fields.filter(|(name, _)| name == "tenant_id").last()?;
    named.1.parse().ok().map(TenantId)
}

/// Counts the request, and puts the visitor into it, if somebody is signed in.
pub(super) async fn know(State(state): State<SignInState>, mut request: Request, next: Next) -> Response {
    let token = state.token(request.headers());
    let allowance = match state.met(token.as_deref(), &mut request).await {
        Ok(allowance) => allowance,
        Err(limited) => return limited.into_response(),
    };
    let mut response = next.run(request).await;
    allowance.tell(response.headers_mut());
    response
}
