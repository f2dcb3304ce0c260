//! The wire types over the documented samples and over the mixtures seen in real dumps.

use super::*;

const ORDER: &str = r#"{"ClientId":3,"CLIENT_CODE":null,"OrderNumber":" SO-1917-Copy ","ExternalOrderReference":"  ",
"OrderDate":"2026-02-09T14:41:08.996542","DespatchDate":null,"FirstName":"Ada","LastName":"Example","Address2":"",
"CountryId":1,"Country":{"Name":"UNITED KINGDOM","Code":"GB","Code3":"GBR","ID":1},"OrderStatusId":"1",
"NumberOfParcels":1.0,"TotalItems":1,"TotalWeight":0.5,"OrderValue":"12.345","Part":1,"NumberOfParts":1,
"CourierServiceId":2548,"TrackingNumber":null,"TrackingURL":"","TotalOrderNet":null,"TotalOrderGross":0.0,
"PIIRemoved":false,"OrderItems":null,"OrderNameValues":[{"OrderId":2207,"Name":"A","Value":"1","ID":1},
{"OrderId":2207,"Name":"A","Value":2,"ID":2}],"OrderLock":"False","Unheard":{"of":[1,2]},"ID":2207,
"LastUpdated":"2026-02-09T14:41:29.0904148","LastUpdatedByUser":"ops@example.com-API"}"#;

fn order(json: &str) -> Order {
    Row::<Order>::read_str(json).expect("JSON").parsed.expect("an order")
}

fn error(json: &str) -> String {
    Row::<Order>::read_str(json).expect("JSON").parsed.expect_err("malformed").to_string()
}

#[test]
fn an_order_is_read_with_its_mixtures_smoothed() {
    let order = order(ORDER);
    assert_eq!((order.id, order.client_id, order.order_status_id), (2207, Some(3), Some(1)));
    assert_eq!(order.order_number.as_deref(), Some("SO-1917-Copy"));
    assert_eq!((order.external_order_reference, order.address2, order.tracking_url), (None, None, None));
    assert_eq!((order.number_of_parcels, order.order_lock), (Some(1), Some(false)));
    assert_eq!(order.total_weight.and_then(Decimal::grams), Some(500));
    assert_eq!(order.order_value.and_then(Decimal::minor_units), Some(1235));
    assert_eq!(order.country.and_then(|country| country.code), Some("GB".to_owned()));
    assert_eq!(order.order_items, None);
    let values: Vec<_> =
        order.order_name_values.unwrap().into_iter().map(|fact| fact.value.unwrap()).collect();
    assert_eq!(values, ["1", "2"], "names repeat, and numbers come as text");
}

