//! Searches for what many orders hold, under other conditions and in every sorting: the list is read in portions, and finds what the
//! whole list holds.

use logistics_projections::orders::{
    BEGIN_SNAPSHOT, OrderFilter, OrderList, SortBy, list_orders, list_portion,
};
use logistics_projections::recipients::Recipient;
use sqlx::{Connection as _, PgConnection};

use super::facets::{filters, many_sorts, sortings};
use super::search::scans;
use super::*;

/// More than a portion of a page holds, one every two minutes.
const ORDERS: usize = 2_400;

/// Orders of many facets, of which one in seven holds `pelo`, and the recipient of one in 299 `rosa`.
async fn fill(db: &TestDatabase) {
    let mut rows = many_sorts(ORDERS, 2);
    for row in rows.iter_mut().step_by(7) {
        row.tracking_number = Some(format!("PELO-{}", row.mintsoft_order_id));
    }
    put_orders(db.pool(), &rows).await;
    for row in rows.iter().step_by(299) {
        let recipient = Recipient { name: Some("Rosa Luz".to_owned()), ..Recipient::default() };
        change_recipient(db.pool(), row.id, &put(row, 1, recipient)).await;
    }
}

/// Whether an order holds one of the texts that are searched for here.
fn holds(order: i64, text: &str) -> bool {
    match text {
        "pelo" | "pe" => order % 7 == 1,
        "rosa" => order % 299 == 1,
        other => unreachable!("{other} is in none"),
    }
}

/// All orders of a list.
async fn whole(reading: &mut PgConnection, list: &OrderList) -> Vec<i64> {
    let (mut list, mut ids) = (list.clone(), vec![]);
    loop {
        let portion = list_portion(reading, &LADORE, &list, read_at(0)).await.unwrap();
        ids.extend(portion.items.iter().map(|order| order.mintsoft_order_id));
        match portion.next {
            Some(next) => list.after = Some(next),
            None => return ids,
        }
    }
}

/// The list with that text, known to be common.
fn searching(list: &OrderList, text: &str) -> OrderList {
    let mut list = OrderList { has_common_text: true, ..list.clone() };
    list.filter.search = Some(text.to_owned());
    list
}

#[tokio::test]
async fn what_a_list_holds_of_a_common_text_is_found_in_its_order_whatever_its_conditions() {
    let db = TestDatabase::create().await;
    fill(&db).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let mut found = 0;
    let plain = filters().into_iter().filter(|filter| filter.search.is_none());
    for (turn, filter) in plain.enumerate() {
        // Each filter in some sortings, each sorting of some filters.
        for (sort_by, sort_order) in sortings().skip(turn % 6).step_by(6) {
            let list =
                OrderList { filter: filter.clone(), sort_by, sort_order, limit: 9, ..OrderList::default() };
            let list = if turn % 2 == 0 { list } else { list.reversed() };
            let all = whole(&mut reading, &list).await;
            for text in ["pelo", "rosa"] {
                let expected: Vec<i64> = all.iter().copied().filter(|order| holds(*order, text)).collect();
                let mut searched = searching(&list, text);
                if expected.is_empty() {
                    let told = list_orders(&mut reading, &LADORE, &searched, read_at(0)).await.unwrap();
                    assert_eq!(
                        (told.items.len(), told.total, told.total_is_exact),
                        (0, 0, true),
                        "{searched:?}"
                    );
                }
                for (page, expected) in expected.chunks(9).take(3).enumerate() {
                    let told = list_orders(&mut reading, &LADORE, &searched, read_at(0)).await.unwrap();
                    let ids: Vec<i64> = told.items.iter().map(|order| order.mintsoft_order_id).collect();
                    assert_eq!(ids, expected, "{page}, {searched:?}");
                    found += ids.len();
                    searched.after = told.next;
                    if searched.after.is_none() {
                        break;
                    }
                }
                let is_last = expected.len() <= 27;
                assert_eq!(searched.after.is_none(), is_last, "{searched:?}");
            }
        }
    }
    assert!(found > 600, "{found}");
}

#[tokio::test]
async fn what_is_passed_over_is_passed_over_among_those_that_hold_the_text() {
    let db = TestDatabase::create().await;
    fill(&db).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let linked = OrderFilter { linked: Some(true), ..OrderFilter::default() };
    let list = OrderList { filter: linked, sort_by: SortBy::CreatedAt, ..OrderList::default() };
    let all: Vec<i64> =
        whole(&mut reading, &list).await.into_iter().filter(|order| holds(*order, "pe")).collect();
    assert!(all.len() > 100, "{}", all.len());
    for (skip, limit) in [(0, 50), (30, 7), (90, 50), (all.len() - 5, 5), (all.len() - 5, 6), (500, 9)] {
        let page = (i64::try_from(skip).unwrap(), i64::try_from(limit).unwrap());
        // Two letters are never looked up.
        let searched = OrderList { skip: page.0, limit: page.1, ..searching(&list, "pe") };
        let told = list_orders(&mut reading, &LADORE, &searched, read_at(0)).await.unwrap();
        let ids: Vec<i64> = told.items.iter().map(|order| order.mintsoft_order_id).collect();
        let expected: Vec<i64> = all.iter().copied().skip(skip).take(limit).collect();
        assert_eq!(ids, expected, "{page:?}");
        let ends = skip + limit >= all.len();
        assert_eq!((told.next.is_none(), told.total_is_exact), (ends, ends), "{page:?}");
        let least = if ends { all.len() } else { skip + limit + 1 };
        assert_eq!(told.total, i64::try_from(least).unwrap(), "{page:?}");
    }
}

