//! Shipments and the tracking events that couriers report on them.

use super::fields::wire_row;

wire_row! {
    /// One consignment booked with a courier.
    pub struct OrderShipment identified by id {
        /// The shipment's id.
        pub id: i64 = "ID",
        /// The order it belongs to.
        pub order_id: Option<i64> = "OrderId",
        /// The document that holds its label.
        pub order_document_id: Option<i64> = "OrderDocumentId",
        /// The courier integration that booked it.
        pub courier_type: Option<String> = "CourierType",
        /// The consignment or tracking number.
        pub number: Option<String> = "Number",
        /// Whether upstream follows this parcel.
        pub download_tracking_events: Option<bool> = "DownloadTrackingEvents",
        /// Whether it has been handed over on a manifest.
        pub manifested: Option<bool> = "Manifested",
        /// When it was booked, local wall clock.
        pub shipment_date: Option<String> = "ShipmentDate",
        /// Where the label can be fetched.
        pub label_url: Option<String> = "LabelURL",
        /// The number of each parcel.
        pub parcel_numbers: Vec<String> = "ParcelNumbers",
        /// When the row last changed, local wall clock.
        pub last_updated: Option<String> = "LastUpdated",
        /// Who changed it last.
        pub last_updated_by: Option<String> = "LastUpdatedByUser",
    }
}

wire_row! {
    /// What a scan says of its shipment. All of it may be missing, the id too: the scan names that itself.
    pub struct ScannedShipment identified by id {
        /// The shipment's id.
        pub id: Option<i64> = "ID",
        /// The order it belongs to.
        pub order_id: Option<i64> = "OrderId",
    }
}

wire_row! {
    /// One scan or message of a courier about a shipment.
    pub struct TrackingEvent identified by id {
        /// The event's id, unique in the account.
        pub id: i64 = "ID",
        /// The shipment it is about.
        pub order_shipment_id: Option<i64> = "OrderShipmentId",
        /// That shipment, when upstream sends it along; the way to the order.
        pub order_shipment: Option<Box<ScannedShipment>> = "OrderShipment",
        /// The number of its status; the names come from a list.
        pub tracking_status_id: Option<i64> = "TrackingStatusId",
        /// The courier's words for the customer.
        pub customer_description: Option<String> = "CourierCustomerDescription",
        /// The courier's own words.
        pub external_description: Option<String> = "CourierExternalDescription",
        /// The courier's code of the stage.
        pub stage_code: Option<String> = "CourierTrackingStageCode",
        /// The courier's id of the event.
        pub courier_event_id: Option<String> = "CourierTrackingEventId",
        /// The courier's time; its zone is not stated.
        pub courier_time: Option<String> = "CourierTimeStamp",
        /// When the row last changed, local wall clock; lists are paged by it.
        pub last_updated: Option<String> = "LastUpdated",
        /// Who changed it last.
        pub last_updated_by: Option<String> = "LastUpdatedByUser",
    }
}
