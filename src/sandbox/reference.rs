//! The lists that every tenant has: order statuses, courier services, countries, currencies, channels and
//! tracking statuses. Absent: anything about one order.

/// One row of the order statuses: id, name, external name and the date in its `LastUpdated`.
pub struct StatusRow {
    pub id: i32,
    pub name: &'static str,
    pub external_name: &'static str,
    pub last_updated: &'static str,
}

const fn row(id: i32, name: &'static str, last_updated: &'static str) -> StatusRow {
    StatusRow { id, name, external_name: name, last_updated }
}

const FIRST: &str = "2012-06-19T20:26:50.663";

/// The ids of the order statuses that the sandbox itself moves orders through.
pub mod status {
    /// Just arrived.
    pub const NEW: i32 = 1;
    /// The pick note is printed.
    pub const PRINTED: i32 = 2;
    /// Cancelled; a person can undo it.
    pub const CANCELLED: i32 = 3;
    /// Left the warehouse.
    pub const DESPATCHED: i32 = 4;
    /// Left, and charged to the client.
    pub const INVOICED: i32 = 5;
    /// Left, and the price could not be computed.
    pub const INVOICEFAILED: i32 = 6;
    /// Some item is not in stock.
    pub const ONBACKORDER: i32 = 9;
    /// The warehouse asks the client something.
    pub const QUERYRAISED: i32 = 13;
    /// Packed, kept back on purpose.
    pub const PACKANDHOLD: i32 = 14;
    /// In the queue of the pickers.
    pub const AWAITINGPICKING: i32 = 15;
    /// A picker walks.
    pub const PICKINGSTARTED: i32 = 16;
    /// All items are in the tote.
    pub const PICKED: i32 = 17;
    /// In the box.
    pub const PACKED: i32 = 20;

    /// Whether the goods have left: 4, and 5 and 6 which come after it.
    pub const fn has_left(id: i32) -> bool {
        matches!(id, DESPATCHED | INVOICED | INVOICEFAILED)
    }
}

/// All order statuses, in the order of their ids.
pub static STATUSES: [StatusRow; 23] = [
    row(1, "NEW", FIRST),
    row(2, "PRINTED", FIRST),
    row(3, "CANCELLED", FIRST),
    row(4, "DESPATCHED", FIRST),
    StatusRow { id: 5, name: "INVOICED", external_name: "DESPATCHED", last_updated: FIRST },
    StatusRow { id: 6, name: "INVOICEFAILED", external_name: "DESPATCHED", last_updated: FIRST },
    row(7, "HOLDING", FIRST),
    row(8, "FAILED", FIRST),
    row(9, "ONBACKORDER", "2012-08-02T11:04:00"),
    row(10, "AWAITINGCONFIRMATION", "2013-01-14T09:30:12.1"),
    row(11, "AWAITINGDOCUMENTATION", "2013-01-14T09:30:12.1"),
    row(12, "AWAITINGPAYMENT", "2014-03-03T16:20:45.87"),
    row(13, "QUERYRAISED", "2014-03-03T16:20:45.87"),
    row(14, "PACKANDHOLD", "2015-05-21T08:00:00"),
    row(15, "AWAITINGPICKING", "2016-09-30T13:13:13.4466667"),
    row(16, "PICKINGSTARTED", "2016-09-30T13:13:13.4466667"),
    row(17, "PICKED", "2016-09-30T13:13:13.4466667"),
    row(18, "FRAUDRISK", "2018-02-06T10:15:00"),
    row(19, "PICKINGSKIPPED", "2019-07-19T12:00:00.5"),
    row(20, "PACKED", "2019-07-19T12:00:00.5"),
    row(21, "AWAITINGREPLEN", "2021-11-02T09:45:33.21"),
    row(22, "PROCESSING", "2022-10-11T15:05:59.003"),
    row(23, "REBINNED", "2023-06-14T07:34:27.907"),
];

/// The name of a status; an unknown id has none.
pub fn status_name(id: i32) -> Option<&'static str> {
    STATUSES.iter().find(|row| row.id == id).map(|row| row.name)
}

/// A courier service; `track` is the page that takes a number, `generic` what is shown without one.
pub struct Courier {
    pub id: i32,
    pub type_id: i32,
    pub name: &'static str,
    pub carrier: &'static str,
    pub generic: &'static str,
    pub track: &'static str,
    pub active: bool,
    pub reports_back: bool,
    pub last_updated: &'static str,
    pub by: Option<&'static str>,
}

/// The service that orders get when nobody chooses one.
pub const DEFAULT_COURIER_ID: i32 = 2548;
/// The untracked service.
pub const UNTRACKED_COURIER_ID: i32 = 12;

