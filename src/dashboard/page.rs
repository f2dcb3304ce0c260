//! What every page has: who looks and how ([`Visit`]), the frame around the content, and its way into an answer.

use std::fmt;

use askama::Template;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderMap, HeaderValue, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use logistics_domain::TenantId;
use logistics_domain::status::WarehouseClock;
use logistics_projections::TenantScope;
use uuid::Uuid;

use super::assets;
use super::form;
use super::moments::{Moment, place};
use super::preferences::{Preferences, Theme, inside};
use super::visitor::{Brand, Visitor};
use crate::access::Right;
use crate::api::Problem;
use crate::clock::Clock;
use crate::words::{Language, Words};

/// A look at a page: by whom, in which language and zone, and whether only a part of the page is wanted.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Who looks.
    pub visitor: Visitor,
    /// How the reader likes it.
    pub preferences: Preferences,
    /// The path and query that were asked for.
    pub address: String,
    /// The page that stood there when it was asked for.
    pub came_from: String,
    /// The id of the element that the script on the page wants anew; none where the whole page is asked for.
    pub wanted: Option<String>,
    /// Whether the page asks by itself, since something happened, and nobody did anything.
    pub by_itself: bool,
    /// The clock of the service, if it is known around the page.
    pub clock: Option<Clock>,
}

/// The header of what a page asks by itself.
pub(super) const BY_ITSELF: &str = "x-by-itself";

impl<S: Sync> FromRequestParts<S> for Visit {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let visitor = Visitor::from_request_parts(parts, state).await?;
        let preferences = Preferences::of(parts);
        let (address, wanted) = (address(&parts.uri), wanted(&parts.headers));
        let (came_from, by_itself) = (page_of(parts), parts.headers.contains_key(BY_ITSELF));
        let clock = parts.extensions.get().cloned();
        Ok(Self { visitor, preferences, address, came_from, wanted, by_itself, clock })
    }
}

impl Visit {
    /// The reader's language.
    pub const fn words(&self) -> Words {
        self.preferences.words
    }

    /// The reader's zone: that of the brand that is looked at.
    pub fn zone(&self) -> Tz {
        self.visitor.brand.as_ref().map_or(Tz::UTC, |brand| brand.zone)
    }

    /// The place that the zone is named after.
    pub fn place(&self) -> String {
        place(self.zone())
    }

    /// The scope of the brand that is looked at.
    pub fn scope(&self) -> Result<TenantScope, Problem> {
        let brand = self.visitor.brand.as_ref();
        let none = || Problem::not_found("no_brand", "there is no brand yet that you could look at");
        Ok(self.visitor.caller.scope(Some(brand.ok_or_else(none)?.id))?)
    }

    /// Refuses a visitor who may not.
    pub fn require(&self, right: Right) -> Result<(), Problem> {
        Ok(self.visitor.caller.require(right)?)
    }

    /// Whether the visitor may.
    pub fn may(&self, right: Right) -> bool {
        self.visitor.caller.role().may(right)
    }

    /// An instant that is of no order, ready to show.
    pub fn moment(&self, instant: DateTime<Utc>) -> Moment {
        Moment::plain(self.words(), self.zone(), instant)
    }

    /// An instant of an order, with the clock of its warehouse beside it.
    pub fn moment_by(&self, warehouse: WarehouseClock, instant: DateTime<Utc>) -> Moment {
        Moment::of(self.words(), self.zone(), warehouse, instant)
    }

    /// What was promised of an order: a day where the warehouse told a day, else an instant.
    pub fn promised(&self, warehouse: WarehouseClock, instant: DateTime<Utc>) -> Moment {
        Moment::promised(self.words(), self.zone(), warehouse, instant)
    }

    /// The brand that addresses name: that of visitors who look at several, so that each page stays at its own.
    pub fn names_brand(&self) -> Option<TenantId> {
        let visitor = &self.visitor;
        let several = visitor.brands.len() > 1 || self.may(Right::Operate);
        visitor.brand.as_ref().filter(|_| several).map(|brand| brand.id)
    }

    /// The brand that addresses name, as a field of a query.
    pub fn brand_query(&self) -> Option<String> {
        self.names_brand().map(|brand| format!("tenant_id={brand}"))
    }

    /// The address of an order's page, or of what belongs to it.
    pub fn order(&self, id: Uuid, rest: &str) -> String {
        addressed(&format!("/dashboard/orders/{id}{rest}"), self.brand_query().as_deref())
    }

    /// The frame of a page with this title, in this section.
    pub fn frame(&self, title: impl Into<String>, section: Section) -> Frame {
        let visitor = &self.visitor;
        let current = visitor.brand.as_ref().map(|brand| brand.id);
        let choices = visitor.brands.iter().map(|brand| Choice {
            id: brand.id.0,
            name: brand.name.clone(),
            is_current: Some(brand.id) == current,
        });
        Frame {
            signed_in: Some(SignedIn {
                name: visitor.name.clone(),
                email: visitor.email.clone(),
                role: visitor.caller.role().as_str(),
                brand: visitor.brand.as_ref().map(|Brand { name, .. }| name.clone()),
                brands: choices.collect(),
                csrf: form::masked(&visitor.csrf),
                runs_the_platform: self.may(Right::Operate),
            }),
            brand_query: self.brand_query(),
            now: self.clock.as_ref().map(|clock| self.moment(clock.now()).iso),
            ..Frame::plain(self.preferences, title, section, self.address.clone())
        }
    }
}

/// The parts of the dashboard that the way around leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Orders.
    Orders,
    /// What the platform's staff look after.
    Admin,
    /// A page beside these.
    None,
}

