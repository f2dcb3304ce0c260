//! The history of one order as a timeline: what happened, in the reader's words, who told of it, when it happened upstream
//! and when it was written down here.

use chrono::{DateTime, Utc};
use logistics_domain::OrderEvent;
use logistics_domain::order::facts::{DeliveryBasis, LinkBasis, Sealed, Status};
use logistics_domain::status::{CURRENT, CarrierPhase, WarehouseClock, WarehousePhase};
use logistics_projections::event_log::LoggedEvent;

use super::cancelling::is_own_word;
use super::past::Past;
use super::people::People;
use super::prior_state::{Held, courier_assigned, part_changed};
use crate::dashboard::{Moment, Visit};
use crate::ledger::sealing::{open_comment, open_reason};
use crate::secrets::OrderKey;
use crate::words::{Said, Words, said};

/// One thing that happened.
pub(super) struct Entry {
    pub(super) sequence: i64,
    pub(super) position: i64,
    /// The icon: who it concerns.
    pub(super) icon: &'static str,
    pub(super) tone: &'static str,
    pub(super) text: String,
    /// What a person wrote, or what was told word for word.
    pub(super) said: Option<String>,
    /// Whether that is in the warehouse's language, and not in the reader's.
    pub(super) is_foreign: bool,
    /// The courier's or the warehouse's own word for what is told, where it is another.
    pub(super) raw: Option<String>,
    /// When it happened: by the courier's or the warehouse's clock where they tell, else when it was seen.
    pub(super) happened: Moment,
    pub(super) upstream: Option<Moment>,
    pub(super) recorded: Moment,
    pub(super) source: String,
    pub(super) actor: Option<String>,
    pub(super) cause: Option<String>,
    pub(super) name: String,
    /// SHA-256 of the raw answer that it was read from.
    pub(super) evidence: Option<String>,
    /// Whether it is newer than what the reader saw before.
    pub(super) is_news: bool,
    /// The day, where it differs from that of the entry before.
    pub(super) day: Option<String>,
}

/// What it takes to tell a history.
pub(super) struct Telling<'a> {
    pub(super) visit: &'a Visit,
    pub(super) key: Option<&'a OrderKey>,
    pub(super) people: &'a People,
    /// The warehouse's.
    pub(super) clock: WarehouseClock,
    /// The number of the last event that the reader saw.
    pub(super) seen: Option<i64>,
}

/// What an event tells of its entry.
struct EntryContent {
    icon: &'static str,
    tone: &'static str,
    text: String,
    said: Option<String>,
    is_foreign: bool,
    raw: Option<String>,
    happened: Option<DateTime<Utc>>,
}

impl EntryContent {
    fn of(icon: &'static str, tone: &'static str, text: String) -> Self {
        Self { icon, tone, text, said: None, is_foreign: false, raw: None, happened: None }
    }

    /// With the warehouse's own words, where they are told in the reader's.
    fn in_words_of(self, statuses: &[&Named]) -> Self {
        let own: Vec<_> = statuses.iter().filter_map(|status| status.raw.as_deref()).collect();
        Self { raw: (!own.is_empty()).then(|| own.join(" → ")), ..self }
    }

    /// With what a person wrote.
    fn saying(self, said: String) -> Self {
        Self { said: Some(said), ..self }
    }

    /// With a reason, in the reader's words if it is one of the ledger's own.
    fn because(self, reason: Said) -> Self {
        Self { said: Some(reason.text), is_foreign: reason.is_foreign, ..self }
    }

    fn at(self, happened: Option<DateTime<Utc>>) -> Self {
        Self { happened, ..self }
    }
}

