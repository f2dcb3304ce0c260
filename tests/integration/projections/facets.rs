//! Cached facets: lists that are chosen of them are those that the counters choose, and ask no counter.

use std::sync::Arc;

use logistics_domain::status::{Attention, Tab};
use logistics_projections::orders::{
    DateField, Day, DayRange, Facets, OrderFilter, OrderList, Page, SortBy, SortOrder, Terms, list_orders,
};
use sqlx::PgConnection;

use super::*;

/// Orders of many facets, two of each.
pub(super) fn all_sorts() -> Vec<OrderRow> {
    many_sorts(72, 60)
}

/// The same, so many of them, that many minutes after one another.
pub(super) fn many_sorts(orders: usize, minutes_apart: i64) -> Vec<OrderRow> {
    let statuses = [Some(("NEW", 1)), Some(("En Tránsito ÑU", 2)), Some(("new", 3)), None];
    let couriers = [Some(("Olva", 12)), Some(("ÖLVA", 13)), None];
    let tabs =
        [(Tab::InWarehouse, None), (Tab::InWarehouse, Some(Attention::OnHold)), (Tab::Delivered, None)];
    let one = |n: usize| {
        let (status, courier, (tab, attention)) = (statuses[n % 4], couriers[n / 2 % 3], tabs[n / 3 % 3]);
        let number = i64::try_from(n).unwrap() + 1;
        OrderRow {
            status: status.map(|(name, _)| name.to_owned()),
            status_id: status.map(|(_, id)| id),
            courier_service: courier.map(|(name, _)| name.to_owned()),
            courier_service_id: courier.map(|(_, id)| id),
            order_id: (n % 5 > 1).then_some(number),
            created_at: minute(number * minutes_apart),
            updated_at: minute(number * minutes_apart),
            dispatched_at: courier.map(|_| minute(number * minutes_apart)),
            ordered_at: Some(minute(number * minutes_apart)),
            standing: Standing { tab, attention, ..Standing::default() },
            ..order(number)
        }
    };
    (0..orders).map(one).collect()
}

pub(super) fn filters() -> Vec<OrderFilter> {
    let all = OrderFilter::default;
    let terms = |text: &str| text.parse::<Terms>().unwrap();
    let day = |instant: &str| Day { date: instant[..10].parse().unwrap(), instant: instant.parse().unwrap() };
    let days = |fields: &[DateField]| {
        let mut filter = OrderFilter { linked: Some(true), ..all() };
        let (from, to) = (Some(day("2026-03-02T00:00:00Z")), Some(day("2026-03-04T00:00:00Z")));
        for field in fields {
            filter.days.set(*field, DayRange { from, to });
        }
        filter
    };
    let searching = |text: &str| OrderFilter { search: Some(text.to_owned()), ..all() };
    let searched = searching("ladore");
    vec![
        all(),
        OrderFilter { statuses: terms("New"), ..all() },
        OrderFilter { statuses: terms("en tránsito ñu,3"), ..all() },
        OrderFilter { statuses: terms("unknown"), ..all() },
        OrderFilter { couriers: terms("ölva"), ..all() },
        OrderFilter { couriers: terms("12"), statuses: terms("1,2"), ..all() },
        OrderFilter { linked: Some(true), ..all() },
        OrderFilter { linked: Some(false), attention: Some(true), ..all() },
        OrderFilter { attention: Some(false), ..all() },
        OrderFilter { tabs: terms("delivered"), ..all() },
        OrderFilter { tabs: terms("in_warehouse,closed"), attention: Some(true), ..all() },
        OrderFilter { linked: Some(true), ..searched.clone() },
        searched,
        days(&[DateField::OrderedAt]),
        days(&[DateField::DispatchedAt]),
        days(&[DateField::CreatedAt]),
        days(&[DateField::UpdatedAt, DateField::OrderedAt]),
        OrderFilter { linked: None, ..days(&[DateField::OrderedAt]) },
        OrderFilter { linked: None, ..days(&[DateField::UpdatedAt]) },
        searching("ladore-7"),
        OrderFilter { linked: Some(true), ..searching("ladore-7") },
    ]
}

/// The pages of a list, up to three of them.
async fn pages(reading: &mut PgConnection, list: OrderList) -> Vec<Page<i64>> {
    told_pages(reading, list, false).await
}

/// The same, of which each was asked for anew if the facets are stale.
async fn told_pages(reading: &mut PgConnection, mut list: OrderList, are_stale: bool) -> Vec<Page<i64>> {
    let mut pages = vec![];
    while pages.len() < 3 {
        let page = list_orders(reading, &LADORE, &list, read_at(0)).await.unwrap();
        let Page { total, total_is_exact, items, next, has_common_text, had_stale_facets } = page;
        assert_eq!(had_stale_facets, are_stale, "{list:?}");
        let items = items.iter().map(|order| order.mintsoft_order_id).collect();
        let next_page = next.clone();
        pages.push(Page { total, total_is_exact, items, next, has_common_text, had_stale_facets: false });
        let next = next_page;
        if next.is_none() {
            break;
        }
        list.after = next;
    }
    pages
}

