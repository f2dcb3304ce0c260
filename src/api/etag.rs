//! `ETag` and 304: who asks again for what it holds is told so before the answer is made.
//!
//! A tag names the caller's view, the address, and how far the history reached *before* the answer was read: the tenant's
//! ledger position for what concerns many orders, the order's version for one. Both are one row of a primary key, so asking
//! again costs a look and not an answer; the position of a key's own tenant is told when the key is proved. As it is read first,
//! an answer may be newer than its tag, never older. A tag names the code of this program too, since another build may
//! answer the same otherwise; instances of one build give the same tags, whenever they were started.
//!
//! What an order was last asked about is no history: `freshness` grows older by the second and moves with every check, and
//! no event says so. The tag of an answer that shows it therefore holds for the minute in which it was given: within it a
//! caller that repeats itself gets 304, and its ages are off by less than a minute; after it the answer is made anew, which
//! is also when a stale order is asked about again. Scans and histories show no age, and keep their tags as long as the
//! order keeps its last event. For ever is long: where a standby took over without the last commits, or a backup was restored, another
//! event may get the number that a tag names. These tags therefore name the event by its hash, and the row that was made of it
//! by its transaction.
//!
//! Who holds no answer yet gets the one that was [given in this second](super::response_cache), or one made, so that one order is looked up
//! whole at once, and its handler finds it in the request.
//!
//! Absent: `If-Match`. Changes go through commands that decide on the order as it stands, so there is nothing to guard.

use std::sync::Arc;

use axum::extract::{RawPathParams, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono_tz::Tz;
use logistics_domain::{OrderStreamId, TenantId};
use logistics_projections::TenantScope;
use logistics_projections::event_log::RecordStamp;
use logistics_projections::orders::WholeOrder;
use logistics_projections::{event_log, orders};
use sha2::{Digest as _, Sha256};

use super::gate::{Gate, Scope};
use super::problem::Problem;
use super::response_cache::{CachedResponse, Entry};
use crate::access::{Caller, Principal};

/// How long the tag of an answer with ages holds, in seconds.
const AGES_HOLD_SECONDS: i64 = 60;

/// The code of this program, as a number that the build made of it.
const CODE: &str = env!("LEDGER_CODE");

/// How much of the hash is shown, in bytes.
const SHOWN_BYTES: usize = 16;

/// What an answer hangs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Many orders of the tenant, with their ages, or how many there are.
    Page,
    /// One order, with its age and its other parts.
    Order,
    /// What is recorded of one order.
    Record,
}

/// How the answers of a path are tagged, if they are.
pub(super) fn kind_of(path: &str) -> Option<Kind> {
    match path {
        "/logistics/orders" | "/logistics/orders/counts" => Some(Kind::Page),
        "/logistics/orders/{id}" => Some(Kind::Order),
        "/logistics/orders/{id}/tracking" | "/logistics/orders/{id}/history" => Some(Kind::Record),
        _ => None,
    }
}

/// The layer of one path.
#[derive(Clone)]
pub(super) struct Tagging {
    pub gate: Arc<Gate>,
    pub kind: Kind,
}

/// The order that a request asks for, where it was looked up to tag the answer.
#[derive(Clone)]
pub(super) struct LookedUp(pub Arc<WholeOrder>);

/// That the order of a request is there and shown, as was found when what is recorded of it was tagged.
#[derive(Clone, Copy)]
pub(super) struct Stamped;

/// What is known of the tenant before a page is made.
#[derive(Clone, Copy)]
pub(super) struct Known {
    /// How far the ledger reached.
    pub position: i64,
    /// The zone, where it was told with the credential.
    pub zone: Option<Tz>,
}

