//! The structures that events carry.

use super::{Shape, field};

/// Every structure within events.
pub const SHAPES: &[Shape] = &[
    Shape {
        name: "Observed",
        meaning: "When upstream was asked and answered, and what it says of its own last change.",
        fields: &[
            field("asked_at", "instant", "when the question was sent"),
            field("answered_at", "instant", "when the whole answer was here"),
            field(
                "upstream_updated_at",
                "instant?",
                "upstream's `LastUpdated`; ambiguous in the hour that autumn repeats",
            ),
            field("raw_sha256", "text?", "SHA-256 (hex) of the bytes as received, which are kept sealed"),
        ],
    },
    Shape {
        name: "OrderFacts",
        meaning: "Everything that one answer told of an order.",
        fields: &[
            field("number", "text", "upstream's order number; parts of a split order share it"),
            field("external_reference", "text?", "the reference that the shop's connector wrote"),
            field("client_id", "integer?", "the client it is booked under"),
            field("ordered_at", "instant?", "when it was placed"),
            field("part", "Part", "which part of a split order"),
            field("status", "Status?", "where it is in the warehouse"),
            field("courier", "Courier?", "who carries it"),
            field("tracking", "Tracking?", "the tracking number"),
            field("dispatched_at", "instant?", "when it left the warehouse"),
            field("estimated_delivery", "instant?", "when it should arrive"),
            field("parcels", "Parcels", "how many parcels, and how heavy"),
            field("shipments", "Shipment[]", "the consignments booked with couriers"),
            field("items", "Item[]", "the lines"),
            field("recipient", "Sealed?", "whom it goes to"),
            field("details", "Details", "the rest"),
        ],
    },
    Shape {
        name: "Part",
        meaning: "Which part of a split order.",
        fields: &[
            field("number", "integer", "from 1"),
            field("of", "integer", "how many parts there are; 1 for an order that is whole"),
        ],
    },
    Shape {
        name: "Status",
        meaning: "A warehouse status, with upstream's own number and name.",
        fields: &[
            field("id", "integer", "upstream's number"),
            field("name", "text", "upstream's name; `STATUS 24` where its list has none"),
            field("external_name", "text?", "the name upstream shows to clients, where it differs"),
        ],
    },
    Shape {
        name: "Courier",
        meaning: "A courier's service.",
        fields: &[
            field("service_id", "integer?", "upstream's number of the service"),
            field("name", "text?", "its name"),
        ],
    },
    Shape {
        name: "Tracking",
        meaning: "How to follow the goods.",
        fields: &[
            field("number", "text", "as upstream wrote it; several may be joined in one text"),
            field("url", "text?", "the courier's page"),
        ],
    },
    Shape {
        name: "Parcels",
        meaning: "Count and weight of the parcels.",
        fields: &[
            field("count", "integer?", "how many"),
            field("weight_grams", "integer?", "total weight in grams"),
        ],
    },
    Shape {
        name: "Shipment",
        meaning: "A consignment booked with a courier.",
        fields: &[
            field("id", "integer", "upstream's number; scans refer to it"),
            field("number", "text?", "the consignment or tracking number"),
            field("courier_type", "text?", "the integration that booked it"),
            field("parcel_numbers", "text[]", "one for each parcel"),
            field("shipped_at", "instant?", "when it was booked"),
            field("followed", "boolean", "whether upstream follows it, so that scans can be expected"),
        ],
    },
    Shape {
        name: "Item",
        meaning: "A line of the order.",
        fields: &[
            field("id", "integer?", "upstream's number of the line"),
            field("sku", "text?", "the stock-keeping unit"),
            field("quantity", "integer", "units ordered"),
            field("allocated", "integer", "units reserved from stock"),
            field("on_back_order", "integer", "units waiting for stock"),
        ],
    },
    Shape {
        name: "Details",
        meaning: "What else is told of an order; none of it personal.",
        fields: &[
            field("warehouse_id", "integer?", "the warehouse that keeps it"),
            field("channel", "text?", "the sales channel"),
            field("currency", "text?", "ISO 4217 code of the amounts"),
            field("total_hundredths", "integer?", "gross total in hundredths of the currency's unit"),
            field("country", "text?", "the recipient's country, ISO 3166 alpha-2"),
            field("tags", "text[]", "tags, in upstream's order"),
            field("required_dispatch_at", "instant?", "by when it must leave the warehouse"),
            field(
                "zone",
                "text?",
                "the zone of the warehouse's clock, where it is not London's; a promise that is a midnight there is for a day",
            ),
            field("merged", "boolean", "whether other orders were merged into it"),
        ],
    },
    Shape {
        name: "Sealed",
        meaning: "Something personal, sealed with the key of its order.",
        fields: &[
            field("fingerprint", "text", "keyed, so that equal content is recognised without opening it"),
            field("sealed", "text", "the sealed bytes in base64"),
        ],
    },
    Shape {
        name: "TrackingEvent",
        meaning: "One scan by the courier.",
        fields: &[
            field("id", "integer", "upstream's number, by which a repetition is known"),
            field("shipment_id", "integer?", "the shipment it belongs to"),
            field("status_id", "integer?", "upstream's number of the tracking status"),
            field("status", "text?", "its name, such as `OutForDelivery`"),
            field(
                "description",
                "text?",
                "the courier's text for the customer, which may say who signed; null in scans that came after the personal data was erased",
            ),
            field("stage_code", "text?", "the courier's stage code"),
            field("courier_event_id", "text?", "the courier's own id of the scan"),
            field("happened_at", "instant?", "when it was scanned"),
            field("delivered", "boolean", "whether it says that the goods were delivered"),
        ],
    },
    Shape {
        name: "ShopOrder",
        meaning: "The shop order that a warehouse order fulfils.",
        fields: &[
            field("order_id", "integer", "the host's number, or the ledger's own where the host said none"),
            field("name", "text", "the name the customer sees, such as `#1001`"),
        ],
    },
];
