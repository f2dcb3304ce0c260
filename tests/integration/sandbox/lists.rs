//! Order/List and Order/Search: defaults, filters, pages, and what they forgive.

use std::fmt::Write as _;

use chrono::TimeDelta;
use logistics_ledger::sandbox::{ListOrder, OrderSpec};
use serde_json::json;

use super::caller::{site, site_with, utc};

#[tokio::test]
async fn pages_are_bare_arrays_newest_first_and_a_hundred_long() {
    let site = site().await;
    let ids: Vec<i64> = (0..101).map(|n| site.order(&format!("SO-{n}"))).collect();
    let mut newest_first = ids.clone();
    newest_first.reverse();
    assert_eq!(site.get("/api/Order/List").await.ids(), newest_first[..100]);
    assert_eq!(site.get("/api/Order/List?PageNo=2&Limit=100").await.ids(), newest_first[100..]);
    assert_eq!(site.get("/api/Order/List?PageNo=3").await.text, "[]");
    assert_eq!(site.get("/api/Order/List?SortOldestFirst=true&Limit=7").await.ids(), ids[..7]);
}

#[tokio::test]
async fn a_limit_above_a_hundred_is_400_and_a_page_below_one_is_500() {
    let site = site().await;
    let said = site.get("/api/Order/List?Limit=101").await;
    assert_eq!((said.status, said.json()), (400, json!({ "Message": "The request is invalid." })));
    let said = site.get("/api/Order/List?PageNo=0").await;
    assert_eq!((said.status, said.json()), (500, json!({ "Message": "An error has occurred." })));
    assert_eq!(site.get("/api/Order/List?Limit=many").await.status, 400);
    assert_eq!(site.get("/api/Order/List?SinceLastUpdated=soon").await.status, 400);
}

#[tokio::test]
async fn names_are_caseless_double_slashes_forgiven_and_unknown_parameters_ignored() {
    let site = site().await;
    let ids = [site.order("SO-1"), site.order("SO-2")];
    let said = site
        .get("//api//order/LIST?limit=1&PAGENO=2&sortoldestfirst=TRUE&DateFrom=nonsense&statusId=99")
        .await;
    assert_eq!(said.ids(), ids[1..]);
}

#[tokio::test]
async fn items_are_null_unless_asked_for() {
    let site = site().await;
    site.order("SO-1");
    assert_eq!(site.get("/api/Order/List").await.json()[0]["OrderItems"], json!(null));
    let rows = site.get("/api/Order/List?IncludeOrderItems=true").await.json();
    assert_eq!(rows[0]["OrderItems"][1]["SKU"], json!("LADORE_B"));
    assert_eq!(rows[0]["OrderItems"][1]["Commited"], json!(0));
}

#[tokio::test]
async fn each_filter_narrows_the_list() {
    let site = site().await;
    let plain = site.order("SO-1");
    let foreign = site.world.create_order(OrderSpec {
        tags: Some("vip, fragile".to_owned()),
        courier_service_id: 12,
        channel_id: 18,
        ..OrderSpec::of(5, "NW-1", &[("N_A", 1)])
    });
    site.world.despatch(foreign, None).unwrap();
    for query in [
        "ClientId=5",
        "OrderStatusId=4",
        "CourierServiceId=12",
        "ChannelId=18",
        "IncludeTags=Fragile",
        "SinceDespatchDate=2026-02-09T13:00:00",
    ] {
        assert_eq!(site.get(&format!("/api/Order/List?{query}")).await.ids(), [foreign], "{query}");
    }
    assert_eq!(site.get("/api/Order/List?ExcludeTags=vip").await.ids(), [plain]);
    assert_eq!(site.get("/api/Order/List?ToDate=2026-02-09T13:00:00").await.text, "[]");
    assert_eq!(site.get("/api/Order/List?WarehouseId=8").await.text, "[]");
    assert_eq!(site.get("/api/Order/List?ClientId=0&OrderStatusId=0").await.ids(), [foreign, plain]);
}

#[tokio::test]
async fn the_delta_filter_reads_london_time() {
    let site = site_with(|settings| {
        settings.clock = logistics_ledger::clock::Clock::manual(utc("2026-07-01T09:00:00Z"));
    })
    .await;
    let id = site.order("SO-1");
    assert!(
        site.get("/api/Order/List").await.json()[0]["LastUpdated"]
            .as_str()
            .unwrap()
            .starts_with("2026-07-01T10:00:00")
    );
    assert_eq!(site.get("/api/Order/List?SinceLastUpdated=2026-07-01T10:00:00").await.ids(), [id]);
    assert_eq!(site.get("/api/Order/List?SinceLastUpdated=2026-07-01T10:01:00").await.text, "[]");
}

#[tokio::test]
async fn in_the_hour_that_autumn_repeats_the_wall_clock_decides() {
    let site = site_with(|settings| {
        settings.clock = logistics_ledger::clock::Clock::manual(utc("2026-10-25T00:40:00Z"));
    })
    .await;
    let first_pass = site.order("SO-1");
    site.world.skip_time(TimeDelta::minutes(35)).unwrap();
    site.order("SO-2");
    // 01:40 of the first pass lies above the bound; 01:15 of the second, though later, does not.
    assert_eq!(site.get("/api/Order/List?SinceLastUpdated=2026-10-25T01:30:00").await.ids(), [first_pass]);
}

