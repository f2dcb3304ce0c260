//! Orders of a list as JSON: the bytes are those of the order's view, whatever the row holds, whether its text was cached, was so
//! of an older row, or was not.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use logistics_domain::order::facts::LinkBasis;
use logistics_domain::status::Tab;
use logistics_projections::orders::{
    AlsoFulfilled, Cancellation, CancellationState, DateField, Day, DayRange, OrderLine, OrderList,
    OrderText, OrderTextCache, OrderView, Page, SortBy, SortOrder, list_lines, list_orders,
};
use sqlx::{Connection as _, PgConnection};
use tokio::runtime::Builder;

use super::*;

/// Orders with and without whatever can be there or not, and with letters that JSON writes in its own way.
fn all_sorts() -> Vec<OrderRow> {
    let odd = "\"quoted\" \\ \u{1}\u{7f} ñandú \u{2028} 🚚 </script>";
    let cancellation = Cancellation {
        request_id: Uuid::from_u128(5),
        state: CancellationState::Refused,
        message: Some(odd.to_owned()),
        requested_by: "user:1".to_owned(),
        requested_at: minute(4) + TimeDelta::milliseconds(120),
    };
    let mut full = OrderRow {
        order_id: Some(i64::MAX),
        shop_order_name: Some(odd.to_owned()),
        link_basis: Some(LinkBasis::Name),
        mintsoft_order_number: odd.to_owned(),
        status: Some(odd.to_owned()),
        courier_service: Some(odd.to_owned()),
        courier_service_id: Some(12),
        tracking_number: Some("JD1;JD2".to_owned()),
        tracking_url: Some("HTTPS://courier.example/?a=1&b=%20".to_owned()),
        dispatched_at: Some(minute(2) + TimeDelta::microseconds(1)),
        estimated_delivery: Some(minute(3) + TimeDelta::milliseconds(7)),
        delivered_at: Some("0001-01-01T00:00:00Z".parse().unwrap()),
        weight_grams: Some(1),
        cancellation: Some(cancellation),
        standing: Standing { tab: Tab::Delivered, ..Standing::default() },
        observed_at: minute(-3) + TimeDelta::microseconds(123_456),
        updated_at: minute(9) + TimeDelta::microseconds(999_999),
        ..order(1)
    };
    full.order_data.items = vec![item(odd), item("LADORE_A")];
    full.order_data.details.zone = Some("Europe/London".to_owned());
    full.order_data.also_fulfils =
        vec![AlsoFulfilled { order_id: 9, name: odd.to_owned(), basis: LinkBasis::Name }];
    let due = |at| Standing { due_at: Some(at), ..Standing::default() };
    vec![
        full,
        OrderRow {
            status: None,
            status_id: None,
            ordered_at: None,
            num_parcels: None,
            weight_grams: None,
            vanished_at: Some(minute(8)),
            tracking_url: Some("javascript:alert(1)".to_owned()),
            ..order(2)
        },
        OrderRow { standing: due(minute(1)), ..order(3) },
        OrderRow { standing: due(minute(100_000)), estimated_delivery: Some(minute(100_000)), ..order(4) },
    ]
}

/// Memory without a limit, which does something when it is first asked for an order.
#[derive(Default)]
pub(super) struct Memory {
    texts: Mutex<HashMap<OrderStreamId, Arc<OrderText>>>,
    kept: Mutex<usize>,
    first: Mutex<Option<Box<dyn FnOnce() + Send>>>,
    noted: Mutex<(usize, usize)>,
    is_unlikely: bool,
    keeps_none: bool,
}

impl Memory {
    /// How many texts were written since it was asked last.
    fn written(&self) -> usize {
        std::mem::take(&mut self.kept.lock().unwrap())
    }
}

impl OrderTextCache for Memory {
    fn get(&self, id: OrderStreamId) -> Option<Arc<OrderText>> {
        if let Some(first) = self.first.lock().unwrap().take() {
            first();
        }
        self.texts.lock().unwrap().get(&id).cloned()
    }

    fn keep(&self, text: &Arc<OrderText>) {
        *self.kept.lock().unwrap() += 1;
        self.texts.lock().unwrap().insert(text.id, Arc::clone(text));
    }

    fn are_likely(&self, _list: &OrderList) -> bool {
        !self.is_unlikely
    }

    fn are_kept(&self) -> bool {
        !self.keeps_none
    }

