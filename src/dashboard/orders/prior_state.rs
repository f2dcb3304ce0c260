//! What was known of an order before an event, as far as it takes to tell what the event changed.

use logistics_domain::OrderEvent;
use logistics_domain::order::facts::{Courier, Item, Parcels, Part};

use super::shown::kilograms;
use crate::words::Words;

/// What was known. By default it is what is known of an order that nobody saw yet.
#[derive(Clone, Debug, Default)]
pub(super) struct Held {
    number: String,
    courier: Option<Courier>,
    parcels: Parcels,
    items: Vec<Item>,
    is_erased: bool,
}

impl Held {
    /// Goes on to what is known after an event.
    pub(super) fn take(&mut self, event: &OrderEvent) {
        match event {
            OrderEvent::OrderDiscovered { facts, .. } => {
                *self = Self {
                    number: facts.number.clone(),
                    courier: facts.courier.clone(),
                    parcels: facts.parcels,
                    items: facts.items.clone(),
                    is_erased: self.is_erased,
                };
            }
            OrderEvent::OrderRenumbered { number, .. } => self.number.clone_from(number),
            OrderEvent::CourierAssigned { courier, .. } => self.courier.clone_from(courier),
            OrderEvent::ParcelsChanged { parcels, .. } => self.parcels = *parcels,
            OrderEvent::ItemsChanged { items, .. } => self.items.clone_from(items),
            OrderEvent::PersonalDataErased { .. } => self.is_erased = true,
            _ => {}
        }
    }

    /// The name of the courier's service.
    pub(super) fn courier(&self) -> Option<&str> {
        self.courier.as_ref()?.name.as_deref()
    }

    /// Whether the personal data was erased.
    pub(super) const fn is_erased(&self) -> bool {
        self.is_erased
    }

    /// What became of the number and the reference.
    pub(super) fn renumbered(&self, w: Words, number: &str) -> String {
        if self.number == number { w.event_reference() } else { w.event_renumbered(number) }
    }

    /// What became of the count and the weight of the parcels. Nought is what upstream tells where it knows neither.
    pub(super) fn parcels_changed(&self, w: Words, parcels: Parcels) -> String {
        let count = |parcels: Parcels| parcels.count.filter(|count| *count > 0);
        let weight = |parcels: Parcels| parcels.weight_grams.filter(|grams| *grams > 0);
        let mut told = Vec::new();
        if count(self.parcels) != count(parcels) {
            told.push(count(parcels).map_or_else(|| w.event_parcels_gone(), |count| w.event_parcels(count)));
        }
        if weight(self.parcels) != weight(parcels) {
            let now = weight(parcels).map(|grams| w.event_weight(kilograms(w, grams)));
            told.push(now.unwrap_or_else(|| w.event_weight_gone()));
        }
        if told.is_empty() { w.event_details() } else { told.join(" · ") }
    }

    /// What became of the lines: of what was ordered, or else of the stock that is reserved for it.
    pub(super) fn items_changed(&self, w: Words, items: &[Item]) -> String {
        if ordered(&self.items) != ordered(items) {
            w.event_items(items.len())
        } else if stocked(&self.items) != stocked(items) {
            w.event_stock()
        } else {
            w.event_details()
        }
    }
}

/// What became of the courier's service.
pub(super) fn courier_assigned(w: Words, courier: Option<&Courier>) -> String {
    let known = courier.map(|courier| (courier.name.as_ref(), courier.service_id));
    match known {
        Some((Some(name), _)) => w.event_courier(name),
        Some((None, Some(id))) => w.event_courier_service(id),
        Some((None, None)) | None => w.event_courier_gone(),
    }
}

/// Whether the order was split further, or is whole again.
pub(super) fn part_changed(w: Words, part: Part) -> String {
    if part.of > 1 { w.event_part(part.number, part.of) } else { w.event_part_whole() }
}

fn ordered(items: &[Item]) -> Vec<(Option<&str>, i64)> {
    let mut lines: Vec<_> = items.iter().map(|item| (item.sku.as_deref(), item.quantity)).collect();
    lines.sort_unstable();
    lines
}

fn stocked(items: &[Item]) -> Vec<(Option<&str>, i64, i64)> {
    let lines = items.iter().map(|item| (item.sku.as_deref(), item.allocated, item.on_back_order));
    let mut lines: Vec<_> = lines.collect();
    lines.sort_unstable();
    lines
}
