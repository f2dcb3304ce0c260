//! The orders of the benchmark: what upstream shows of them, the same for the stock framework and for the ledger.

use chrono::{DateTime, TimeDelta, Utc};
use logistics_domain::order::facts::{Courier, Details, Item, Parcels, Part, Status};
use logistics_domain::order::{Observation, Observed, Snapshot, Told};
use logistics_domain::{AccountId, Command, Provenance, Source, TenantId};
use logistics_ledger::ledger::OrderAddress;
use uuid::Uuid;

/// How many events each order has before a command is measured.
pub const HISTORY: i64 = 10;

/// The order of a number.
pub fn address(number: usize) -> OrderAddress {
    OrderAddress {
        tenant: TenantId(7),
        account: AccountId(Uuid::from_u128(1)),
        mintsoft_order_id: i64::try_from(number).unwrap(),
    }
}

/// When the `step`th answer was given.
pub fn instant(step: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_790_000_000, 0).unwrap() + TimeDelta::minutes(step)
}

/// The provenance of the `step`th answer.
pub fn provenance(step: i64) -> Provenance {
    Provenance {
        source: Source::Poll,
        actor: "system".to_owned(),
        correlation_id: "0192f0c1-2d3e-7f00-8000-5d4c3b2a1900".to_owned(),
        cause: Some("run:4711".to_owned()),
        observed_at: instant(step),
    }
}

/// The command for the `step`th answer, asked at `asked` steps: its status is the only thing that changes from step to step.
pub fn observe(number: usize, step: i64, asked: i64) -> Command {
    let address = address(number);
    let status = i32::try_from(step).unwrap() + 1;
    let snapshot = Snapshot {
        number: format!("ladore-{number}"),
        external_reference: Some(format!("{number}")),
        client_id: Some(3),
        ordered_at: Some(instant(-60)),
        part: Told::Is(Part::default()),
        status: Told::Is(Status { id: status, name: format!("STATUS {status}"), external_name: None }),
        courier: Told::Is(Courier { service_id: Some(12), name: Some("Royal Mail 24".to_owned()) }),
        parcels: Told::Is(Parcels { count: Some(1), weight_grams: Some(480) }),
        items: Told::Is((1..=3).map(item).collect()),
        details: Details { country: Some("GB".to_owned()), ..Details::default() },
        ..Snapshot::default()
    };
    let observed = Observed {
        asked_at: instant(asked),
        answered_at: instant(asked) + TimeDelta::seconds(1),
        upstream_updated_at: Some(instant(step)),
        raw_sha256: Some("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08".to_owned()),
    };
    Command::Observe {
        account_id: address.account,
        mintsoft_order_id: address.mintsoft_order_id,
        observation: Box::new(Observation { snapshot, observed, last_checked: None }),
    }
}

fn item(line: i64) -> Item {
    Item {
        id: Some(line),
        sku: Some(format!("LADORE-SHAMPOO-{line}")),
        quantity: 2,
        allocated: 2,
        on_back_order: 0,
    }
}
