//! What is asked: each case as a path of the API, and as the plain SQL that gives the same orders and the same total.

use std::sync::Arc;

use logistics_ledger::api::cursor_of;
use logistics_projections::orders::{Key, OrderList, Position};
use serde_json::Value;
use uuid::Uuid;

use crate::TENANT;
use crate::http::Site;
use crate::scattered::{instant, one_of, scattered, some_combination, some_days, some_filter};

/// A question. Its numbers make it a different one each time, where that is its nature.
#[derive(Clone)]
pub struct Case {
    pub name: &'static str,
    pub path: Arc<dyn Fn(usize) -> String + Send + Sync>,
    pub sql: Arc<dyn Fn(usize) -> Vec<(&'static str, String)> + Send + Sync>,
}

macro_rules! page {
    ($conditions:literal, $sorting:literal) => {
        concat!(
            "select o.*, c.answered_at, c.via, m.last_synced_at from logistics_orders o \
             left join order_checks c on c.stream_id = o.id left join logistics_config m on m.tenant_id = o.tenant_id and coalesce(m.home_account_id, m.account_id) = o.account_id \
             where o.tenant_id = 7 and o.withheld_reason is null and $1::text is not null and ",
            $conditions, " order by ", $sorting, " limit 51"
        )
    };
}

macro_rules! total {
    ($conditions:literal) => {
        concat!(
            "select sum(c.orders) from logistics_order_counts c join logistics_order_facets f using (tenant_id, facet) \
             join logistics_order_generation using (generation) \
             where tenant_id = 7 and field = 'all' and day = '-infinity' and $1::text is not null and ",
            $conditions
        )
    };
}

macro_rules! total_in_days {
    ($field:literal, $from:literal, $to:literal) => {
        concat!(
            "select sum(c.orders) from logistics_order_counts c join logistics_order_generation using (generation) \
             where tenant_id = 7 and $1::text is not null and field = '",
            $field, "' and day between '", $from, "' and '", $to, "'"
        )
    };
}

fn fixed(name: &'static str, query: &str, sql: &[&'static str]) -> Case {
    let (path, sql) = (format!("/logistics/orders{query}"), sql.to_vec());
    Case {
        name,
        path: Arc::new(move |_| path.clone()),
        sql: Arc::new(move |_| sql.iter().map(|sql| (*sql, String::new())).collect()),
    }
}

