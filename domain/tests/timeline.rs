//! Upstream as a timeline: versions of an order, reads of them that overlap and arrive in any order and any
//! number of times, list rows that are silent, and the hour that London repeats.
//!
//! What "the same state as the newest answer" means: every field that the newest answer tells is as it tells
//! it. A field that it is silent about keeps what some answer told that was taken in before. An order that the
//! newest answer says is gone has vanished; what else was known of it stays.

use logistics_domain::order::{Observed, OrderFacts, Snapshot, Told};
use proptest::prelude::*;
use proptest::sample::Index;

use crate::worlds::{Read, Service, any_answer, at, full_picture, picture};

/// The order as it was before anything here happens.
fn long_ago() -> Read {
    let observed = Observed {
        asked_at: at(-100_000_000),
        answered_at: at(-100_000_000),
        upstream_updated_at: None,
        raw_sha256: None,
    };
    Read { shown: Some(picture([0; 12])), observed }
}

/// A list row: silent about what only a single read has.
fn listed(row: Snapshot) -> Snapshot {
    Snapshot {
        part: Told::Silent,
        courier: Told::Silent,
        tracking: Told::Silent,
        dispatched_at: Told::Silent,
        shipments: Told::Silent,
        items: Told::Silent,
        recipient: Told::Silent,
        ..row
    }
}

/// Delivers every read at least once, in an order of its own, with repetitions anywhere.
fn delivered(reads: &[Read], order: &[Index], forgetful: bool) -> Service {
    let mut service = Service::default();
    service.deliver(&long_ago(), forgetful);
    let mut waiting: Vec<&Read> = reads.iter().collect();
    for choice in order {
        service.deliver(choice.get(reads), forgetful);
        if !waiting.is_empty() {
            service.deliver(waiting.swap_remove(choice.index(waiting.len())), forgetful);
        }
    }
    for read in waiting {
        service.deliver(read, forgetful);
    }
    service
}

fn arrivals() -> impl Strategy<Value = Vec<Index>> {
    prop::collection::vec(any::<Index>(), 0..16)
}

fn newest<'a>(reads: &'a [Read]) -> &'a Read {
    let newer = |held: &'a Read, read: &'a Read| {
        if read.observed.is_superseded_by(&held.observed) { held } else { read }
    };
    let (first, rest) = reads.split_first().expect("at least one read");
    rest.iter().fold(first, newer)
}

/// What the newest read tells is so; what it is silent about was told by some read.
fn ends_as(service: &Service, newest: &Read, reads: &[Read]) -> Result<(), TestCaseError> {
    prop_assert_eq!(service.order.vanished, newest.shown.is_none());
    let Some(shown) = &newest.shown else { return Ok(()) };
    let facts = &service.order.facts;
    let mut told = shown.clone().into_facts();
    fill_silence(&mut told, shown, facts);
    prop_assert_eq!(facts, &told);
    let start = long_ago();
    let known: Vec<OrderFacts> = reads
        .iter()
        .chain([&start])
        .filter_map(|read| read.shown.clone())
        .filter(|shown| shown.items != Told::Silent)
        .map(Snapshot::into_facts)
        .collect();
    let told_together = known.iter().any(|known| {
        (&known.part, &known.courier, &known.tracking, &known.shipments, &known.items)
            == (&facts.part, &facts.courier, &facts.tracking, &facts.shipments, &facts.items)
            && known.dispatched_at == facts.dispatched_at
            && (known.recipient == facts.recipient || service.order.erased)
    });
    prop_assert!(told_together, "no answer told what the newest was silent about");
    Ok(())
}

fn fill_silence(told: &mut OrderFacts, shown: &Snapshot, held: &OrderFacts) {
    if shown.items == Told::Silent {
        told.part = held.part;
        told.courier.clone_from(&held.courier);
        told.tracking.clone_from(&held.tracking);
        told.dispatched_at = held.dispatched_at;
        told.shipments.clone_from(&held.shipments);
        told.items.clone_from(&held.items);
        told.recipient.clone_from(&held.recipient);
    }
    if shown.personal_data_removed {
        told.recipient = None;
    }
}

/// One version of the order upstream: what it is, and how long it stays so, in milliseconds.
type Version = (Snapshot, i64);
/// A read: when it is asked (a share of the timeline), how long it takes, when within that upstream looks, and
/// whether it is a list row.
type Asking = (f64, i64, f64, bool);

/// When each version begins, in true milliseconds, and the versions; the last may be "gone".
#[derive(Debug)]
struct Upstream {
    begins: Vec<i64>,
    shown: Vec<Option<Snapshot>>,
    /// From this instant on, `LastUpdated` reads an hour too early.
    clock_goes_back_at: Option<i64>,
}

const HOUR_MS: i64 = 3_600_000;

impl Upstream {
    fn of(
        versions: &[Version],
        erased_from: usize,
        ends_gone: bool,
        clock_goes_back_at: Option<i64>,
    ) -> Self {
        let mut begins = Vec::new();
        let mut shown = Vec::new();
        let mut now = 0;
        for (place, (picture, stays)) in versions.iter().enumerate() {
            begins.push(now);
            let personal_data_removed = place >= erased_from;
            shown.push(Some(Snapshot { personal_data_removed, ..picture.clone() }));
            now += stays;
        }
        if ends_gone {
            begins.push(now);
            shown.push(None);
        }
        Self { begins, shown, clock_goes_back_at }
    }

