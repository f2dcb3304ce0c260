//! The texts of carriers that were collected beforehand land in the class that each was given there.

use std::fs;
use std::path::PathBuf;

use logistics_domain::status::{CURRENT, CarrierPhase, ScanClass, ScanText};

/// A row of the collection, under the heading of its carrier.
struct Row {
    carrier: String,
    code: String,
    text: String,
    tag: String,
    sub: u8,
}

impl Row {
    /// What the mapping makes of it. A text in round brackets describes, and is not what the carrier wrote.
    fn class(&self) -> Option<ScanClass> {
        let quoted = !self.text.starts_with('(');
        CURRENT.scan_class(ScanText {
            name: None,
            text: Some(self.text.as_str()).filter(|_| quoted),
            code: Some(self.code.as_str()).filter(|code| !code.is_empty()),
            courier: Some(&self.carrier),
        })
    }

    fn told(&self) -> String {
        format!("{} {} `{}`: {}_{:03}", self.carrier, self.code, self.text, self.tag, self.sub)
    }
}

fn rows() -> Vec<Row> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tracking_statuses.md");
    let page = fs::read_to_string(path).unwrap();
    let (mut rows, mut carrier, mut is_table_of_texts) = (vec![], String::new(), false);
    for line in page.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut carrier);
            is_table_of_texts = false;
        } else if line == "| Code | Text | Tag | Sub |" {
            is_table_of_texts = true;
        } else if is_table_of_texts && line.starts_with("| ") {
            let cells: Vec<&str> = line.trim_matches('|').split(" | ").map(str::trim).collect();
            let [code, text, tag, sub] = cells[..] else { panic!("{line}") };
            rows.push(Row {
                carrier: carrier.clone(),
                code: code.trim_matches('`').to_owned(),
                text: text.to_owned(),
                tag: tag.to_owned(),
                sub: sub.parse().unwrap(),
            });
        }
    }
    rows
}

#[test]
fn nearly_every_text_of_the_collection_lands_in_its_class() {
    let rows = rows();
    assert_eq!(rows.len(), 245, "the collection says how many it has");
    let (mut phases, mut subs) = (0, 0);
    for row in &rows {
        let class = row.class();
        if class.and_then(|class| class.phase.aftership_tag()) == Some(&row.tag) {
            phases += 1;
            if class.is_some_and(|class| class.sub == row.sub) {
                subs += 1;
                continue;
            }
        }
        println!("missed: {}, read as {class:?}", row.told());
    }
    println!("{phases} in their class, {subs} in their sub-status, of {}", rows.len());
    assert!(phases * 100 >= rows.len() * 95, "{phases} of {} in their class", rows.len());
    assert!(subs * 100 >= rows.len() * 95, "{subs} of {} in their sub-status", rows.len());
}

/// What says that nothing was delivered, as couriers write it.
const DENIALS: [&str; 16] = [
    "Not delivered",
    "NOT DELIVERED - no access",
    "Undelivered",
    "Undelivered: wrong address",
    "Could not deliver",
    "We called but could not deliver, we will try again",
    "Sorry, we couldn't deliver your parcel today",
    "The shipment could not be delivered, and the recipient has been notified",
    "Unfortunately we have not been able to deliver your parcel.",
    "unable to be delivered",
    "No entregado",
    "NO ENTREGADO: dirección incorrecta",
    "El pedido no fue entregado",
    "No se pudo entregar",
    "Pedido aún no entregado",
    "No ha podido ser entregado al destinatario",
];

#[test]
fn what_says_not_delivered_never_lands_in_delivered() {
    let denies = |text: &str| {
        let text = text.to_lowercase();
        [
            "not delivered",
            "undelivered",
            "could not deliver",
            "could not be delivered",
            "unable to deliver",
            "no entregado",
        ]
        .iter()
        .any(|words| text.contains(words))
    };
    let collected: Vec<Row> = rows().into_iter().filter(|row| denies(&row.text)).collect();
    assert!(collected.len() >= 3, "the collection has some");
    for row in &collected {
        assert_ne!(row.class().map(|class| class.phase), Some(CarrierPhase::Delivered), "{}", row.told());
    }
    // Whatever the status beside the text is called.
    for text in DENIALS {
        for name in [None, Some("Delivered"), Some("ENTREGADO"), Some("InTransit"), Some("Unheard Of")] {
            for courier in [None, Some("DPD"), Some("Olva Courier")] {
                let class = CURRENT.scan_class(ScanText { name, text: Some(text), code: None, courier });
                let phase = class.map(|class| class.phase);
                assert!(phase.is_some(), "{text}");
                assert_ne!(phase, Some(CarrierPhase::Delivered), "{name:?} {text}");
            }
        }
    }
    for name in ["Not Delivered", "NotDelivered", "Undelivered", "Could not deliver", "NO_ENTREGADO"] {
        let class = CURRENT.scan_class(ScanText { name: Some(name), ..ScanText::default() });
        assert_ne!(class.map(|class| class.phase), Some(CarrierPhase::Delivered), "{name}");
    }
}

