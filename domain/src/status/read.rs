//! Reading a status and a scan by the mapping's tables. Pure and total: whatever upstream and couriers write, something
//! sensible comes of it.

use super::mapping::Mapping;
use super::text::{TextIndex, denies_delivery, squashed, words};
use super::words::{Attention, CarrierPhase, MustAct, WarehousePhase};
use crate::order::facts::TrackingEvent;
use crate::order::status::CANCELLED;

/// What a warehouse status means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WarehouseStanding {
    /// The phase.
    pub phase: WarehousePhase,
    /// Whose move it is.
    pub must_act: MustAct,
    /// Why it needs attention, if it does.
    pub attention: Option<Attention>,
}

/// What a scan means: a phase, and AfterShip's sub-status in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScanClass {
    /// The phase.
    pub phase: CarrierPhase,
    /// AfterShip's number in that phase; `InTransit` and 3 are its `InTransit_003`.
    pub sub: u8,
}

impl ScanClass {
    /// A delivery that nothing more is told of.
    pub const DELIVERED: Self = Self { phase: CarrierPhase::Delivered, sub: 1 };

    const FAILED_ATTEMPT: Self = Self { phase: CarrierPhase::AttemptFail, sub: 1 };

    /// Whether it is no more than a step of the way.
    pub const fn is_step(self) -> bool {
        matches!(self.phase, CarrierPhase::Pending | CarrierPhase::InfoReceived | CarrierPhase::InTransit)
    }

    const fn is_failure(self) -> bool {
        matches!(self.phase, CarrierPhase::AttemptFail | CarrierPhase::Exception)
    }
}

/// What was scanned, in the words in which it came.
#[derive(Clone, Copy, Debug, Default)]
pub struct ScanText<'a> {
    /// Mintsoft's name of the tracking status.
    pub name: Option<&'a str>,
    /// The courier's text.
    pub text: Option<&'a str>,
    /// The courier's code.
    pub code: Option<&'a str>,
    /// The courier's name, or that of its service.
    pub courier: Option<&'a str>,
}

impl<'a> ScanText<'a> {
    /// The words of a scan.
    pub fn of(scan: &'a TrackingEvent, courier: Option<&'a str>) -> Self {
        Self {
            name: scan.status.as_deref(),
            text: scan.description.as_deref(),
            code: scan.stage_code.as_deref(),
            courier,
        }
    }
}

impl Mapping {
    /// What a warehouse status means: by its number; by its names where the number is not known. Whatever Mintsoft
    /// shows to clients as DESPATCHED has left.
    pub fn warehouse_standing(
        &self,
        id: Option<i32>,
        name: Option<&str>,
        external: Option<&str>,
    ) -> WarehouseStanding {
        let told_dispatched = external.is_some_and(|name| squashed(name) == "despatched");
        if told_dispatched && id != Some(CANCELLED) {
            return self.dispatched();
        }
        let by_number = self.warehouse.iter().find(|rule| Some(rule.0) == id);
        if let Some(&(_, _, phase, must_act, attention)) = by_number {
            return WarehouseStanding { phase, must_act, attention };
        }
        let names = [name, external];
        let known = names.into_iter().flatten().find_map(|name| self.named(&squashed(name)));
        known.filter(|standing| standing.phase != WarehousePhase::Unknown).unwrap_or(WarehouseStanding {
            phase: WarehousePhase::Unknown,
            must_act: MustAct::Warehouse,
            attention: None,
        })
    }

    /// Goods that have left, by whatever proof.
    pub const fn dispatched(&self) -> WarehouseStanding {
        WarehouseStanding { phase: WarehousePhase::Dispatched, must_act: MustAct::Carrier, attention: None }
    }

    fn named(&self, name: &str) -> Option<WarehouseStanding> {
        let by_name = self.warehouse.iter().find(|rule| rule.1.eq_ignore_ascii_case(name));
        if let Some(&(_, _, phase, must_act, attention)) = by_name {
            return Some(WarehouseStanding { phase, must_act, attention });
        }
        let fits = |pattern: &str| match pattern.strip_suffix('*') {
            Some(beginning) => name.starts_with(beginning),
            None => name == pattern,
        };
        let rule = self.warehouse_names.iter().find(|rule| fits(rule.0));
        rule.map(|&(_, phase, must_act, attention)| WarehouseStanding { phase, must_act, attention })
    }

    /// Whose move it is with the carrier, and what needs attention.
    pub fn carrier_standing(&self, class: ScanClass) -> (MustAct, Option<Attention>) {
        let fits = |phase, sub| phase == class.phase && (sub == 0 || sub == class.sub);
        let rule = self.carrier.iter().find(|rule| fits(rule.0, rule.1));
        rule.map_or((MustAct::Carrier, None), |rule| (rule.2, rule.3))
    }