    fn length_ms(&self) -> i64 {
        self.begins.last().expect("a version") + 3_000
    }

    /// The version at an instant, by its place.
    fn version_at(&self, millisecond: i64) -> usize {
        self.begins.partition_point(|begin| *begin <= millisecond) - 1
    }

    /// An answer, and when upstream looked.
    fn answer(&self, asked: i64, took: i64, looked: i64, list_row: bool) -> (Read, i64) {
        let version = self.version_at(looked);
        let begin = self.begins[version];
        let shown = self.shown[version].clone();
        let back = self.clock_goes_back_at.is_some_and(|from| begin >= from);
        let updated = begin - if back { HOUR_MS } else { 0 };
        let observed = Observed {
            asked_at: at(asked),
            answered_at: at(asked + took),
            upstream_updated_at: shown.as_ref().map(|_| at(updated)),
            raw_sha256: Some(format!("{version} {list_row}")),
        };
        let shown = shown.map(|shown| if list_row { listed(shown) } else { shown });
        (Read { shown, observed }, looked)
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a share of a short span")]
fn share(of: i64, share: f64) -> i64 {
    (of as f64 * share) as i64
}

fn versions() -> impl Strategy<Value = Vec<Version>> {
    prop::collection::vec((full_picture(), 1i64..4_000), 1..6)
}

fn askings() -> impl Strategy<Value = Vec<Asking>> {
    prop::collection::vec((0.0..1.0, 0i64..6_000, 0.0..=1.0, any::<bool>()), 1..10)
}

/// The version that the read which upstream served last has shown.
fn freshest(upstream: &Upstream, reads: &[(Read, i64)]) -> usize {
    upstream.version_at(reads.iter().map(|(_, looked)| *looked).max().expect("at least one read"))
}

fn version_of(upstream: &Upstream, read: &Read, reads: &[(Read, i64)]) -> usize {
    let (_, looked) =
        reads.iter().find(|(made, _)| made.observed == read.observed).expect("the read is one of these");
    upstream.version_at(*looked)
}

proptest! {
    /// Without a word about what upstream does: the times may be anything, and overlap anyhow.
    #[test]
    fn any_answers_in_any_order_end_as_the_newest(
        answers in prop::collection::vec((prop::option::weighted(0.9, full_picture()), any_answer()), 1..8),
        one in arrivals(),
        other in arrivals(),
    ) {
        let reads: Vec<Read> = answers
            .into_iter()
            .enumerate()
            .map(|(place, (shown, observed))| Read {
                shown,
                observed: Observed { raw_sha256: Some(place.to_string()), ..observed },
            })
            .collect();
        let (one, other) = (delivered(&reads, &one, false), delivered(&reads, &other, false));
        ends_as(&one, newest(&reads), &reads)?;
        ends_as(&other, newest(&reads), &reads)?;
        if newest(&reads).shown.is_some() {
            prop_assert_eq!(one.order.facts, other.order.facts);
        }
    }

    /// Reads overlap, are served out of turn, and arrive in any order; list rows are silent; the service does
    /// not even remember unchanged rows. The state is that of the version served last.
    #[test]
    fn overlapping_reads_of_a_timeline_end_as_what_upstream_showed_last(
        versions in versions(),
        erased_from in 0usize..8,
        ends_gone in any::<bool>(),
        askings in askings(),
        order in arrivals(),
        forgetful in any::<bool>(),
    ) {
        let upstream = Upstream::of(&versions, erased_from, ends_gone, None);
        let made: Vec<(Read, i64)> = askings
            .iter()
            .map(|(when, took, within, list_row)| {
                let asked = share(upstream.length_ms(), *when);
                upstream.answer(asked, *took, asked + share(*took, *within), *list_row)
            })
            .collect();
        let reads: Vec<Read> = made.iter().map(|(read, _)| read.clone()).collect();
        let newest = newest(&reads);
        prop_assert_eq!(version_of(&upstream, newest, &made), freshest(&upstream, &made));
        ends_as(&delivered(&reads, &order, forgetful), newest, &reads)?;
    }

    /// `LastUpdated` runs backward in the middle; reads follow one another, and arrive in any order.
    #[test]
    fn in_the_hour_that_london_repeats_the_state_is_still_what_upstream_showed_last(
        versions in versions(),
        goes_back in 0.0..1.0,
        askings in askings(),
        order in arrivals(),
    ) {
        let mut upstream = Upstream::of(&versions, usize::MAX, false, None);
        upstream.clock_goes_back_at = Some(share(upstream.length_ms(), goes_back));
        let mut now = 0;
        let made: Vec<(Read, i64)> = askings
            .iter()
            .map(|(pause, took, within, list_row)| {
                let asked = now + share(1_500, *pause);
                now = asked + took % 700;
                upstream.answer(asked, took % 700, asked + share(took % 700, *within), *list_row)
            })
            .collect();
        let reads: Vec<Read> = made.iter().map(|(read, _)| read.clone()).collect();
        let newest = newest(&reads);
        prop_assert_eq!(version_of(&upstream, newest, &made), freshest(&upstream, &made));
        ends_as(&delivered(&reads, &order, false), newest, &reads)?;
    }
}