/// All courier services of the warehouse.
pub static COURIERS: [Courier; 5] = [
    Courier {
        id: 2548,
        type_id: 8,
        name: "Parcel Next Day",
        carrier: "SampleCourier",
        generic: "https://track.example.com/",
        track: "https://track.example.com/?n=",
        active: true,
        reports_back: true,
        last_updated: "2025-11-03T09:12:44.35",
        by: Some("SYSTEM"),
    },
    Courier {
        id: 2551,
        type_id: 8,
        name: "Parcel 48h",
        carrier: "SampleCourier",
        generic: "https://track.example.com/",
        track: "https://track.example.com/?n=",
        active: true,
        reports_back: true,
        last_updated: "2025-11-03T09:12:44.35",
        by: Some("SYSTEM"),
    },
    Courier {
        id: 3107,
        type_id: 21,
        name: "Andes Express Internacional",
        carrier: "AndesExpress",
        generic: "https://rastreo.example.net/",
        track: "https://rastreo.example.net/guia/",
        active: true,
        reports_back: true,
        last_updated: "2026-01-19T18:40:02.9033333",
        by: Some("ops@warehouse.example"),
    },
    Courier {
        id: 12,
        type_id: 1,
        name: "Untracked Letter",
        carrier: "Letter",
        generic: "",
        track: "",
        active: true,
        reports_back: false,
        last_updated: "2019-04-01T08:00:00",
        by: None,
    },
    Courier {
        id: 940,
        type_id: 5,
        name: "Pallet (old)",
        carrier: "Pallet",
        generic: "https://pallets.example.org/",
        track: "https://pallets.example.org/",
        active: false,
        reports_back: false,
        last_updated: "2020-08-17T07:01:00.1",
        by: Some(""),
    },
];

/// The courier service with this id.
pub fn courier(id: i32) -> Option<&'static Courier> {
    COURIERS.iter().find(|courier| courier.id == id)
}

/// A country: id, name in capitals, two-letter and three-letter code.
pub struct CountryRow {
    pub id: i32,
    pub name: &'static str,
    pub code: &'static str,
    pub code3: &'static str,
}

/// The countries that the sandbox sends to; the first is the default.
pub static COUNTRIES: [CountryRow; 5] = [
    CountryRow { id: 1, name: "UNITED KINGDOM", code: "GB", code3: "GBR" },
    CountryRow { id: 168, name: "PERU", code: "PE", code3: "PER" },
    CountryRow { id: 62, name: "SPAIN", code: "ES", code3: "ESP" },
    CountryRow { id: 43, name: "CHILE", code: "CL", code3: "CHL" },
    CountryRow { id: 226, name: "UNITED STATES", code: "US", code3: "USA" },
];

/// The country with this two-letter code, else the first.
pub fn country(code: &str) -> &'static CountryRow {
    COUNTRIES.iter().find(|row| row.code.eq_ignore_ascii_case(code)).unwrap_or(&COUNTRIES[0])
}

/// A currency: id, name, code and sign.
pub struct CurrencyRow {
    pub id: i32,
    pub name: &'static str,
    pub code: &'static str,
    pub symbol: &'static str,
}

/// The currencies known; the first is the default.
pub static CURRENCIES: [CurrencyRow; 4] = [
    CurrencyRow { id: 1, name: "United Kingdom Pound", code: "GBP", symbol: "£" },
    CurrencyRow { id: 2, name: "Euro", code: "EUR", symbol: "€" },
    CurrencyRow { id: 3, name: "United States Dollar", code: "USD", symbol: "$" },
    CurrencyRow { id: 41, name: "Peru Nuevo Sol", code: "PEN", symbol: "S/." },
];

/// The currency with this code, else the first.
pub fn currency(code: &str) -> &'static CurrencyRow {
    CURRENCIES.iter().find(|row| row.code.eq_ignore_ascii_case(code)).unwrap_or(&CURRENCIES[0])
}

/// The channels: id and name.
pub static CHANNELS: [(i32, &str); 3] = [(9, "Manual Input"), (17, "Shopify"), (18, "WooCommerce")];

/// The tracking statuses: id and name. Invented, since upstream's are published nowhere.
pub static TRACKING_STATUSES: [(i32, &str); 5] =
    [(1, "Created"), (2, "InTransit"), (3, "OutForDelivery"), (4, "Delivered"), (5, "Exception")];

/// The id of the tracking status that means delivered.
pub const DELIVERED: i32 = 4;

/// The id of a tracking status by name, spaces and case aside.
pub fn tracking_status(name: &str) -> Option<i32> {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    TRACKING_STATUSES.iter().find(|(_, known)| known.eq_ignore_ascii_case(&plain)).map(|(id, _)| *id)
}