#[tokio::test]
async fn no_more_orders_are_compared_than_a_portion_beyond_the_page() {
    let db = TestDatabase::create().await;
    fill(&db).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let list = OrderList { sort_by: SortBy::CreatedAt, limit: 49, ..OrderList::default() };
    let before = scans(&mut reading, "logistics_orders_pkey").await;
    let told = list_orders(&mut reading, &LADORE, &searching(&list, "pelo"), read_at(0)).await.unwrap();
    assert_eq!((told.items.len(), told.total, told.total_is_exact), (49, 50, false));
    let compared = scans(&mut reading, "logistics_orders_pkey").await - before;
    assert!((350..=550).contains(&compared), "seven for each order of the page, and some more: {compared}");
}

#[tokio::test]
async fn what_turns_out_to_be_rare_is_looked_up() {
    let db = TestDatabase::create().await;
    fill(&db).await;
    let mut reading = db.pool().acquire().await.unwrap();
    // For two orders four hundred are compared, and those that hold it are further away.
    let list = OrderList { sort_by: SortBy::CreatedAt, limit: 1, ..OrderList::default() };
    let pieces = "logistics_order_recipients_pieces";
    for (text, held, looked_up) in [("ladore-77", 11, 1), ("nobody", 0, 1), ("pelo", 2, 0), ("ro", 2, 0)] {
        let before = scans(&mut reading, pieces).await;
        let told = list_orders(&mut reading, &LADORE, &searching(&list, text), read_at(0)).await.unwrap();
        assert_eq!(told.total, held, "{text}");
        assert_eq!(told.total_is_exact, looked_up == 1, "{text}");
        assert_eq!(scans(&mut reading, pieces).await - before, looked_up, "{text}");
    }
}

#[tokio::test]
async fn what_stands_behind_many_others_is_walked_to() {
    let db = TestDatabase::create().await;
    fill(&db).await;
    let others = "create temporary table others as select other.* from logistics_orders o \
         cross join generate_series(1, 70000) n cross join jsonb_populate_record(o, jsonb_build_object( \
           'id', gen_random_uuid(), 'mintsoft_order_id', 10000 + n, 'created_at', o.created_at + interval '1 year')) other \
         where o.mintsoft_order_id = 2; \
         alter table others drop column ordered_day; \
         insert into logistics_orders select * from others; \
         select recount_logistics_orders('logistics_orders', 1, null)";
    sqlx::raw_sql(others).execute(db.owner_pool()).await.unwrap();
    let mut reading = db.pool().acquire().await.unwrap();
    let of_others = OrderFilter { statuses: "2".parse().unwrap(), ..OrderFilter::default() };
    let held = |order: i64| holds(order, "pe") && (order - 1) % 4 == 1;
    let held: Vec<i64> = (1..=i64::try_from(ORDERS).unwrap()).rev().filter(|order| held(*order)).collect();
    for (sort_by, skip) in [(SortBy::CreatedAt, 0), (SortBy::Status, 0), (SortBy::CreatedAt, 20)] {
        let before = scans(&mut reading, "logistics_orders_pkey").await;
        let list = OrderList { filter: of_others.clone(), sort_by, skip, limit: 9, ..OrderList::default() };
        // Too short to be looked up.
        let told = list_orders(&mut reading, &LADORE, &searching(&list, "pe"), read_at(0)).await.unwrap();
        let ids: Vec<i64> = told.items.iter().map(|order| order.mintsoft_order_id).collect();
        let passed = usize::try_from(skip).unwrap();
        assert_eq!(ids, held[passed..passed + 9], "{sort_by:?}");
        assert_eq!((told.total, told.total_is_exact, told.next.is_some()), (skip + 10, false, true));
        let by_id = scans(&mut reading, "logistics_orders_pkey").await - before;
        assert!(by_id < 20_000, "those of some portions: {by_id}");
    }
}

#[tokio::test]
async fn within_a_transaction_the_portions_are_of_its_snapshot() {
    let db = TestDatabase::create().await;
    fill(&db).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let mut snapshot = reading.begin_with(BEGIN_SNAPSHOT).await.unwrap();
    let list = OrderList { sort_by: SortBy::CreatedAt, ..OrderList::default() };
    let ids = async |reading: &mut PgConnection, text| {
        let page = list_portion(reading, &LADORE, &searching(&list, text), read_at(0)).await.unwrap();
        page.items.iter().map(|order| order.mintsoft_order_id).collect::<Vec<_>>()
    };
    for text in ["pelo", "pe"] {
        let before = ids(&mut snapshot, text).await;
        assert_eq!(before.len(), ORDERS.div_ceil(7), "{text}");
        sqlx::raw_sql("update logistics_orders set search_text = ''").execute(db.owner_pool()).await.unwrap();
        assert_eq!(ids(&mut snapshot, text).await, before, "{text}");
    }
}

#[tokio::test]
async fn a_page_in_portions_leaves_no_transaction_open() {
    let db = TestDatabase::create().await;
    fill(&db).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let list = OrderList { sort_by: SortBy::CreatedAt, ..OrderList::default() };
    list_orders(&mut reading, &LADORE, &searching(&list, "pelo"), read_at(0)).await.unwrap();
    let state = "select current_setting('transaction_isolation'), current_setting('transaction_read_only')";
    let now: (String, String) = sqlx::query_as(state).fetch_one(&mut *reading).await.unwrap();
    assert_eq!(now, ("read committed".to_owned(), "off".to_owned()));
}
