//! What may happen to an order, at random: everything that a command can ask for.

use chrono::TimeDelta;
use logistics_domain::Command;
use logistics_domain::order::facts::{
    Courier, Details, Item, LinkBasis, Parcels, Part, Shipment, ShopOrder, Status, Tracking, TrackingEvent,
};
use logistics_domain::order::{Observation, Observed, Replaces, Snapshot, Told};
use logistics_ledger::ledger::sealing::{seal_comment, seal_reason, seal_recipient};
use logistics_ledger::ledger::{Intended, Intent, OpenOrder};
use logistics_projections::recipients::Recipient;
use uuid::Uuid;

use super::world::{Chance, start};

/// One thing that happens to an order, whatever its state.
pub struct Deed {
    minute: i64,
    kind: Kind,
    /// What the details are drawn from, the same ones each time the command is asked for.
    chance: Chance,
}

#[derive(Clone, Copy)]
enum Kind {
    See,
    Erase,
    Scan,
    Deliver,
    Vanish,
    Link,
    Unlink,
    Withhold,
    Release,
    Late,
    Cancel,
    Cancelled,
    NotCancelled,
    Comment,
    Commented,
    NotCommented,
}

const RARE: [Kind; 12] = [
    Kind::Deliver,
    Kind::Vanish,
    Kind::Link,
    Kind::Unlink,
    Kind::Withhold,
    Kind::Release,
    Kind::Cancel,
    Kind::Cancelled,
    Kind::NotCancelled,
    Kind::Comment,
    Kind::Commented,
    Kind::NotCommented,
];

impl Deed {
    pub fn at_random(chance: &mut Chance, minute: i64) -> Self {
        let kind = match chance.below(20) {
            0..8 => Kind::See,
            8..12 => Kind::Scan,
            12 if chance.one_in(4) => Kind::Erase,
            _ => chance.of(&RARE),
        };
        // The first thing that happens to an order is that it is seen.
        let kind = if minute == 0 { Kind::See } else { kind };
        Self { minute, kind, chance: Chance(chance.below(u64::MAX)) }
    }

    /// A look at the clock, some hours or weeks later.
    pub fn look(order: i64, minute: i64) -> Self {
        Self { minute, kind: Kind::Late, chance: Chance(order.unsigned_abs()) }
    }

    fn observed(&self) -> Observed {
        let at = start() + TimeDelta::minutes(self.minute) + TimeDelta::microseconds(1);
        Observed {
            asked_at: at,
            answered_at: at + TimeDelta::milliseconds(1234),
            upstream_updated_at: Some(at - TimeDelta::seconds(30)),
            raw_sha256: None,
        }
    }

    fn snapshot(&self, order: &OpenOrder, recipient: Option<&Recipient>) -> Snapshot {
        let mut chance = self.chance.clone();
        let at = start() + TimeDelta::minutes(self.minute);
        let sealed = order.key.as_ref().zip(recipient).map(|(key, recipient)| seal_recipient(key, recipient));
        let day = |chance: &mut Chance| at + TimeDelta::hours(chance.below(90).cast_signed());
        Snapshot {
            number: chance.of(&["ladore-", "LADORE-Ñ"]).to_owned()
                + &order.address.mintsoft_order_id.to_string(),
            external_reference: chance.of(&[None, Some("gid-1".to_owned())]),
            client_id: chance.of(&[None, Some(3)]),
            ordered_at: chance.of(&[None, Some(start())]),
            part: Told::Is(Part { number: 1, of: chance.of(&[1, 2]) }),
            status: Told::Is(status(chance.of(&[1, 2, 3, 4, 16]))),
            courier: Told::always(
                chance.of(&[None, Some(Courier { service_id: Some(5), name: Some("DPD \"Next\"".into()) })]),
            ),
            tracking: Told::always(chance.of(&[
                None,
                Some(Tracking { number: "DX1\t2".into(), url: Some("https://x.test/DX1".into()) }),
            ])),
            dispatched_at: if chance.one_in(3) { Told::Is(day(&mut chance)) } else { Told::Nothing },
            estimated_delivery: if chance.one_in(3) { Told::Is(day(&mut chance)) } else { Told::Silent },
            parcels: Told::Is(Parcels {
                count: chance.of(&[None, Some(1), Some(2)]),
                weight_grams: chance.of(&[None, Some(0), Some(1), Some(1_250), Some(123_456_789)]),
            }),
            shipments: chance.of(&[Told::Silent, Told::Is(vec![shipment()])]),
            items: Told::Is(vec![item(chance.of(&[1, 2]))]),
            recipient: Told::always(sealed),
            details: Details {
                tags: chance.of(&[vec![], vec!["gift".to_owned(), "\u{1f}'\\".to_owned()]]),
                total_hundredths: chance.of(&[None, Some(1999)]),
                ..Details::default()
            },
            personal_data_removed: matches!(self.kind, Kind::Erase),
        }
    }