impl Telling<'_> {
    /// The entries, newest first.
    pub(super) fn entries(&self, past: &Past) -> Vec<Entry> {
        // A scan is read by the courier that was known when it came, as the fold of the order reads it.
        let mut held = past.held_before.clone();
        let mut entries = Vec::with_capacity(past.told.len());
        for (logged, event) in &past.told {
            let content = self.content(event, &held);
            held.take(event);
            let instant = content.happened.unwrap_or_else(|| observed_at(logged));
            entries.push((instant, self.entry(logged, event, content)));
        }
        entries
            .sort_by_key(|(instant, entry)| (std::cmp::Reverse(*instant), std::cmp::Reverse(entry.sequence)));
        let mut day = String::new();
        for (_, entry) in &mut entries {
            if entry.happened.day != day {
                day.clone_from(&entry.happened.day);
                entry.day = Some(day.clone());
            }
        }
        entries.into_iter().map(|(_, entry)| entry).collect()
    }

    fn entry(&self, logged: &LoggedEvent, event: &OrderEvent, content: EntryContent) -> Entry {
        let visit = self.visit;
        let observed = event.observed();
        let upstream = observed.and_then(|observed| observed.upstream_updated_at);
        Entry {
            sequence: logged.sequence,
            position: logged.position,
            icon: content.icon,
            tone: content.tone,
            text: content.text,
            said: content.said,
            is_foreign: content.is_foreign,
            raw: content.raw,
            happened: visit.moment_by(self.clock, content.happened.unwrap_or_else(|| observed_at(logged))),
            upstream: upstream.map(|at| visit.moment_by(self.clock, at)),
            recorded: visit.moment_by(self.clock, logged.recorded_at),
            source: visit.words().source_name(logged.source.as_deref().unwrap_or_default()),
            actor: logged
                .actor
                .as_deref()
                .filter(|actor| actor.contains(':'))
                .map(|actor| self.people.name(actor)),
            cause: logged.cause.clone(),
            name: logged.name.clone(),
            evidence: observed.and_then(|observed| observed.raw_sha256.clone()),
            is_news: self.seen.is_some_and(|seen| logged.sequence > seen),
            day: None,
        }
    }

    /// `held` is what was known before.
    fn content(&self, event: &OrderEvent, held: &Held) -> EntryContent {
        let content = self.by_warehouse(event, held).or_else(|| self.by_courier(event, held));
        content.unwrap_or_else(|| self.by_people(event))
    }

    /// What the warehouse does.
    fn by_warehouse(&self, event: &OrderEvent, held: &Held) -> Option<EntryContent> {
        let w = self.visit.words();
        let day = |at: &DateTime<Utc>| self.visit.promised(self.clock, *at).day;
        let told = |tone, text| Some(EntryContent::of("warehouse", tone, text));
        match event {
            OrderEvent::OrderDiscovered { facts, .. } => {
                let status = named(w, facts.status.as_ref());
                let text = w.event_discovered(&facts.number, &status.told);
                Some(EntryContent::of("box", "info", text).in_words_of(&[&status]))
            }
            OrderEvent::OrderRenumbered { number, .. } => told("", held.renumbered(w, number)),
            OrderEvent::StatusChanged { from, to, backward, .. } => {
                let (from, to) = (named(w, from.as_ref()), named(w, Some(to)));
                let (tone, text) = if *backward {
                    ("warning", w.event_status_back(&from.told, &to.told))
                } else {
                    ("progress", w.event_status(&from.told, &to.told))
                };
                told(tone, text).map(|told| told.in_words_of(&[&from, &to]))
            }
            OrderEvent::OrderDispatched { dispatched_at, .. } => {
                Some(EntryContent::of("truck", "progress", w.event_dispatched()).at(Some(*dispatched_at)))
            }
            OrderEvent::DispatchWithdrawn { .. } => told("warning", w.event_dispatch_withdrawn()),
            OrderEvent::ParcelsChanged { parcels, .. } => told("", held.parcels_changed(w, *parcels)),
            OrderEvent::ItemsChanged { items, .. } => told("", held.items_changed(w, items)),
            OrderEvent::RecipientChanged { .. } => told("", w.event_recipient()),
            OrderEvent::EstimatedDeliveryChanged { estimated_delivery, .. } => match estimated_delivery {
                Some(at) => told("info", w.event_estimated(day(at))),
                None => told("", w.event_estimated_gone()),
            },
            OrderEvent::PartChanged { part, .. } => {
                Some(EntryContent::of("split", "info", part_changed(w, *part)))
            }
            OrderEvent::DetailsChanged { .. } => told("", w.event_details()),
            OrderEvent::OrderVanished { .. } => told("danger", w.event_vanished()),
            OrderEvent::OrderReappeared { .. } => told("info", w.event_reappeared()),
            OrderEvent::PersonalDataErased { reason: None, .. } => told("", w.event_erased()),
            _ => None,
        }
    }

    /// What the courier does.
    fn by_courier(&self, event: &OrderEvent, held: &Held) -> Option<EntryContent> {
        let w = self.visit.words();
        let told = |tone, text| Some(EntryContent::of("truck", tone, text));
        match event {
            OrderEvent::CourierAssigned { courier, .. } => told("", courier_assigned(w, courier.as_ref())),
            OrderEvent::TrackingNumberChanged { tracking, .. } => match tracking {
                Some(tracking) => told("info", w.event_tracking(&tracking.number)),
                None => told("warning", w.event_tracking_gone()),
            },
            OrderEvent::ShipmentsChanged { shipments, .. } => told("", w.event_shipments(shipments.len())),
            OrderEvent::TrackingEventRecorded { scan, .. } => {
                let class = CURRENT.recorded_class(scan, held.courier(), held.is_erased());
                let phase = class.map(|class| w.carrier_phase(class.phase.as_str()));
                let text = phase.or_else(|| scan.status.clone()).unwrap_or_else(|| w.none_told());
                let tone = match class.map(|class| class.phase) {
                    _ if scan.delivered => "success",
                    Some(CarrierPhase::AttemptFail | CarrierPhase::Exception) => "danger",
                    _ => "progress",
                };
                Some(EntryContent {
                    icon: "truck",
                    tone,
                    raw: scan
                        .description
                        .clone()
                        // Couriers write who signed.
                        .filter(|_| self.key.is_some())
                        .or_else(|| scan.status.clone())
                        .filter(|raw| !raw.eq_ignore_ascii_case(&text)),
                    text: w.event_scan(text),
                    said: None,
                    is_foreign: false,
                    happened: scan.happened_at,
                })
            }
            OrderEvent::OrderDelivered { delivered_at, basis, .. } => Some(EntryContent {
                icon: "done",
                tone: "success",
                text: match basis {
                    DeliveryBasis::TrackingEvent => w.event_delivered_scan(),
                    DeliveryBasis::Callback => w.event_delivered_callback(),
                },
                said: None,
                is_foreign: false,
                raw: None,
                happened: Some(*delivered_at),
            }),
            _ => None,
        }
    }

    /// What people, the shop and the ledger itself do.
    fn by_people(&self, event: &OrderEvent) -> EntryContent {
        let w = self.visit.words();
        let told = EntryContent::of;
        match event {
            OrderEvent::OrderLinked { shop_order, basis } => {
                let basis = match basis {
                    LinkBasis::Name => "name",
                    LinkBasis::OrderNumber => "order_number",
                    LinkBasis::Host => "host",
                    LinkBasis::Manual => "manual",
                };
                told("shop", "info", w.event_linked(w.link_basis(basis), &shop_order.name))
            }
            OrderEvent::OrderUnlinked { shop_order, reason } => {
                told("shop", "warning", w.event_unlinked(&shop_order.name)).because(said(w, reason))
            }
            OrderEvent::PromiseMissed { promise, due_at } => {
                told("clock", "warning", w.event_promise_missed(promise.as_str())).at(Some(*due_at))
            }
            OrderEvent::OrderWithheld { reason } => {
                told("ledger", "warning", w.event_withheld()).because(said(w, reason))
            }
            OrderEvent::OrderReleased {} => told("ledger", "", w.event_released()),
            OrderEvent::PersonalDataErased { reason: Some(reason), .. } => {
                told("ledger", "", w.event_erased()).because(said(w, reason))
            }
            OrderEvent::CancellationRequested { reason, requested_by, .. } => {
                let text = w.event_cancel_requested(self.people.name(requested_by));
                told("person", "warning", text).saying(self.opened(reason, open_reason))
            }
            OrderEvent::CancellationConfirmed { .. } => told("cancel", "danger", w.event_cancel_confirmed()),
            OrderEvent::CancellationRefused { message, .. } => {
                told("cancel", "warning", w.event_cancel_refused()).because(said(w, message))
            }
            OrderEvent::CommentRequested { comment, requested_by, .. } => {
                let text = w.event_comment_requested(self.people.name(requested_by));
                told("comment", "info", text).saying(self.opened(comment, open_comment))
            }
            OrderEvent::CommentPosted { .. } => told("comment", "", w.event_comment_posted()),
            OrderEvent::CommentRefused { message, .. } => {
                let what = if is_own_word(w, message) {
                    w.event_comment_not_done()
                } else {
                    w.event_comment_refused()
                };
                told("comment", "warning", what).because(said(w, message))
            }
            _ => told("ledger", "", w.event_details()),
        }
    }

    /// A person's words; where the personal data was erased, that they were.
    fn opened(
        &self,
        sealed: &Sealed,
        open: fn(&OrderKey, &Sealed) -> Result<String, crate::secrets::SecretError>,
    ) -> String {
        let opened = self.key.and_then(|key| open(key, sealed).ok());
        opened.unwrap_or_else(|| self.visit.words().words_erased())
    }
}

/// A status of the warehouse, as it is told.
struct Named {
    told: String,
    /// The warehouse's own word, where that is another.
    raw: Option<String>,
}

/// A status of the warehouse in the reader's words, if it is known what it means.
fn named(w: Words, status: Option<&Status>) -> Named {
    let Some(status) = status else { return Named { told: w.none_told(), raw: None } };
    let told =
        CURRENT.warehouse_standing(Some(status.id), Some(&status.name), status.external_name.as_deref());
    match told.phase {
        WarehousePhase::Unknown => Named { told: status.name.clone(), raw: None },
        phase => Named { told: w.warehouse_phase(phase.as_str()), raw: Some(status.name.clone()) },
    }
}

/// When it was observed; for events of which that cannot be read, when they were recorded.
fn observed_at(logged: &LoggedEvent) -> DateTime<Utc> {
    let told = logged.observed_at.as_deref().and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    told.map_or(logged.recorded_at, |at| at.to_utc())
}