    fn note(&self, _list: &OrderList, cache: usize, missing: usize) {
        *self.noted.lock().unwrap() = (cache, missing);
    }
}

fn json_of(line: &OrderLine) -> String {
    let mut json = Vec::new();
    line.write(&mut json).unwrap();
    String::from_utf8(json).unwrap()
}

/// Compares the list as JSON with the same list as views.
pub(super) async fn compare(
    db: &TestDatabase,
    list: &OrderList,
    at: i64,
    cache: Option<&dyn OrderTextCache>,
) -> Page<String> {
    let mut reading = db.pool().acquire().await.unwrap();
    let lines = list_lines(&mut reading, &LADORE, list, read_at(at), cache).await.unwrap();
    let views = list_orders(&mut reading, &LADORE, list, read_at(at)).await.unwrap();
    let view = |view: &OrderView| serde_json::to_string(view).unwrap();
    let views = Page {
        total: views.total,
        total_is_exact: views.total_is_exact,
        items: views.items.iter().map(view).collect::<Vec<_>>(),
        next: views.next,
        has_common_text: views.has_common_text,
        had_stale_facets: views.had_stale_facets,
    };
    let lines = Page {
        total: lines.total,
        total_is_exact: lines.total_is_exact,
        items: lines.items.iter().map(json_of).collect(),
        next: lines.next,
        has_common_text: lines.has_common_text,
        had_stale_facets: lines.had_stale_facets,
    };
    assert_eq!(lines, views, "{list:?}");
    lines
}

async fn run(db: &TestDatabase, sql: &str) {
    assert_eq!(sqlx::query(sql).execute(db.owner_pool()).await.unwrap().rows_affected(), 1, "{sql}");
}

/// Upstream was asked about the order, and nothing was new.
async fn check(db: &TestDatabase, order: &OrderRow, answered_at: &str) {
    let columns = "stream_id, tenant_id, via, asked_at, answered_at, describes_at";
    let values = format!("'{}', 7, 'recheck', '{answered_at}', '{answered_at}', '{answered_at}'", order.id.0);
    run(db, &format!("insert into order_checks ({columns}) values ({values})")).await;
}

/// Two orders at a time, in every sorting, of some days, further down, and searched.
fn lists() -> Vec<OrderList> {
    let by = [
        SortBy::UpdatedAt,
        SortBy::CreatedAt,
        SortBy::OrderedAt,
        SortBy::DispatchedAt,
        SortBy::MintsoftOrderNumber,
        SortBy::Status,
    ];
    let mut lists = vec![];
    for (sort_by, sort_order) in by.into_iter().flat_map(|by| [(by, SortOrder::Asc), (by, SortOrder::Desc)]) {
        let list = OrderList { sort_by, sort_order, limit: 2, ..OrderList::default() };
        lists.push(OrderList { skip: 1, limit: 3, ..list.clone() });
        for field in [DateField::OrderedAt, DateField::UpdatedAt] {
            let mut of_days = list.clone();
            let day = |instant: &str| Day { date: minute(0).date_naive(), instant: instant.parse().unwrap() };
            let (from, to) = (Some(day("2026-03-01T00:00:00Z")), Some(day("2026-03-02T00:00:00Z")));
            of_days.filter.days.set(field, DayRange { from, to });
            lists.push(of_days);
        }
        let mut of_some = list.clone();
        of_some.filter.linked = Some(false);
        lists.push(of_some);
        for text in ["ladore", "la"] {
            let mut searched = list.clone();
            searched.filter.search = Some(text.to_owned());
            lists.push(searched);
        }
        lists.push(list);
    }
    lists
}

#[tokio::test]
async fn a_line_is_written_as_the_view_of_its_order() {
    let db = TestDatabase::create().await;
    let rows = all_sorts();
    put_orders(db.pool(), &rows).await;
    check(&db, &rows[1], "2026-03-01T07:00:00.25Z").await;
    let memory = Memory::default();
    let none_kept = Memory { is_unlikely: true, keeps_none: true, ..Memory::default() };
    let mut followed = 0;
    for list in lists() {
        for cache in [None, Some(&memory as &dyn OrderTextCache), Some(&none_kept)] {
            let mut list = list.clone();
            while let Some(next) = compare(&db, &list, 10, cache).await.next {
                list = OrderList { after: Some(next), skip: 0, ..list };
                followed += 1;
            }
        }
    }
    assert!(followed > 100, "{followed}");
    assert_eq!(none_kept.written(), 0);
}