#[tokio::test]
async fn a_changed_row_moves_during_a_sweep_where_the_list_is_sorted_by_change() {
    let site = site_with(|settings| settings.list_order = ListOrder::LastUpdated).await;
    let ids: Vec<i64> = (0..4).map(|n| site.order(&format!("SO-{n}"))).collect();
    let page = |n: u32| format!("/api/Order/List?SortOldestFirst=true&Limit=2&PageNo={n}");
    assert_eq!(site.get(&page(1)).await.ids(), [ids[0], ids[1]]);
    site.world.touch(ids[0]).unwrap();
    assert_eq!(
        site.get(&page(2)).await.ids(),
        [ids[3], ids[0]],
        "the third row slipped to a page already read"
    );
}

#[tokio::test]
async fn search_is_near_or_exact_and_knows_the_reference() {
    let site = site().await;
    let plain = site.order("US12901");
    let referred =
        site.world.create_order(OrderSpec::of(3, "X-7", &[("A", 1)]).with_reference("US#12901/+&b"));
    assert_eq!(site.get("/api/Order/Search?OrderNumber=us129").await.ids(), [plain]);
    assert_eq!(site.get("/api/Order/Search?OrderNumber=US1290&exactMatch=true").await.text, "[]");
    let encoded = "US%2312901%2F%2B%26b";
    let said = site.get(&format!("/api/Order/Search?OrderNumber={encoded}&exactMatch=true")).await;
    assert_eq!(said.ids(), [referred]);
    assert_eq!(said.json()[0]["OrderItems"], json!(null));
    assert_eq!(site.get("/api/Order/Search").await.status, 400);
}

#[tokio::test]
async fn search_gives_items_only_with_an_exact_match() {
    let site = site().await;
    site.order("SO-1");
    let near = site.get("/api/Order/Search?OrderNumber=SO-1&includeOrderItems=true").await.json();
    assert_eq!(near[0]["OrderItems"], json!(null));
    let exact =
        site.get("/api/Order/Search?OrderNumber=SO-1&includeOrderItems=true&exactMatch=true").await.json();
    assert_eq!(exact[0]["OrderItems"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_row_keeps_the_order_of_the_wire_and_its_quirks() {
    let site = site().await;
    let id = site.order("SO-1");
    let said = site.get(&format!("/api/Order/{id}")).await;
    let mut at = 0;
    for name in [
        "ClientId",
        "CLIENT_CODE",
        "OrderNumber",
        "ExternalOrderReference",
        "OrderDate",
        "DespatchDate",
        "AtNewDate",
        "SLAWarningDate",
        "SLADespatchDate",
        "RequiredDespatchDate",
        "RequiredDeliveryDate",
        "Title",
        "FirstName",
        "LastName",
        "CompanyName",
        "Address1",
        "PostCode",
        "Phone",
        "Mobile",
        "Email",
        "CountryId",
        "Country",
        "Source",
        "Comments",
        "GiftMessages",
        "DeliveryNotes",
        "VATNumber",
        "EORINumber",
        "UKIMSNumber",
        "RFCNumber",
        "PIDNumber",
        "OrderStatusId",
        "NumberOfParcels",
        "TotalItems",
        "TotalWeight",
        "OrderValue",
        "Part",
        "NumberOfParts",
        "CourierServiceTypeId",
        "CourierServiceId",
        "CourierServiceName",
        "TrackingNumber",
        "TrackingURL",
        "ShippingTotalExVat",
        "TotalVat",
        "PIIRemoved",
        "ShippingNet",
        "DiscountNet",
        "TotalOrderNet",
        "DiscountGross",
        "WarehouseId",
        "WAREHOUSE_CODE",
        "ChannelId",
        "Channel",
        "CurrencyId",
        "Currency",
        "DespatchedByUser",
        "OrderItems",
        "OrderNameValues",
        "OrderLock",
        "RecipientType",
        "Tags",
        "SourceOrderDate",
    ] {
        let mut quoted = String::new();
        write!(quoted, "\"{name}\":").unwrap();
        let found = said.text[at..].find(&quoted);
        at += found.unwrap_or_else(|| panic!("{name} is missing or out of order"));
    }
    assert!(
        said.text.ends_with("-API\"}")
            || said.text.contains("\"LastUpdatedByUser\":\"packer@warehouse.example\"}")
    );
    assert_eq!(said.json()["TrackingURL"], json!("https://track.example.com/"), "generic without a number");
}

#[tokio::test]
async fn none_is_null_here_and_empty_there_and_the_same_each_time() {
    let site = site().await;
    for n in 0..20 {
        site.order(&format!("SO-{n}"));
    }
    let said = site.get("/api/Order/List").await;
    let rows = said.json();
    let of = |value: serde_json::Value| {
        rows.as_array().unwrap().iter().filter(|row| row["VATNumber"] == value).count()
    };
    assert!(of(json!(null)) > 0 && of(json!("")) > 0);
    assert_eq!(site.get("/api/Order/List").await.text, said.text);
}