    /// What a scan means; none if nothing in it is understood. Mintsoft's name of the status counts first; the text
    /// tells of failures that a coarse name hides, and a text that denies a delivery is never one.
    pub fn scan_class(&self, scan: ScanText<'_>) -> Option<ScanClass> {
        let courier = scan.courier.map(words).unwrap_or_default();
        let text = scan.text.map(words).unwrap_or_default();
        let name = scan.name.map(words).unwrap_or_default();
        let by_name = scan.name.and_then(|name| self.tracking_name(name));
        let by_text = self.text_class(&text, &courier);
        let class = match (by_name, by_text) {
            (Some(name), Some(class)) => Some(name_and_text(name, class, &text)),
            (Some(name), None) => Some(name),
            (None, Some(text)) => Some(text),
            (None, None) => {
                self.text_class(&name, &courier).or_else(|| self.code_class(scan.code?, &courier))
            }
        };
        let denied = denies_delivery(&text) || denies_delivery(&name);
        match class {
            Some(class) if class.phase == CarrierPhase::Delivered && denied => {
                Some(by_text.filter(|text| text.is_failure()).unwrap_or(ScanClass::FAILED_ATTEMPT))
            }
            None if denied => Some(ScanClass::FAILED_ATTEMPT),
            class => class,
        }
    }

    /// What a recorded scan means. Of an order whose person `is_erased` it was recorded without the courier's text; whether it was a
    /// delivery was read before that was left out, and what was read then counts.
    pub fn recorded_class(
        &self,
        scan: &TrackingEvent,
        courier: Option<&str>,
        is_erased: bool,
    ) -> Option<ScanClass> {
        let class = self.scan_class(ScanText::of(scan, courier));
        if !is_erased || scan.description.is_some() {
            return class;
        }
        let is_delivery = class.is_some_and(|class| class.phase == CarrierPhase::Delivered);
        match (scan.delivered, is_delivery) {
            (true, false) => Some(ScanClass::DELIVERED),
            (false, true) => None,
            (true, true) | (false, false) => class,
        }
    }

    /// A name as one of the known vocabularies has it, AfterShip's sub-statuses (`InTransit_003`) among them.
    fn tracking_name(&self, name: &str) -> Option<ScanClass> {
        let squashed = squashed(name);
        let tag = squashed.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let &(_, phase, usual) = self.tracking_names.iter().find(|rule| rule.0 == tag)?;
        let sub = squashed[tag.len()..].parse().ok().filter(|sub| *sub > 0).unwrap_or(usual);
        Some(ScanClass { phase, sub })
    }

    fn text_class(&self, text: &[String], courier: &[String]) -> Option<ScanClass> {
        if text.is_empty() {
            return None;
        }
        let index = self.index.get_or_init(|| TextIndex::of(self.texts));
        let is_of = |word: &str| courier.iter().any(|part| part == word);
        let place = index.first(text, |place| self.texts[place].courier.is_none_or(is_of))?;
        let rule = &self.texts[place];
        Some(ScanClass { phase: rule.phase, sub: rule.sub })
    }

    fn code_class(&self, code: &str, courier: &[String]) -> Option<ScanClass> {
        let code = code.trim();
        let fits = |word: &str, held: &str| {
            held.eq_ignore_ascii_case(code) && courier.iter().any(|part| part == word)
        };
        let rule = self.codes.iter().find(|rule| fits(rule.0, rule.1));
        rule.map(|&(_, _, phase, sub)| ScanClass { phase, sub }).or_else(|| self.tracking_name(code))
    }
}

/// What comes of a name and a text that were both understood.
fn name_and_text(name: ScanClass, text: ScanClass, words: &[String]) -> ScanClass {
    let finer = name.phase == text.phase;
    // Some name a problem coarsely, or call a failed attempt part of the way.
    let coarse = name.phase == CarrierPhase::InTransit || name.is_failure();
    let mistaken = name.phase == CarrierPhase::Delivered && refutes_delivery(text, words);
    if finer || mistaken || (coarse && text.is_failure()) { text } else { name }
}

/// Whether the text shows that what is named a delivery was none to the recipient: it went back, it went wrong, or it
/// was delivered into the hands of another carrier. A text that tells of the delivery beside what went wrong before it
/// ("delivered with delay") stays one.
fn refutes_delivery(text: ScanClass, words: &[String]) -> bool {
    let is_told = words.iter().any(|word| matches!(word.as_str(), "delivered" | "entregado" | "entregada"));
    match text.phase {
        CarrierPhase::Exception => matches!(text.sub, 10 | 11) || !is_told,
        CarrierPhase::InTransit => is_told,
        _ => false,
    }
}
