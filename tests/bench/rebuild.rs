//! The rebuild of the read tables: events a second, beside a plain ordered COPY of the same events out of the server.

use std::sync::Arc;
use std::time::Instant;

use futures_util::TryStreamExt;
use logistics_domain::order::Told;
use logistics_domain::order::facts::TrackingEvent;
use logistics_domain::{Command, Provenance};
use logistics_ledger::ledger::rebuild::{RebuildOptions, RebuildReport, rebuild};
use logistics_ledger::ledger::sealing::seal_recipient;
use logistics_ledger::ledger::{Intended, Intent, OpenOrder, OrderAddress};
use logistics_ledger::secrets::KeyRing;
use logistics_projections::recipients::Recipient;

use crate::Scale;
use crate::drive::{median, rate};
use crate::orders::{HISTORY, address, instant, observe, provenance};
use crate::ours::Ours;
use crate::report::{number, ratio, table};

/// The ring that [`Ours`] seals with.
const RING: &str = "k1:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

/// How many scans each order has.
const SCANS: i64 = 3;

const COPY: &str = "copy (select tenant_id, position, aggregate_id, sequence, event_type, event_version, payload, \
                    metadata from events order by tenant_id, position) to stdout";

/// Measures a rebuild, a mere check and a COPY of the events of as many orders as a poll has.
pub async fn measure(scale: &Scale) -> String {
    let (ours, ring): (_, KeyRing) = (Ours::with_orders(scale.polled).await, RING.parse().unwrap());
    add_people_and_scans(&ours, scale.polled).await;
    ours.ledger.clone().stop().await;
    sqlx::query("vacuum analyze").execute(ours.owner()).await.unwrap();
    let events: i64 =
        sqlx::query_scalar("select count(*) from events").fetch_one(ours.owner()).await.unwrap();
    let events = usize::try_from(events).unwrap();

    let (mut copied, mut checked, mut rebuilt) = (vec![], vec![], vec![]);
    for _ in 0..scale.rounds {
        copied.push(copy(&ours, events).await);
        checked.push(run(&ours, &ring, true).await.events_per_second);
        rebuilt.push(run(&ours, &ring, false).await.events_per_second);
    }
    let copied = median(&copied);
    let rows = [
        ("plain ordered COPY of the events to the client", copied),
        ("rebuild: fold, write, index, compare every row", median(&checked)),
        ("the same and swap", median(&rebuilt)),
    ];
    let rows = rows.map(|(what, rate)| vec![what.to_owned(), number(rate), ratio(rate / copied)]);
    let title = format!("Rebuild of {} orders with {events} events", scale.polled);
    table(&title, &["way", "events a second", "this / COPY"], rows.into_iter())
}

async fn copy(ours: &Ours, events: usize) -> f64 {
    let started = Instant::now();
    let mut connection = ours.owner().acquire().await.unwrap();
    let mut lines = connection.copy_out_raw(COPY).await.unwrap();
    let mut copied = 0;
    while let Some(chunk) = lines.try_next().await.unwrap() {
        copied += chunk.split(|byte| *byte == b'\n').count() - 1;
    }
    assert_eq!(copied, events);
    rate(events, started.elapsed())
}

async fn run(ours: &Ours, ring: &KeyRing, check_only: bool) -> RebuildReport {
    let options = RebuildOptions { check_only, ..RebuildOptions::default() };
    let report = rebuild(ours.owner(), ring, &options).await.unwrap();
    assert_eq!((report.differences, report.swapped), (0, !check_only));
    report
}

/// Gives each order a recipient and scans, so that there is something to open and all three tables are filled.
async fn add_people_and_scans(ours: &Ours, orders: usize) {
    let numbers: Vec<usize> = (0..orders).collect();
    for page in numbers.chunks(250) {
        let person = |number: &usize| entry(*number, Arc::new(Person { number: *number }));
        let scans = |number: &usize| entry(*number, Arc::new(Scans));
        for entries in [page.iter().map(person).collect(), page.iter().map(scans).collect::<Vec<_>>()] {
            let outcomes = ours.ledger.execute_page(entries).await;
            assert!(outcomes.into_iter().all(|outcome| !outcome.unwrap().events.is_empty()));
        }
    }
}

fn entry(number: usize, intent: Arc<dyn Intent>) -> (OrderAddress, Arc<dyn Intent>, Provenance) {
    (address(number), intent, provenance(HISTORY))
}

/// An answer that tells of a recipient.
struct Person {
    number: usize,
}

impl Intent for Person {
    fn command(&self, order: &OpenOrder) -> Intended {
        let text = |text: &str| Some(text.to_owned());
        let recipient = Recipient {
            name: text("Rosa Luz"),
            address_lines: vec!["Avenida Larco 1301".to_owned(), "Oficina 2".to_owned()],
            town: text("Lima"),
            post_code: text("15074"),
            email: text("rosa@example.test"),
            ..Recipient::default()
        };
        let mut command = observe(self.number, HISTORY, HISTORY);
        if let Command::Observe { observation, .. } = &mut command {
            let key = order.key.as_ref().unwrap();
            observation.snapshot.recipient = Told::Is(seal_recipient(key, &recipient));
        }
        Intended { recipient: Some(recipient), ..command.into() }
    }
}

/// An answer that tells of scans.
struct Scans;

impl Intent for Scans {
    fn command(&self, _order: &OpenOrder) -> Intended {
        let Command::Observe { observation, .. } = observe(0, HISTORY, HISTORY) else { unreachable!() };
        let scans = (1..=SCANS).map(scan).collect();
        Command::RecordTracking { scans, observed: observation.observed }.into()
    }
}

fn scan(id: i64) -> TrackingEvent {
    TrackingEvent {
        id,
        shipment_id: Some(8),
        status_id: Some(2),
        status: Some("InTransit".to_owned()),
        description: Some("Your parcel is on its way".to_owned()),
        stage_code: None,
        courier_event_id: None,
        happened_at: Some(instant(HISTORY + id)),
        delivered: false,
    }
}