/// All cases over so many orders, of which these ids are some.
pub async fn cases(site: &Site, orders: i64, ids: &[Uuid]) -> Vec<Case> {
    let mut caller = site.caller().await;
    let half = format!("/logistics/orders?limit=1&skip={}", orders / 2);
    let page: Value = serde_json::from_slice(caller.get(&half).await).unwrap();
    let deep = page["next_cursor"].as_str().unwrap().to_owned();
    let place = page["items"][0]["updated_at"].as_str().unwrap().to_owned();
    let (ids, ids_again) = (ids.to_vec(), ids.to_vec());

    let number = Case {
        name: "search: an order number",
        path: Arc::new(move |number| {
            format!("/logistics/orders?search=ladore-{}", scattered(number, orders))
        }),
        sql: Arc::new(move |number| {
            vec![(
                page!(
                    "o.id in (select unnest(find_orders_by_text(7, $1, 5000, false)))",
                    "o.updated_at desc, o.id desc"
                ),
                format!("ladore-{}", scattered(number, orders)),
            )]
        }),
    };
    let mail = Case {
        name: "search: an e-mail address",
        path: Arc::new(move |number| {
            format!("/logistics/orders?search=cliente{}@ex", scattered(number, orders))
        }),
        sql: Arc::new(move |number| {
            vec![(
                page!(
                    "o.id in (select unnest(find_orders_by_text(7, $1, 5000, false)))",
                    "o.updated_at desc, o.id desc"
                ),
                format!("cliente{}@ex", scattered(number, orders)),
            )]
        }),
    };
    let tracking = Case {
        name: "search: a tracking number",
        path: Arc::new(move |number| {
            format!("/logistics/orders?search=jd{:012}", (scattered(number, orders) * 7919) % 10_000_000_000)
        }),
        sql: Arc::new(move |number| {
            vec![(
                page!(
                    "o.id in (select unnest(find_orders_by_text(7, $1, 5000, false)))",
                    "o.updated_at desc, o.id desc"
                ),
                format!("jd{:012}", (scattered(number, orders) * 7919) % 10_000_000_000),
            )]
        }),
    };
    let at_depth = Case {
        name: "a page half way down, by cursor",
        path: Arc::new(move |_| format!("/logistics/orders?cursor={deep}")),
        sql: Arc::new(move |_| {
            vec![
                (page!("o.updated_at < $1::timestamptz", "o.updated_at desc, o.id desc"), place.clone()),
                (total!("true"), String::new()),
            ]
        }),
    };
    let anywhere = Case {
        name: "a page anywhere, by cursor",
        path: Arc::new(move |number| {
            let key = Key::Instant(Some(instant(number, orders)));
            let place = Position { key, id: Uuid::max() };
            format!("/logistics/orders?cursor={}", cursor_of(TENANT, &OrderList::default(), &place))
        }),
        sql: Arc::new(move |number| {
            vec![
                (
                    page!("o.updated_at < $1::timestamptz", "o.updated_at desc, o.id desc"),
                    instant(number, orders).to_rfc3339(),
                ),
                (total!("true"), String::new()),
            ]
        }),
    };
    let filters = Case {
        name: "a filter, another one each time",
        path: Arc::new(some_filter),
        sql: Arc::new(|_| vec![]),
    };
    let combinations = Case {
        name: "anything together, another each time",
        path: Arc::new(some_combination),
        sql: Arc::new(|_| vec![]),
    };
    let days =
        Case { name: "some days, others each time", path: Arc::new(some_days), sql: Arc::new(|_| vec![]) };
    let detail = Case {
        name: "one order",
        path: Arc::new(move |number| format!("/logistics/orders/{}", one_of(number, &ids))),
        sql: Arc::new(move |number| {
            let id = one_of(number, &ids_again).to_string();
            vec![(
                "select o.*, c.answered_at, c.via, m.last_synced_at, r.* from logistics_orders o \
                   left join order_checks c on c.stream_id = o.id left join logistics_config m on m.tenant_id = o.tenant_id and coalesce(m.home_account_id, m.account_id) = o.account_id \
                   left join logistics_order_recipients r on r.logistics_order_id = o.id \
                   where o.id = $1::uuid and o.tenant_id = 7 and o.withheld_reason is null",
                id,
            )]
        }),
    };
    vec![
        fixed("the newest page", "", &[page!("true", "o.updated_at desc, o.id desc"), total!("true")]),
        fixed(
            "a rare status, by another column",
            "?status=ONHOLD&sort_by=created_at&sort_order=asc",
            &[page!("o.status = 'ONHOLD'", "o.created_at, o.id"), total!("f.status = 'ONHOLD'")],
        ),
        fixed(
            "several statuses",
            "?status=NEW,PICKED,CANCELLED&sort_by=ordered_at",
            &[
                page!("o.status in ('NEW', 'PICKED', 'CANCELLED')", "o.ordered_at desc, o.id desc"),
                total!("f.status in ('NEW', 'PICKED', 'CANCELLED')"),
            ],
        ),
        fixed(
            "courier and linked",
            "?courier=Olva&linked=true&sort_by=dispatched_at",
            &[
                page!(
                    "o.courier_service = 'Olva' and o.order_id is not null",
                    "o.dispatched_at desc nulls last, o.id desc"
                ),
                total!("f.courier_service = 'Olva' and f.linked"),
            ],
        ),
        fixed(
            "a tab",
            "?tab=on_the_way",
            &[page!("o.tab = 'on_the_way'", "o.updated_at desc, o.id desc"), total!("f.tab = 'on_the_way'")],
        ),
        fixed(
            "a month, sorted by it",
            "?ordered_from=2025-06-01&ordered_to=2025-06-30&sort_by=ordered_at",
            &[
                page!(
                    "o.ordered_at >= '2025-06-01 05:00Z' and o.ordered_at < '2025-07-01 05:00Z'",
                    "o.ordered_at desc, o.id desc"
                ),
                total_in_days!("ordered_at", "2025-06-01", "2025-06-30"),
            ],
        ),
        fixed(
            "three days, sorted by another column",
            "?ordered_from=2025-06-01&ordered_to=2025-06-03",
            &[
                page!(
                    "o.ordered_at >= '2025-06-01 05:00Z' and o.ordered_at < '2025-06-04 05:00Z'",
                    "o.updated_at desc, o.id desc"
                ),
                total_in_days!("ordered_at", "2025-06-01", "2025-06-03"),
            ],
        ),
        fixed(
            "a month, sorted by another column",
            "?ordered_from=2025-06-01&ordered_to=2025-06-30",
            &[
                page!(
                    "o.ordered_at >= '2025-06-01 05:00Z' and o.ordered_at < '2025-07-01 05:00Z'",
                    "o.updated_at desc, o.id desc"
                ),
                total_in_days!("ordered_at", "2025-06-01", "2025-06-30"),
            ],
        ),
        fixed(
            "a year, sorted by another column",
            "?ordered_from=2025-01-01&ordered_to=2025-12-31&sort_by=mintsoft_order_number",
            &[
                page!(
                    "o.ordered_at >= '2025-01-01 05:00Z' and o.ordered_at < '2026-01-01 05:00Z'",
                    "o.number_key desc, o.id desc"
                ),
                total_in_days!("ordered_at", "2025-01-01", "2025-12-31"),
            ],
        ),
        number,
        mail,
        tracking,
        fixed(
            "search: a common name",
            "?search=rosa",
            &[page!(
                "exists (select from logistics_order_recipients r where r.logistics_order_id = o.id and r.search_text like '%rosa%')",
                "o.updated_at desc, o.id desc"
            )],
        ),
        fixed(
            "search: a common name, of a courier, by another column",
            "?search=rosa&courier=Olva&sort_by=created_at",
            &[page!(
                "o.courier_service = 'Olva' and exists (select from logistics_order_recipients r where r.logistics_order_id = o.id and r.search_text like '%rosa%')",
                "o.created_at desc, o.id desc"
            )],
        ),
        fixed(
            "search: a common name, of a month",
            "?search=rosa&ordered_from=2025-06-01&ordered_to=2025-06-30",
            &[page!(
                "o.ordered_at >= '2025-06-01 05:00Z' and o.ordered_at < '2025-07-01 05:00Z' and exists (select from logistics_order_recipients r where r.logistics_order_id = o.id and r.search_text like '%rosa%')",
                "o.updated_at desc, o.id desc"
            )],
        ),
        at_depth,
        anywhere,
        filters,
        days,
        combinations,
        fixed("counts by status and tab", "/counts", &[total!("true")]),
        detail,
    ]
}