/// Texts beside the collection: who it was delivered to makes the difference.
const TOLD: [(&str, CarrierPhase, u8); 34] = [
    ("Entregado al remitente", CarrierPhase::Exception, 11),
    ("ENTREGADA AL REMITENTE", CarrierPhase::Exception, 11),
    ("Paquete devuelto y entregado al remitente en Lima", CarrierPhase::Exception, 11),
    ("Delivered to sender", CarrierPhase::Exception, 11),
    ("Your parcel was delivered to the sender", CarrierPhase::Exception, 11),
    ("Delivered back to shipper", CarrierPhase::Exception, 11),
    ("Returned to Sender", CarrierPhase::Exception, 11),
    ("Entregado al transportista", CarrierPhase::InTransit, 2),
    ("Envío entregado a courier", CarrierPhase::InTransit, 2),
    ("Entregado al operador logístico", CarrierPhase::InTransit, 2),
    ("Delivered to carrier", CarrierPhase::InTransit, 2),
    ("Delivered to local carrier", CarrierPhase::InTransit, 2),
    ("Entregado por el remitente", CarrierPhase::InTransit, 2),
    ("Delivered by sender", CarrierPhase::InTransit, 2),
    ("Delivered to depot", CarrierPhase::InTransit, 3),
    ("Delivered to the hub", CarrierPhase::InTransit, 3),
    ("Entregado a la agencia", CarrierPhase::InTransit, 3),
    ("Entregado al centro de distribución", CarrierPhase::InTransit, 3),
    ("Out for delivery, will be delivered today", CarrierPhase::OutForDelivery, 1),
    ("Out for delivery: should be delivered by 18:00", CarrierPhase::OutForDelivery, 1),
    ("En reparto, será entregado hoy", CarrierPhase::OutForDelivery, 1),
    ("Salió a reparto: por entregar", CarrierPhase::OutForDelivery, 1),
    ("Will be delivered tomorrow", CarrierPhase::InTransit, 1),
    ("Será entregado mañana", CarrierPhase::InTransit, 1),
    ("Entregado", CarrierPhase::Delivered, 1),
    ("Entregado al destinatario", CarrierPhase::Delivered, 1),
    ("Entregado al vecino", CarrierPhase::Delivered, 1),
    ("Entregado en punto de entrega", CarrierPhase::Delivered, 1),
    ("Delivered to front door", CarrierPhase::Delivered, 1),
    ("Delivered to neighbour", CarrierPhase::Delivered, 1),
    ("Delivered, proof was sent to the sender", CarrierPhase::Delivered, 1),
    ("Delivered to reception", CarrierPhase::Delivered, 1),
    ("Delivered to locker", CarrierPhase::AvailableForPickup, 1),
    ("Entregada", CarrierPhase::Delivered, 1),
];

#[test]
fn a_delivery_to_anybody_but_the_recipient_is_none() {
    for (text, phase, sub) in TOLD {
        let class = CURRENT.scan_class(ScanText { text: Some(text), ..ScanText::default() });
        assert_eq!(class, Some(ScanClass { phase, sub }), "{text}");
    }
}

#[test]
fn a_text_that_refutes_the_delivery_counts_more_than_its_name() {
    let phase = |text: &str| {
        let scan = ScanText { name: Some("Delivered"), text: Some(text), ..ScanText::default() };
        CURRENT.scan_class(scan).map(|class| class.phase)
    };
    for text in [
        "Returned to sender",
        "Entregado al remitente",
        "Delivered to sender",
        "Devuelto",
        "Package refused",
        "Extraviado",
    ] {
        assert_eq!(phase(text), Some(CarrierPhase::Exception), "{text}");
    }
    for text in ["Entregado al transportista", "Delivered to carrier", "Delivered to depot"] {
        assert_eq!(phase(text), Some(CarrierPhase::InTransit), "{text}");
    }
    for text in
        ["Delivered with delay: severe weather", "Entregado con retraso", "Nobody in: delivered to neighbour"]
    {
        assert_eq!(phase(text), Some(CarrierPhase::Delivered), "{text}");
    }
}

#[test]
fn the_names_of_several_systems_are_read_and_the_text_tells_what_a_name_hides() {
    let class = |name: &str, text: &str| {
        let scan = ScanText { name: Some(name), text: Some(text), ..ScanText::default() };
        CURRENT.scan_class(scan).map(|class| (class.phase, class.sub))
    };
    for delivered in ["Delivered", "DELIVERED", " delivered ", "Delivered_003"] {
        assert_eq!(class(delivered, "").unwrap().0, CarrierPhase::Delivered);
    }
    assert_eq!(class("InTransit_003", ""), Some((CarrierPhase::InTransit, 3)));
    assert_eq!(class("out_for_delivery", ""), Some((CarrierPhase::OutForDelivery, 1)));
    assert_eq!(class("In transit", "Delivery attempted"), Some((CarrierPhase::AttemptFail, 1)));
    assert_eq!(class("Exception", "Package refused"), Some((CarrierPhase::Exception, 3)));
    assert_eq!(class("OutForDelivery", "Delivered"), Some((CarrierPhase::OutForDelivery, 1)));
    assert_eq!(class("Delivered", "On vehicle"), Some((CarrierPhase::Delivered, 1)));
    assert_eq!(class("Moon phase", "blue cheese"), None);
}
