//! `docs/status.md` says what the tables of the mapping say.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use logistics_domain::status::{
    Attention, CURRENT, CarrierPhase, MustAct, Promise, ScanClass, Tab, WarehousePhase,
};

use crate::golden;

const HOW_TO_UPDATE: &str =
    "docs/status.md is made from the mapping: UPDATE_DOCS=1 cargo test -p logistics-domain";

/// How AfterShip's tags are told in the words of others, where one to one is not possible either. The pairing is ours.
const CROSSWALK: &str = "| AfterShip tag | EasyPost `status` | Shopify `FulfillmentEventStatus` | karrio `TrackingStatus` |
|---|---|---|---|
| Pending | `unknown` | `CONFIRMED` (Shopify's default) | `unknown`, `pending` |
| InfoReceived | `pre_transit` | `LABEL_PURCHASED`, `LABEL_PRINTED`, `CONFIRMED` | `pending` |
| InTransit | `in_transit` | `IN_TRANSIT`; `CARRIER_PICKED_UP` for InTransit_002 | `in_transit`; `picked_up` for InTransit_002 |
| OutForDelivery | `out_for_delivery` | `OUT_FOR_DELIVERY` | `out_for_delivery` |
| AttemptFail | `failure`, or `in_transit` with a detail | `ATTEMPTED_DELIVERY` | `delivery_failed` |
| Delivered | `delivered` | `DELIVERED` | `delivered` |
| AvailableForPickup | `available_for_pickup` | `READY_FOR_PICKUP` | `ready_for_pickup` |
| Exception (delay: 004, 005) | `in_transit` with a detail | `DELAYED` | `delivery_delayed`, `on_hold` |
| Exception (006, 007, 001 hold) | `failure` or `in_transit` | `DELAYED`, `FAILURE` | `on_hold` |
| Exception (010, 011 return) | `return_to_sender` | `FAILURE` | `return_to_sender` |
| Exception (012, 013, 009) | `failure`, `error` | `FAILURE` | `delivery_failed` |
| Exception (shipment cancelled) | `cancelled` | (none) | `cancelled` |
| Expired | `unknown` | (none) | `unknown` |
";

const HEAD: &str = "# Where an order stands

Made from the tables in `domain/src/status/mapping.rs`; do not edit. `UPDATE_DOCS=1 cargo test -p logistics-domain` makes it
anew. Why it is so is in [0013](adr/0013-normalised-status.md).

Mintsoft has two dozen statuses, couriers have thousands of texts, and a person asks four things: where is it, whose move is it,
does it need me, is it late. The answers are columns of `logistics_orders` and fields of an order in the API. Upstream's own
words stay beside them (`status`, `status_id`, `last_scan`) and are always shown.

`mapping_version` says by which version of the tables a row was read. After the tables were changed, an order is read by the
new ones with its next event, and `ledger rebuild` reads all history by them at once.

## How it is read

- **Warehouse.** A date of dispatch proves that the goods left, whatever the status says, and so does a status that clients are
  shown as DESPATCHED; only CANCELLED stands against it. Otherwise the number of the status counts, and for a number that the
  table does not have, its name. What nothing fits is `unknown`, never an error.
- **Carrier.** The newest scan by the courier's clock counts, even where it is less advanced than one before. A scan that is
  not understood changes nothing but `last_scan`. After a delivery, another step of the way does not take it back; a failed
  attempt, a return or the like does. Mintsoft's delivered callback counts as a scan of its instant.
  A delivery that a scan proved when it came (`OrderDelivered`) is what the tables read in that scan today.
- **Delivered at.** `delivered_at` is the instant of the earliest scan that tells of a delivery since the last one that told of
  something else, steps of the way left aside; where no scan does, that of the earliest callback since. So a delivery that was
  refuted gives no date, and one that comes after it gives its own. It is null where the tab is not `delivered`. Where a scan
  tells of the delivery, the callback adds nothing to the history; where that scan was refuted, or was misread when it came, the
  callback is recorded.
- **A scan** is read by Mintsoft's name of the tracking status, which the courier's text makes finer and whose failures it
  tells; by the text alone where the name says nothing; by the courier's code where there is no text. A text that denies a
  delivery (\"could not be delivered\", \"no entregado\") is never one, whatever it is called.
  Once the personal data of an order is erased, scans are recorded without the text, and with what was read in it of one thing: whether it
  was a delivery. So a delivery that the text alone told of is one, and what the text denied is none; of anything else the name
  alone is left, and a failed attempt that it calls part of the way shows as that.
- **Late.** `due_at` is when the promise that is open ends: to leave the warehouse (required dispatch date), to arrive
  (estimated delivery), or, where no day was promised, to be heard of within 30 days after it left or was last scanned. A
  promise for a day ends with the day. An order is late once `due_at <= now`; `late` and `due` (which promise) are answered by
  the API at once.
- **Late, as a fact.** Lists and counters cannot move with time. The ledger looks every minute for orders that became late and
  records `PromiseMissed`, once for each promise and end. From then on the order needs attention (`late_dispatch`,
  `late_delivery` or `late_news`), until the promise is kept or moved; what the warehouse or the carrier tells of it
  (`on_hold`, `lost`, …) says more and stands first.
- **Needs attention** is `attention is not null`, late orders among them. It stands beside the tabs: an order that needs
  attention is under its own tab too.
";

#[test]
fn the_page_of_standings_is_fresh() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/status.md");
    let page = page();
    if golden::updating() {
        fs::write(&path, &page).unwrap();
    }
    let held = fs::read_to_string(&path).expect(HOW_TO_UPDATE);
    assert!(held == page, "{HOW_TO_UPDATE}");
}

fn page() -> String {
    let mut page = String::from(HEAD);
    let mut words = |title: &str, words: &[(&str, &str)]| {
        write!(page, "\n## {title}\n\n| Word | Meaning |\n|---|---|\n").unwrap();
        for (word, meaning) in words {
            writeln!(page, "| `{word}` | {meaning} |").unwrap();
        }
    };
    words("`warehouse_phase`", &all(WarehousePhase::ALL, WarehousePhase::as_str, WarehousePhase::meaning));
    words("`carrier_phase`", &all(CarrierPhase::ALL, CarrierPhase::as_str, CarrierPhase::meaning));
    words("`must_act`", &all(MustAct::ALL, MustAct::as_str, MustAct::meaning));
    words("`tab`", &all(Tab::ALL, Tab::as_str, Tab::meaning));
    words("`due`", &all(Promise::ALL, Promise::as_str, Promise::meaning));
    words("`attention`", &all(Attention::ALL, Attention::as_str, Attention::meaning));
    write!(page, "\n## The mapping, version {}\n", CURRENT.version).unwrap();
    warehouse(&mut page);
    carrier(&mut page);
    write!(page, "\n### AfterShip's tags in the words of others\n\n{CROSSWALK}").unwrap();
    page
}

fn all<T: Copy>(
    words: &[T],
    word: impl Fn(T) -> &'static str,
    meaning: impl Fn(T) -> &'static str,
) -> Vec<(&'static str, &'static str)> {
    words.iter().map(|one| (word(*one), meaning(*one))).collect()
}

fn attention(attention: Option<Attention>) -> String {
    attention.map(|attention| format!("`{}`", attention.as_str())).unwrap_or_default()
}

fn warehouse(page: &mut String) {
    page.push_str("\n### Mintsoft's statuses\n\n| Number | Name | Phase | Must act | Attention |\n|---|---|---|---|---|\n");
    for (id, name, phase, must_act, why) in CURRENT.warehouse {
        let (phase, must_act) = (phase.as_str(), must_act.as_str());
        writeln!(page, "| {id} | {name} | `{phase}` | `{must_act}` | {} |", attention(*why)).unwrap();
    }
    page.push_str(
        "\nA number that is not there is read by its name, without case and points, first by the names above, then by these; a star \
         stands for any ending.\n\n| Name | Phase | Must act | Attention |\n|---|---|---|---|\n",
    );
    for (name, phase, must_act, why) in CURRENT.warehouse_names {
        let (phase, must_act) = (phase.as_str(), must_act.as_str());
        writeln!(page, "| `{name}` | `{phase}` | `{must_act}` | {} |", attention(*why)).unwrap();
    }
}

fn class(phase: CarrierPhase, sub: u8) -> String {
    let tag = phase.aftership_tag().unwrap_or_default();
    if sub == 0 { format!("{tag} (any other)") } else { format!("{tag}_{sub:03}") }
}

fn carrier(page: &mut String) {
    page.push_str("\n### What a scan asks for\n\nEverything else is the carrier's move.\n\n| Sub-status | Must act | Attention |\n|---|---|---|\n");
    for (phase, sub, must_act, why) in CURRENT.carrier {
        writeln!(page, "| {} | `{}` | {} |", class(*phase, *sub), must_act.as_str(), attention(*why))
            .unwrap();
    }
    page.push_str(
        "\n### Names of tracking statuses\n\nWithout case and points.\n\n| Name | Sub-status |\n|---|---|\n",
    );
    for (name, phase, sub) in CURRENT.tracking_names {
        writeln!(page, "| `{name}` | {} |", class(*phase, *sub)).unwrap();
    }
    page.push_str("\n### Texts of couriers\n\nThe first that fits counts; a star passes over up to four words.\n\n| Words | Courier | Sub-status |\n|---|---|---|\n");
    for rule in CURRENT.texts {
        let words = rule.patterns.replace(" | ", "`, `");
        let courier = rule.courier.unwrap_or("any");
        writeln!(page, "| `{words}` | {courier} | {} |", class(rule.phase, rule.sub)).unwrap();
    }
    page.push_str("\n### Codes of couriers\n\n| Courier | Code | Sub-status |\n|---|---|---|\n");
    for (courier, code, phase, sub) in CURRENT.codes {
        writeln!(page, "| {courier} | `{code}` | {} |", class(*phase, *sub)).unwrap();
    }
}

#[test]
fn every_status_of_mintsoft_has_its_line_and_every_reason_is_given_by_one() {
    let numbers: Vec<i32> = CURRENT.warehouse.iter().map(|rule| rule.0).collect();
    assert_eq!(numbers, (1..=23).collect::<Vec<_>>());
    let given: Vec<Attention> = CURRENT
        .warehouse
        .iter()
        .map(|rule| rule.4)
        .chain(CURRENT.warehouse_names.iter().map(|rule| rule.3))
        .chain(CURRENT.carrier.iter().map(|rule| rule.3))
        .flatten()
        .chain([Attention::CancelledAfterDispatch])
        .chain(Promise::ALL.iter().map(|promise| promise.missed()))
        .collect();
    for reason in Attention::ALL {
        assert!(given.contains(reason), "{}", reason.as_str());
    }
}

#[test]
fn unknown_and_renamed_statuses_are_read_sensibly() {
    let phase = |id, name, external| CURRENT.warehouse_standing(id, name, external).phase;
    for id in [4, 5, 6] {
        assert_eq!(phase(Some(id), Some("RENAMED"), Some("Gone")), WarehousePhase::Dispatched);
    }
    assert_eq!(phase(Some(40), Some("LEFT"), Some("Despatched")), WarehousePhase::Dispatched);
    assert_eq!(phase(Some(3), Some("CANCELLED"), Some("DESPATCHED")), WarehousePhase::Cancelled);
    assert_eq!(phase(Some(15), Some("RENAMED"), None), WarehousePhase::Preparing);
    assert_eq!(phase(Some(24), Some("AWAITINGADDITIONALITEM"), None), WarehousePhase::Waiting);
    assert_eq!(phase(Some(24), Some("Awaiting Despatch"), None), WarehousePhase::Packed);
    assert_eq!(phase(Some(31), Some("Picked"), None), WarehousePhase::Preparing);
    assert_eq!(phase(Some(24), Some("STATUS 24"), None), WarehousePhase::Unknown);
    assert_eq!(phase(None, None, None), WarehousePhase::Unknown);
}

#[test]
fn no_text_rule_is_hidden_by_the_one_before() {
    for rule in CURRENT.texts {
        for words in rule.patterns.split(" | ") {
            let text = words.replace('*', "x");
            let scan = logistics_domain::status::ScanText {
                text: Some(&text),
                courier: rule.courier,
                ..Default::default()
            };
            let class = CURRENT.scan_class(scan);
            assert_eq!(class, Some(ScanClass { phase: rule.phase, sub: rule.sub }), "{words}");
        }
    }
}