#[test]
fn an_order_is_nothing_but_its_id_at_least() {
    for json in [r#"{"ID":7}"#, r#"{"Id":"7"}"#, r#"{"id":7.0,"OrderItems":null}"#] {
        assert_eq!(order(json).id, 7, "{json}");
    }
    assert!(error(r#"{"OrderNumber":"SO-1"}"#).contains("ID"));
}

#[test]
fn a_malformed_row_keeps_its_bytes_and_its_id_and_spoils_no_other() {
    let body = br#"[{"ID":1},{"ID":2,"OrderStatusId":"Ada Example"},[3],null,{"ID":5 , "Part":2}]"#;
    let rows = read_rows::<Order>(body).expect("an array");
    let ids: Vec<_> = rows.iter().map(|row| (row.id, row.parsed.is_ok())).collect();
    assert_eq!(ids, [(Some(1), true), (Some(2), false), (None, false), (None, false), (Some(5), true)]);
    assert_eq!(rows[4].raw.get(), r#"{"ID":5 , "Part":2}"#);
}

#[test]
fn an_error_names_the_field_and_never_the_value() {
    assert_eq!(error(r#"{"ID":1,"OrderStatusId":"Ada"}"#), "the field OrderStatusId is not a whole number");
    let nested = error(r#"{"ID":1,"OrderItems":[{"ID":1,"Quantity":"Ada"}]}"#);
    assert_eq!(nested, "the field OrderItems.Quantity is not a whole number");
    assert_eq!(error(r#"{"ID":1,"FirstName":{"a":"Ada"}}"#), "the field FirstName is not a text");
    assert_eq!(error(r#"{"ID":1,"PIIRemoved":"Ada"}"#), "the field PIIRemoved is not true or false");
    assert_eq!(error(r#"["Ada"]"#), "the row is not a JSON object");
    assert!(!error(r#"{"ID":1,"Country":"Ada"}"#).contains("Ada"));
}

#[test]
fn debug_output_shows_nobody() {
    let row = Row::<Order>::read_str(ORDER).unwrap();
    let shown = format!("{row:?} {:?}", row.parsed.as_ref().unwrap());
    assert!(shown.contains("2207"));
    for secret in ["Ada", "Example", "SO-1917", "ops@"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    let action = NewConnectAction { despatched_url: "https://x/s3cret".to_owned(), ..Default::default() };
    assert!(!format!("{action:?}").contains("s3cret"));
}

#[test]
fn a_nul_is_taken_out_since_no_database_text_can_hold_it() {
    assert_eq!(order("{\"ID\":1,\"Town\":\"Le\\u0000eds\"}").town.as_deref(), Some("Leeds"));
}

#[test]
fn only_a_bare_array_is_a_list() {
    for body in ["{}", "null", "\"[]\"", "", "[1,2", "<html>", "[]x"] {
        assert!(read_rows::<Order>(body.as_bytes()).is_none(), "{body}");
    }
    assert!(read_rows::<Order>("\u{feff}[]".as_bytes()).expect("a mark is skipped").is_empty());
    assert!(read_rows::<Order>(b"[{\"Town\":\"\xff\"}]").is_none());
}

#[test]
fn deep_nesting_is_skipped_without_recursion() {
    let deep = format!(r#"[{{"ID":1,"Junk":{}{}}}]"#, "[".repeat(100_000), "]".repeat(100_000));
    let rows = read_rows::<Order>(deep.as_bytes()).expect("an array");
    assert_eq!(rows[0].parsed.as_ref().expect("an order").id, 1);
}

#[test]
fn a_tracking_event_carries_its_shipment_when_upstream_sends_it() {
    let json = r#"{"OrderShipmentId":431,"OrderShipment":{"OrderId":2207,"Number":"JD01","ID":431,
        "ParcelNumbers":["JD01",null," ","JD02"]},"TrackingStatusId":3,"CourierTimeStamp":"2026-02-11T07:12:00","ID":9001}"#;
    let event = Row::<TrackingEvent>::read_str(json).unwrap().parsed.expect("an event");
    let shipment = event.order_shipment.expect("its shipment");
    assert_eq!((shipment.id, shipment.order_id), (Some(431), Some(2207)));
    let nameless = r#"{"ID":2,"OrderShipmentId":431,"OrderShipment":{"OrderId":2207}}"#;
    let event = Row::<TrackingEvent>::read_str(nameless).unwrap().parsed.expect("an event all the same");
    let shipment = event.order_shipment.expect("its shipment");
    assert_eq!((shipment.id, shipment.order_id), (None, Some(2207)));
    let bare = Row::<TrackingEvent>::read_str(r#"{"ID":1,"OrderShipment":null}"#).unwrap();
    assert_eq!(bare.parsed.expect("an event").order_shipment, None);
}

#[test]
fn a_shipment_names_its_parcels() {
    let json = r#"{"OrderId":2207,"Number":"JD01","ID":431,"ParcelNumbers":["JD01",null," ","JD02"]}"#;
    let shipment = Row::<OrderShipment>::read_str(json).unwrap().parsed.expect("a shipment");
    assert_eq!(shipment.parcel_numbers, ["JD01", "JD02"]);
}

#[test]
fn a_callback_to_register_is_written_as_documented() {
    let action = NewConnectAction {
        source_order_id: "SO-1/7".to_owned(),
        despatched_url: "d".to_owned(),
        cancelled_url: "c".to_owned(),
        delivered_url: "l".to_owned(),
        split_url: "s".to_owned(),
        authorization: None,
    };
    let written = serde_json::to_value(&action).unwrap();
    let due = serde_json::json!({"Type":"API","SourceOrderId":"SO-1/7","Complete":false,"AccountId":0,"ExtraCode1":"d",
        "ExtraCode2":"c","ExtraCode3":"l","ExtraCode5":"s","ExtraFlag1":false,"ExtraFlag2":false});
    assert_eq!(written, due);
}

#[test]
fn upstreams_words_are_found_in_whatever_it_answers() {
    for (body, words) in [
        (r#"{"Message":"An error has occurred."}"#, Some("An error has occurred.")),
        (r#"{"message":" Not\u0007 found "}"#, Some("Not found")),
        (r#""Order cannot be cancelled""#, Some("Order cannot be cancelled")),
        (" <!DOCTYPE html><p>Bad gateway", Some("answered with a web page")),
        (r#""<html>""#, Some("answered with a web page")),
        ("", None),
        ("{}", None),
        (r#"{"Message":{"a":1}}"#, None),
        ("[1]", None),
        (r#"{"Message":"#, None),
    ] {
        assert_eq!(spoken_message(body.as_bytes()).as_deref(), words, "{body}");
    }
    assert_eq!(spoken_message(format!("\"{}\"", "a".repeat(5_000)).as_bytes()).unwrap().len(), 300);
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_reading_panic(body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
        proptest::prop_assert!(read_rows::<Order>(&body).is_none_or(|rows| rows.len() <= 100));
        let _said = spoken_message(&body);
    }

    #[test]
    fn any_json_in_any_field_gives_a_row_or_an_error_that_hides_it(
        field in proptest::sample::select(vec!["OrderStatusId", "Country", "OrderItems", "TotalWeight", "PIIRemoved", "Town"]),
        value in r#"(-?[0-9]{1,40}(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?|"zq[a-z]{0,9}"|\[\]|\{\}|\["zq"\]|\{"ID":"zq"\}|null|true)"#,
    ) {
        let json = format!(r#"{{"ID":5,"{field}":{value}}}"#);
        // A number such as 007 is no JSON; that is the page's trouble, not the row's.
        if let Some(row) = Row::<Order>::read_str(&json) {
            proptest::prop_assert_eq!(row.id, Some(5));
            if let Err(error) = row.parsed {
                proptest::prop_assert!(error.to_string().contains(field) && !error.to_string().contains("zq"));
            }
        }
    }
}