    fn recipient(&self) -> Option<Recipient> {
        let mut chance = self.chance.clone();
        let rosa = Recipient {
            name: Some("Rosa \"Ñ\" O'Hara".into()),
            address_lines: vec!["Av. Larco 1,\n2".into(), "{piso}".into()],
            email: chance.of(&[None, Some("Rosa@Example.test".into())]),
            ..Recipient::default()
        };
        let luz =
            Recipient { name: Some("Luz".into()), comments: Some("\\N".into()), ..Recipient::default() };
        chance.of(&[Some(rosa.clone()), Some(rosa), Some(luz), Some(Recipient::default()), None])
    }
}

impl Intent for Deed {
    fn command(&self, order: &OpenOrder) -> Intended {
        let mut chance = self.chance.clone();
        let request_id = Uuid::from_u128(u128::from(chance.below(3)));
        let shop_order = ShopOrder { order_id: 10, name: chance.of(&["#1001", "#PE-7"]).to_owned() };
        let by = || "user:1".to_owned();
        let words = order.key.as_ref();
        match self.kind {
            Kind::See | Kind::Erase => {
                let recipient = self.recipient().filter(|_| matches!(self.kind, Kind::See));
                let snapshot = self.snapshot(order, recipient.as_ref());
                let observation = Observation {
                    snapshot,
                    observed: self.observed(),
                    last_checked: order.last_checked.clone(),
                };
                let address = order.address;
                let command = Command::Observe {
                    account_id: address.account,
                    mintsoft_order_id: address.mintsoft_order_id,
                    observation: Box::new(observation),
                };
                return Intended { recipient, ..command.into() };
            }
            Kind::Scan => {
                let first = chance.below(30).cast_signed();
                let scans = (first..first + 3).map(|id| scan(id, &mut chance)).collect();
                Command::RecordTracking { scans, observed: self.observed() }
            }
            Kind::Deliver => Command::ReportDelivery { delivered_at: start(), observed: self.observed() },
            Kind::Vanish => Command::ReportVanished {
                observed: self.observed(),
                last_checked: order.last_checked.clone(),
            },
            Kind::Link => {
                let basis =
                    chance.of(&[LinkBasis::Name, LinkBasis::OrderNumber, LinkBasis::Host, LinkBasis::Manual]);
                Command::LinkShopOrder { shop_order, basis, replaces: Replaces::WhatIsThere }
            }
            Kind::Unlink => {
                Command::UnlinkShopOrder { order_id: shop_order.order_id, reason: "wrong".into() }
            }
            Kind::Withhold => {
                Command::Withhold { reason: chance.of(&["two prefixes", "foreign SKU"]).into() }
            }
            Kind::Release => Command::Release,
            Kind::Late => {
                let open = order.row.as_ref().and_then(|row| row.standing.open_promise());
                let passed = TimeDelta::hours(chance.below(1200).cast_signed());
                Command::NoteLate { open, now: start() + TimeDelta::minutes(self.minute) + passed }
            }
            Kind::Cancel => match words.map(|key| seal_reason(key, "doble")) {
                Some(reason) => Command::RequestCancellation { request_id, reason, requested_by: by() },
                None => Command::Release,
            },
            Kind::Cancelled => Command::ConfirmCancellation { request_id },
            Kind::NotCancelled => Command::RefuseCancellation { request_id, message: "too \"late\"".into() },
            Kind::Comment => match words.map(|key| seal_comment(key, "hola")) {
                Some(comment) => {
                    Command::RequestComment { request_id, comment, internal: false, requested_by: by() }
                }
                None => Command::Release,
            },
            Kind::Commented => Command::ConfirmComment { request_id, comment_id: None },
            Kind::NotCommented => Command::RefuseComment { request_id, message: "no".into() },
        }
        .into()
    }
}

fn status(id: i32) -> Status {
    Status { id, name: format!("STATUS {id}"), external_name: None }
}

fn item(quantity: i64) -> Item {
    Item { id: Some(1), sku: Some("LADORE-Shampoo".into()), quantity, allocated: 0, on_back_order: 0 }
}

fn shipment() -> Shipment {
    Shipment {
        id: 8,
        number: Some("DX1".into()),
        courier_type: None,
        parcel_numbers: vec!["1".into()],
        shipped_at: Some(start()),
        followed: true,
    }
}

fn scan(id: i64, chance: &mut Chance) -> TrackingEvent {
    TrackingEvent {
        id,
        shipment_id: Some(8),
        status_id: Some(2),
        status: chance.of(&[None, Some("OutForDelivery".to_owned())]),
        description: chance.of(&[None, Some("on \"its\" way\n\t\\".to_owned())]),
        stage_code: None,
        courier_event_id: None,
        happened_at: chance.of(&[None, Some(start() + TimeDelta::minutes(id))]),
        delivered: chance.one_in(10),
    }
}
