//! The lists that give numbers their names: order statuses, courier services, pairs of id and name.

use super::fields::wire_row;

wire_row! {
    /// One status that an order may have.
    pub struct OrderStatus identified by id {
        /// The number that orders carry.
        pub id: i64 = "ID",
        /// The vendor's name, for instance `DESPATCHED`.
        pub name: Option<String> = "Name",
        /// The name that outsiders see; a tenant can rename it.
        pub external_name: Option<String> = "ExternalName",
        /// When the row last changed, local wall clock.
        pub last_updated: Option<String> = "LastUpdated",
    }
}

wire_row! {
    /// One way of sending a parcel.
    pub struct CourierService identified by id {
        /// The number that orders carry.
        pub id: i64 = "ID",
        /// Its name, for instance `Parcel Next Day`.
        pub name: Option<String> = "Name",
        /// The courier behind the service.
        pub courier_service_type_id: Option<i64> = "CourierServiceTypeId",
        /// A template, or the courier's general page.
        pub tracking_url: Option<String> = "TrackingURL",
        /// Whether it can still be chosen.
        pub active: Option<bool> = "ActiveB",
        /// When the row last changed, local wall clock.
        pub last_updated: Option<String> = "LastUpdated",
    }
}

wire_row! {
    /// A number and its name, for instance a tracking status.
    pub struct EnumPair identified by id {
        /// The number.
        pub id: i64 = "ID",
        /// The name.
        pub name: Option<String> = "Name",
    }
}