/// What stands around the content of every page.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The sentences.
    pub w: Words,
    /// What the page is.
    pub title: String,
    /// Where in the dashboard it is.
    pub section: Section,
    /// Where the style and the script are.
    pub assets: String,
    /// The scheme of colours.
    pub theme: Theme,
    /// The address of the page, to come back to.
    pub address: String,
    /// Who looks; none on pages before sign-in.
    pub signed_in: Option<SignedIn>,
    /// Where events are told as they happen, for pages that follow them.
    pub stream: Option<String>,
    /// The brand as addresses name it, where they must.
    pub brand_query: Option<String>,
    /// When it was written, by the service's clock: what ages are counted by, since a reader's clock may be off.
    pub now: Option<String>,
}

/// Who looks, as the frame shows it.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub name: String,
    pub email: Option<String>,
    pub role: &'static str,
    pub brand: Option<String>,
    pub brands: Vec<Choice>,
    /// The proof of its forms, written anew for each page.
    pub csrf: String,
    pub runs_the_platform: bool,
}

/// A brand to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    pub id: i64,
    pub name: String,
    pub is_current: bool,
}

impl Frame {
    /// The frame of a page that nobody needs to be signed in for.
    pub fn plain(
        preferences: Preferences,
        title: impl Into<String>,
        section: Section,
        address: String,
    ) -> Self {
        Self {
            w: preferences.words,
            title: title.into(),
            section,
            assets: assets::directory(),
            theme: preferences.theme,
            address,
            signed_in: None,
            stream: None,
            brand_query: None,
            now: None,
        }
    }

    /// Follows the events after a position of the tenant's ledger: the newest one before the page was read,
    /// so that nothing between that and the following is missed.
    #[must_use]
    pub fn live(mut self, tenant: TenantId, position: i64) -> Self {
        self.stream = Some(format!("/api/v1/logistics/stream?tenant_id={tenant}&after={position}"));
        self
    }

    /// The address of the list of orders.
    pub fn orders(&self) -> String {
        addressed("/dashboard/orders", self.brand_query.as_deref())
    }

    /// The address of an order's page, or of what belongs to it.
    pub fn order(&self, id: impl fmt::Display, rest: &str) -> String {
        addressed(&format!("/dashboard/orders/{id}{rest}"), self.brand_query.as_deref())
    }

    /// The address of the raw answer that an event of an order was read from.
    pub fn evidence(&self, id: impl fmt::Display, sha256: &str) -> String {
        self.order(id, &format!("/evidence/{sha256}"))
    }

    /// The address of its bytes, as a file.
    pub fn evidence_bytes(&self, id: impl fmt::Display, sha256: &str) -> String {
        self.order(id, &format!("/evidence/{sha256}?raw"))
    }

    /// Where a paid order is looked for again.
    pub fn look_again(&self) -> String {
        addressed("/dashboard/links/look-again", self.brand_query.as_deref())
    }

    /// Where a warehouse order is chosen for a paid order.
    pub fn choose_order(&self) -> String {
        addressed("/dashboard/links/choose", self.brand_query.as_deref())
    }

    /// How ages are said, for the script that keeps them: now, minutes, hours, one day, days; `#` stands for the number.
    pub fn ages(&self) -> String {
        let w = self.w;
        let ages = [
            w.moment_age_now(),
            w.moment_age_minutes(59).replace("59", "#"),
            w.moment_age_hours(23).replace("23", "#"),
            w.moment_age_days(1),
            w.moment_age_days(99).replace("99", "#"),
        ];
        ages.join("|")
    }

    /// The languages, and whether each is the present one.
    pub fn languages(&self) -> [(&'static str, String, bool); 2] {
        Language::ALL.map(|language| {
            (language.code(), Words::of(language).language_own_name(), language == self.w.language())
        })
    }

    /// The schemes of colours, by name, and whether each is the present one.
    pub fn themes(&self) -> [(&'static str, String, bool); 3] {
        [Theme::Auto, Theme::Light, Theme::Dark]
            .map(|theme| (theme.as_str(), self.w.theme_name(theme.as_str()), theme == self.theme))
    }
}

/// A page, rendered when it is answered.
pub struct Page<T>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        match self.0.render() {
            Ok(text) => ([(header::VARY, "HX-Request, HX-Target, Cookie")], Html(text)).into_response(),
            Err(error) => Problem::internal(&error).into_response(),
        }
    }
}

/// The element that the script wants; going back in the history wants the whole page.
fn wanted(headers: &HeaderMap) -> Option<String> {
    let is_restoring = headers.contains_key("hx-history-restore-request");
    let target = headers.get("hx-target").filter(|_| headers.contains_key("hx-request") && !is_restoring)?;
    target.to_str().ok().map(str::to_owned)
}

/// The page to come back to: what was asked for, if it is one; else the page that a part or a form of it came from.
pub(super) fn page_of(parts: &Parts) -> String {
    let told = |name| parts.headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let came_from = match (told("hx-current-url"), parts.method.is_safe()) {
        (Some(current), _) => Some(current),
        (None, true) => return inside(Some(&parts.uri.to_string())),
        (None, false) => told("referer"),
    };
    let uri = came_from.and_then(|address| address.parse::<Uri>().ok());
    inside(uri.as_ref().and_then(Uri::path_and_query).map(PathAndQuery::as_str))
}

/// A path of ours with one more field in its query, before the part of the page that it names.
pub(super) fn addressed(path: &str, query: Option<&str>) -> String {
    let Some(query) = query else { return path.to_owned() };
    let (path, part) = path.find('#').map_or((path, ""), |at| path.split_at(at));
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}{query}{part}")
}

fn address(uri: &Uri) -> String {
    uri.path_and_query().map_or_else(|| uri.path().to_owned(), ToString::to_string)
}
