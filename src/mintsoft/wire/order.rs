//! The order as upstream sends it, with its lines and loose facts.

use super::Decimal;
use super::fields::wire_row;

wire_row! {
    /// An order, or one part of a split order.
    pub struct Order identified by id {
        /// The order's id, unique in the account.
        pub id: i64 = "ID",
        /// The client of the warehouse that the order belongs to.
        pub client_id: Option<i64> = "ClientId",
        /// The order's name; the parts of a split order share it.
        pub order_number: Option<String> = "OrderNumber",
        /// The shop's own reference, when it was given and is right.
        pub external_order_reference: Option<String> = "ExternalOrderReference",
        /// When it was ordered, local wall clock.
        pub order_date: Option<String> = "OrderDate",
        /// When it left, local wall clock; a real date proves despatch.
        pub despatch_date: Option<String> = "DespatchDate",
        /// When it became NEW, local wall clock.
        pub at_new_date: Option<String> = "AtNewDate",
        /// When the warehouse begins to be at risk of lateness, local wall clock.
        pub sla_warning_date: Option<String> = "SLAWarningDate",
        /// When the warehouse has promised to send it, local wall clock.
        pub sla_despatch_date: Option<String> = "SLADespatchDate",
        /// When it is to leave at the latest, local wall clock.
        pub required_despatch_date: Option<String> = "RequiredDespatchDate",
        /// When it is to arrive at the latest, local wall clock.
        pub required_delivery_date: Option<String> = "RequiredDeliveryDate",
        /// The recipient's title.
        pub title: Option<String> = "Title",
        /// The recipient's first name.
        pub first_name: Option<String> = "FirstName",
        /// The recipient's last name.
        pub last_name: Option<String> = "LastName",
        /// The recipient's company.
        pub company_name: Option<String> = "CompanyName",
        /// First line of the address.
        pub address1: Option<String> = "Address1",
        /// Second line of the address.
        pub address2: Option<String> = "Address2",
        /// Third line of the address.
        pub address3: Option<String> = "Address3",
        /// Town of the address.
        pub town: Option<String> = "Town",
        /// County of the address.
        pub county: Option<String> = "County",
        /// Postal code of the address.
        pub post_code: Option<String> = "PostCode",
        /// The recipient's telephone number.
        pub phone: Option<String> = "Phone",
        /// The recipient's mobile number.
        pub mobile: Option<String> = "Mobile",
        /// The recipient's e-mail address.
        pub email: Option<String> = "Email",
        /// Upstream's number of the country.
        pub country_id: Option<i64> = "CountryId",
        /// The country.
        pub country: Option<Box<Country>> = "Country",
        /// Where the order came from, in upstream's words.
        pub source: Option<String> = "Source",
        /// A remark on the order; not the list of comments.
        pub comments: Option<String> = "Comments",
        /// What the driver should know.
        pub delivery_notes: Option<String> = "DeliveryNotes",
        /// What is written on the gift card.
        pub gift_messages: Option<String> = "GiftMessages",
        /// The number of its status; the name comes from a list.
        pub order_status_id: Option<i64> = "OrderStatusId",
        /// How many parcels it is sent in.
        pub number_of_parcels: Option<i64> = "NumberOfParcels",
        /// How many pieces it has.
        pub total_items: Option<i64> = "TotalItems",
        /// Its weight; the unit is not stated, kilograms are plausible.
        pub total_weight: Option<Decimal> = "TotalWeight",
        /// Its value in its currency.
        pub order_value: Option<Decimal> = "OrderValue",
        /// Which part of a split order this is, from 1.
        pub part: Option<i64> = "Part",
        /// How many parts the whole order has.
        pub number_of_parts: Option<i64> = "NumberOfParts",
        /// The courier behind the service.
        pub courier_service_type_id: Option<i64> = "CourierServiceTypeId",
        /// The courier service.
        pub courier_service_id: Option<i64> = "CourierServiceId",
        /// The courier service's name.
        pub courier_service_name: Option<String> = "CourierServiceName",
        /// One or several tracking numbers; none for untracked mail.
        pub tracking_number: Option<String> = "TrackingNumber",
        /// A page of the courier; proof of nothing.
        pub tracking_url: Option<String> = "TrackingURL",
        /// Shipping before tax, in its currency.
        pub shipping_total_ex_vat: Option<Decimal> = "ShippingTotalExVat",
        /// Tax on shipping, in its currency.
        pub shipping_total_vat: Option<Decimal> = "ShippingTotalVat",
        /// Discount before tax, in its currency.
        pub discount_total_ex_vat: Option<Decimal> = "DiscountTotalExVat",
        /// Tax on the discount, in its currency.
        pub discount_total_vat: Option<Decimal> = "DiscountTotalVat",
        /// All tax, in its currency.
        pub total_vat: Option<Decimal> = "TotalVat",
        /// Shipping with tax, in its currency.
        pub shipping_gross: Option<Decimal> = "ShippingGross",
        /// Discount with tax, in its currency.
        pub discount_gross: Option<Decimal> = "DiscountGross",
        /// The order before tax, in its currency.
        pub total_order_net: Option<Decimal> = "TotalOrderNet",
        /// The order's tax, in its currency.
        pub total_order_tax: Option<Decimal> = "TotalOrderTax",
        /// The order with tax, in its currency.
        pub total_order_gross: Option<Decimal> = "TotalOrderGross",
        /// Whether upstream has erased the recipient.
        pub pii_removed: Option<bool> = "PIIRemoved",
        /// The warehouse that sends it.
        pub warehouse_id: Option<i64> = "WarehouseId",
        /// The sales channel.
        pub channel_id: Option<i64> = "ChannelId",
        /// The sales channel, named.
        pub channel: Option<Box<Channel>> = "Channel",
        /// The currency's number.
        pub currency_id: Option<i64> = "CurrencyId",
        /// The currency, named.
        pub currency: Option<Box<Currency>> = "Currency",
        /// Who marked it despatched.
        pub despatched_by_user: Option<String> = "DespatchedByUser",
        /// Its lines; none means not asked for, which is not the same as no lines.
        pub order_items: Option<Vec<OrderItem>> = "OrderItems",
        /// Loose facts about it; names repeat.
        pub order_name_values: Option<Vec<NameValue>> = "OrderNameValues",
        /// Whether it is locked against editing.
        pub order_lock: Option<bool> = "OrderLock",
        /// Its tags, comma between.
        pub tags: Option<String> = "Tags",
        /// When it was ordered in the shop, local wall clock.
        pub source_order_date: Option<String> = "SourceOrderDate",
        /// When the row last changed, local wall clock.
        pub last_updated: Option<String> = "LastUpdated",
        /// Who changed it last.
        pub last_updated_by: Option<String> = "LastUpdatedByUser",
    }
}