/// Answers 304, or what was answered in this second, or lets the answer be made and tags it.
pub(super) async fn tagged(
    State(tagging): State<Tagging>,
    path: RawPathParams,
    scope: Scope,
    caller: Caller,
    mut request: Request,
    next: Next,
) -> Result<Response, Problem> {
    let id = path.iter().find(|(name, _)| *name == "id").and_then(|(_, value)| value.parse().ok());
    let id = id.map(OrderStreamId);
    let principal = request.extensions().get::<Principal>();
    let mut position = principal.and_then(|principal| principal.reached(scope.tenant()));
    let zone = principal.and_then(|principal| principal.zone(scope.tenant()));
    if position.is_none() && tagging.kind == Kind::Page {
        position = Some(tagging.position(&scope.0, None).await?);
    }
    if let Some(position) = position {
        request.extensions_mut().insert(Known { position, zone });
    }
    let now = tagging.gate.clock.now().timestamp();
    let view = View { role: caller.role().as_str(), address: request.uri().to_string() };
    let entry = position.filter(|_| request.method() == Method::GET).and_then(|position| {
        let key = view.hash_with(scope.tenant(), now, &Reached::Number(position));
        tagging.gate.response_cache.entry(now, key)
    });
    let held = held_by(request.headers());
    let asked = Asked { scope, id, position, now, view };
    if let Some(answer) = entry.as_deref().and_then(Entry::get) {
        return Ok(given(answer, &held));
    }
    // Whoever holds an answer is mostly told so at once, and would wait here for one to be made.
    let Some(entry) = entry.filter(|_| held.is_empty()) else {
        return tagging.answered(asked, &held, request, next).await;
    };
    let making = async {
        match tagging.answered(asked, &held, request, next).await {
            Ok(response) => CachedResponse::of(response).await.map_err(Ok),
            Err(problem) => Err(Err(problem)),
        }
    };
    entry.get_or_make(making).await.map_or_else(|not_cached| not_cached, |answer| Ok(answer.to_response()))
}

/// An answer of the cache: 304 to whoever holds it.
fn given(answer: &CachedResponse, held: &[HeaderValue]) -> Response {
    if answer.tag().is_some_and(|tag| holds(held, tag)) {
        answer.not_modified()
    } else {
        answer.to_response()
    }
}

/// What a request asks for.
struct Asked {
    scope: Scope,
    /// The order, where it is one that is asked for.
    id: Option<OrderStreamId>,
    /// How far the tenant's ledger reached, where it is known.
    position: Option<i64>,
    /// When, in seconds.
    now: i64,
    view: View,
}

/// How far a history reached.
enum Reached {
    /// To this position of the ledger, or this version of the order.
    Number(i64),
    /// To this event of the order.
    Record(RecordStamp),
}

/// Who sees what.
struct View {
    role: &'static str,
    address: String,
}

impl View {
    /// What an answer hangs on, as a hash: the tenant, the moment, how far the history reached, the code and the view.
    fn hash_with(&self, tenant: TenantId, moment: i64, reached: &Reached) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(tenant.0.to_be_bytes());
        hash.update(moment.to_be_bytes());
        match reached {
            Reached::Number(number) => hash.update(number.to_be_bytes()),
            Reached::Record(RecordStamp { version, written_by, leaf_hash }) => {
                hash.update(version.to_be_bytes());
                hash.update(written_by.to_be_bytes());
                hash.update(leaf_hash.unwrap_or_default());
            }
        }
        for part in [CODE, self.role, &self.address] {
            hash.update(part);
            hash.update([0]);
        }
        hash.finalize().into()
    }
}