#[tokio::test]
async fn what_is_cached_is_not_read_again_and_yet_goes_by_the_clock_and_by_every_check() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &all_sorts()).await;
    let (list, memory) = (OrderList::default(), Memory::default());
    let early = compare(&db, &list, 0, Some(&memory)).await;
    assert_eq!(memory.written(), 4);
    let late = compare(&db, &list, 20, Some(&memory)).await;
    assert_eq!(memory.written(), 0);
    let are_late =
        |page: &Page<String>| page.items.iter().filter(|order| order.contains(r#""late":true"#)).count();
    assert_eq!((are_late(&early), are_late(&late)), (0, 1));
    check(&db, &all_sorts()[2], "2026-03-05T00:00:00Z").await;
    let checked = compare(&db, &list, 20, Some(&memory)).await;
    assert_eq!(memory.written(), 0);
    assert_eq!(checked.items.iter().filter(|order| order.contains(r#""via":"recheck""#)).count(), 1);
}

#[tokio::test]
async fn how_many_were_cached_is_noted_whether_they_are_asked_for_whole_or_not() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &all_sorts()).await;
    for is_unlikely in [false, true] {
        let memory = Memory { is_unlikely, ..Memory::default() };
        for (limit, noted) in [(1, (0, 1)), (4, (1, 3)), (4, (4, 0))] {
            let list = OrderList { limit, ..OrderList::default() };
            compare(&db, &list, 10, Some(&memory)).await;
            assert_eq!(*memory.noted.lock().unwrap(), noted, "{is_unlikely}");
        }
    }
}

#[tokio::test]
async fn a_row_that_was_written_anew_is_read_anew_also_without_an_event() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &all_sorts()).await;
    let (list, memory) = (OrderList::default(), Memory::default());
    for change in ["shop_order_name = 'another'", "mapping_version = mapping_version + 1"] {
        compare(&db, &list, 10, Some(&memory)).await;
        memory.written();
        run(&db, &format!("update logistics_orders set {change} where id = '{}'", all_sorts()[3].id.0)).await;
        compare(&db, &list, 10, Some(&memory)).await;
        assert_eq!(memory.written(), 1, "{change}");
    }
}

#[tokio::test]
async fn an_order_that_changes_while_its_text_is_read_does_not_stand_in_its_old_place() {
    for change in [
        "status = 'OTHER', version = version + 1, updated_at = updated_at + interval '1 day'",
        "withheld_reason = 'two prefixes fit'",
    ] {
        let db = TestDatabase::create().await;
        let rows: Vec<_> = (1..=5).map(order).collect();
        put_orders(db.pool(), &rows).await;
        let changing = format!("update logistics_orders set {change} where id = '{}'", rows[2].id.0);
        let url = db.url().to_owned();
        let change = async move {
            let mut other = PgConnection::connect(&url).await.unwrap();
            assert_eq!(sqlx::query(&changing).execute(&mut other).await.unwrap().rows_affected(), 1);
        };
        // The memory cannot wait, so another thread does.
        let first = || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            std::thread::spawn(move || runtime.block_on(change)).join().unwrap();
        };
        let memory = Memory { first: Mutex::new(Some(Box::new(first))), ..Memory::default() };
        compare(&db, &OrderList::default(), 10, Some(&memory)).await;
    }
}

#[tokio::test]
async fn a_text_is_of_one_tenant_whatever_else_its_row_shares_with_anothers() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &[order(1)]).await;
    let (list, memory) = (OrderList::default(), Memory::default());
    // One transaction writes both rows, so that nothing but the tenant tells them apart.
    let mut session = db.owner_pool().begin().await.unwrap();
    for tenant in [LADORE, OTHER] {
        let moving = sqlx::query("update logistics_orders set tenant_id = $1").bind(tenant.tenant().0);
        moving.execute(&mut *session).await.unwrap();
        let page = list_lines(&mut session, &tenant, &list, read_at(10), Some(&memory)).await.unwrap();
        assert_eq!((page.items.len(), memory.written()), (1, 1));
        let owner = format!(r#""tenant_id":{},"#, tenant.tenant().0);
        assert!(json_of(&page.items[0]).contains(&owner));
    }
}