/// All of them.
pub(super) fn sortings() -> impl Iterator<Item = (SortBy, SortOrder)> {
    let by = [
        SortBy::UpdatedAt,
        SortBy::CreatedAt,
        SortBy::OrderedAt,
        SortBy::DispatchedAt,
        SortBy::MintsoftOrderNumber,
        SortBy::Status,
    ];
    by.into_iter().flat_map(|by| [(by, SortOrder::Asc), (by, SortOrder::Desc)])
}

pub(super) fn lists() -> impl Iterator<Item = OrderList> {
    sortings().flat_map(|(sort_by, sort_order)| {
        filters().into_iter().map(move |filter| OrderList {
            filter,
            sort_by,
            sort_order,
            limit: 5,
            ..OrderList::default()
        })
    })
}

pub(super) async fn told(reading: &mut PgConnection, scope: &TenantScope) -> Arc<Facets> {
    Arc::new(Facets::read(reading, scope).await.unwrap().unwrap())
}

#[tokio::test]
async fn lists_are_the_same_with_cached_facets_and_ask_no_counters_for_them() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &all_sorts()).await;
    reach(&db, 72).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let facets = told(&mut reading, &LADORE).await;
    let mut expected = vec![];
    for list in lists() {
        let counted = pages(&mut reading, list.clone()).await;
        let chosen = pages(&mut reading, OrderList { facets: Some(facets.clone()), ..list.clone() }).await;
        assert_eq!(chosen, counted, "{list:?}");
        expected.push(counted);
    }
    let found = expected.iter().filter(|pages| !pages[0].items.is_empty()).count();
    assert!(found > expected.len() / 2, "{found} of {}", expected.len());

    for table in ["logistics_order_counts", "logistics_order_count_changes"] {
        sqlx::raw_sql(&format!("delete from {table}")).execute(db.owner_pool()).await.unwrap();
    }
    for (list, expected) in lists().zip(&expected) {
        if list.filter.days.given().next().is_some() {
            continue;
        }
        let chosen = pages(&mut reading, OrderList { facets: Some(facets.clone()), ..list.clone() }).await;
        assert_eq!(&chosen, expected, "{list:?}");
    }
}

/// Has the tenant's ledger reach so far.
pub(super) async fn reach(db: &TestDatabase, next_position: i64) {
    let reached = "insert into ledger_heads (tenant_id, next_position) values ($1, $2) \
         on conflict (tenant_id) do update set next_position = excluded.next_position";
    let reached = sqlx::query(reached).bind(LADORE.tenant().0).bind(next_position);
    reached.execute(db.owner_pool()).await.unwrap();
}

#[tokio::test]
async fn a_page_misses_no_order_that_became_of_another_facet_since() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &all_sorts()).await;
    reach(&db, 10).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let facets = told(&mut reading, &LADORE).await;
    let of_none_before =
        |row: OrderRow| OrderRow { courier_service: Some("DPD".to_owned()), version: 2, ..row };
    put_orders(db.pool(), &all_sorts().into_iter().map(of_none_before).collect::<Vec<_>>()).await;
    reach(&db, 11).await;
    for list in lists() {
        let counted = pages(&mut reading, list.clone()).await;
        let stale = OrderList { facets: Some(facets.clone()), ..list.clone() };
        let chosen = told_pages(&mut reading, stale, true).await;
        assert_eq!(chosen, counted, "{list:?}");
    }

    // A rebuild has others counted, and writes no event.
    let facets = told(&mut reading, &LADORE).await;
    let of_all = OrderList { facets: Some(facets), sort_by: SortBy::CreatedAt, ..OrderList::default() };
    assert_eq!(pages(&mut reading, of_all.clone()).await[0].total, 72);
    sqlx::raw_sql(
        "update logistics_order_generation set generation = 2; \
         select recount_logistics_orders('logistics_orders', 2, null); \
         update logistics_order_counts set orders = orders + 1 where generation = 2",
    )
    .execute(db.owner_pool())
    .await
    .unwrap();
    let counted_anew = told_pages(&mut reading, of_all, true).await;
    assert_ne!(counted_anew[0].total, 72, "those counters are read now");
}

#[tokio::test]
async fn facets_of_another_tenant_choose_nothing() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &all_sorts()).await;
    let theirs = OrderRow { tenant_id: OTHER.tenant(), ..order(900) };
    put_orders(db.pool(), &[theirs]).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let facets = told(&mut reading, &OTHER).await;
    for list in lists() {
        let counted = pages(&mut reading, list.clone()).await;
        let with_theirs =
            pages(&mut reading, OrderList { facets: Some(facets.clone()), ..list.clone() }).await;
        assert_eq!(with_theirs, counted, "{list:?}");
    }
}

#[tokio::test]
async fn of_very_many_facets_none_are_told() {
    let db = TestDatabase::create().await;
    let of = |n: i64| OrderRow { status: Some(format!("STATUS {n}")), ..order(n) };
    put_orders(db.pool(), &(1..=1000).map(of).collect::<Vec<_>>()).await;
    let mut reading = db.pool().acquire().await.unwrap();
    assert!(Facets::read(&mut reading, &LADORE).await.unwrap().is_some());
    put_orders(db.pool(), &[of(1001)]).await;
    assert!(Facets::read(&mut reading, &LADORE).await.unwrap().is_none());
}