wire_row! {
    /// One line of an order.
    pub struct OrderItem identified by id {
        /// The line's id.
        pub id: i64 = "ID",
        /// The order it belongs to.
        pub order_id: Option<i64> = "OrderId",
        /// The product.
        pub product_id: Option<i64> = "ProductId",
        /// The product's code.
        pub sku: Option<String> = "SKU",
        /// Pieces ordered.
        pub quantity: Option<i64> = "Quantity",
        /// Pieces set aside from stock.
        pub allocated: Option<i64> = "Allocated",
        /// Pieces committed; the vendor's spelling differs.
        pub committed: Option<i64> = "Commited",
        /// Pieces that are awaited.
        pub on_back_order: Option<i64> = "OnBackOrder",
        /// Price of a piece with tax, in the order's currency.
        pub price: Option<Decimal> = "Price",
        /// Tax on a piece, in the order's currency.
        pub vat: Option<Decimal> = "Vat",
        /// Price of a piece before tax, in the order's currency.
        pub price_net: Option<Decimal> = "PriceNet",
        /// Discount on the line, in the order's currency.
        pub discount: Option<Decimal> = "Discount",
        /// A remark on the line.
        pub details: Option<String> = "Details",
        /// Loose facts about the line.
        pub name_values: Option<Vec<NameValue>> = "OrderItemNameValues",
        /// When the row last changed, local wall clock.
        pub last_updated: Option<String> = "LastUpdated",
        /// Who changed it last.
        pub last_updated_by: Option<String> = "LastUpdatedByUser",
    }
}

wire_row! {
    /// A loose fact: the shop's metadata, or a note of the picking process.
    pub struct NameValue identified by id {
        /// The fact's id.
        pub id: Option<i64> = "ID",
        /// Its name; not unique.
        pub name: Option<String> = "Name",
        /// Its value.
        pub value: Option<String> = "Value",
    }
}

wire_row! {
    /// A country.
    pub struct Country identified by id {
        /// Upstream's number.
        pub id: Option<i64> = "ID",
        /// Its name in capitals.
        pub name: Option<String> = "Name",
        /// Its two-letter code.
        pub code: Option<String> = "Code",
        /// Its three-letter code.
        pub code3: Option<String> = "Code3",
    }
}

wire_row! {
    /// A sales channel.
    pub struct Channel identified by id {
        /// Upstream's number.
        pub id: Option<i64> = "ID",
        /// Its name.
        pub name: Option<String> = "Name",
    }
}

wire_row! {
    /// A currency.
    pub struct Currency identified by id {
        /// Upstream's number.
        pub id: Option<i64> = "ID",
        /// Its name.
        pub name: Option<String> = "Name",
        /// Its three-letter code.
        pub code: Option<String> = "Code",
        /// Its sign.
        pub symbol: Option<String> = "Symbol",
    }
}