impl Tagging {
    /// Answers 304, or lets the answer be made and tags it.
    async fn answered(
        &self,
        Asked { scope, id, position, now, view }: Asked,
        held: &[HeaderValue],
        mut request: Request,
        next: Next,
    ) -> Result<Response, Problem> {
        let reached = match (self.kind, id) {
            (Kind::Order, Some(id)) if held.is_empty() => {
                self.looked_up(&scope.0, id, position, &mut request).await?.map(Reached::Number)
            }
            (_, id) => self.reached(&scope.0, id, position).await?,
        };
        let Some(reached) = reached else {
            return Ok(next.run(request).await);
        };
        if matches!(reached, Reached::Record(_)) {
            request.extensions_mut().insert(Stamped);
        }
        let minute = match self.kind {
            Kind::Page | Kind::Order => now.div_euclid(AGES_HOLD_SECONDS),
            Kind::Record => 0,
        };
        let hash = view.hash_with(scope.tenant(), minute, &reached);
        let tag = format!("W/\"{}\"", hex::encode(&hash[..SHOWN_BYTES]));
        let mut response = if holds(held, &tag) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            next.run(request).await
        };
        if matches!(response.status(), StatusCode::OK | StatusCode::NOT_MODIFIED) {
            let headers = response.headers_mut();
            if let Ok(tag) = HeaderValue::from_str(&tag) {
                headers.insert(header::ETAG, tag);
            }
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
        }
        Ok(response)
    }

    /// How far the history of an order reached, which is looked up whole and left in the request as a [`LookedUp`].
    async fn looked_up(
        &self,
        scope: &TenantScope,
        id: OrderStreamId,
        position: Option<i64>,
        request: &mut Request,
    ) -> sqlx::Result<Option<i64>> {
        let Gate { reader, batched_reads, .. } = &*self.gate;
        let Some(found) = batched_reads.order(reader, scope, id).await? else { return Ok(None) };
        // The other parts stand in the answer too, and have histories of their own.
        let reached = match (found.number_of_parts > 1, position) {
            (false, _) => found.version,
            (true, Some(position)) => position,
            // What is told now is newer than what was looked up, so the handler looks again.
            (true, None) => return self.position(scope, None).await.map(Some),
        };
        request.extensions_mut().insert(LookedUp(found));
        Ok(Some(reached))
    }

    /// How far the history reached; none for an order that is not there. `position` is the ledger's, where it is known.
    async fn reached(
        &self,
        scope: &TenantScope,
        id: Option<OrderStreamId>,
        position: Option<i64>,
    ) -> sqlx::Result<Option<Reached>> {
        let number = match (self.kind, id) {
            (Kind::Page, _) => Some(self.position(scope, position).await?),
            (Kind::Order, Some(id)) => {
                let mut reading = self.gate.reader.of(scope.tenant()).await?;
                let found = orders::version_and_parts_of(&mut *reading, scope, id).await?;
                reading.release();
                match found {
                    // The other parts stand in the answer too, and have histories of their own.
                    Some((_, parts)) if parts > 1 => Some(self.position(scope, position).await?),
                    found => found.map(|(version, _)| version),
                }
            }
            (Kind::Record, Some(id)) => {
                let mut reading = self.gate.reader.of(scope.tenant()).await?;
                let stamp = event_log::record_stamp(&mut *reading, scope, id).await?;
                reading.release();
                return Ok(stamp.map(Reached::Record));
            }
            (Kind::Order | Kind::Record, None) => None,
        };
        Ok(number.map(Reached::Number))
    }

    async fn position(&self, scope: &TenantScope, known: Option<i64>) -> sqlx::Result<i64> {
        match known {
            Some(position) => Ok(position),
            None => event_log::next_position(&self.gate.pool, scope).await,
        }
    }
}

/// The answers that the caller says it holds.
pub(super) fn held_by(headers: &HeaderMap) -> Vec<HeaderValue> {
    headers.get_all(header::IF_NONE_MATCH).iter().cloned().collect()
}

/// Whether the caller holds the answer already.
pub(super) fn holds(held: &[HeaderValue], tag: &str) -> bool {
    let named = held.iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).map(str::trim).any(|one| one == "*" || plain(one) == plain(tag))
}

/// A tag without the mark of weakness: two that differ in it alone name the same answer to a reader.
fn plain(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_known_among_others_and_with_or_without_its_weakness() {
        let held = |value: &'static str| holds(&[HeaderValue::from_static(value)], "W/\"a\"");
        assert!(held("W/\"a\"") && held("\"a\"") && held("\"b\", W/\"a\"") && held("*"));
        assert!(!held("\"b\"") && !held("") && !held("a"));
        assert!(!holds(&[], "W/\"a\""));
    }
}
