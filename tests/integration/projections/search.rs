//! Searches: that any part of a text finds its order, how it is looked up, and what is done where it is too common.

use logistics_projections::orders::{
    OrderFilter, OrderList, SortBy, SortOrder, list_orders, note_common_pieces,
};
use logistics_projections::recipients::Recipient;
use sqlx::PgConnection;

use super::*;

fn searching(text: &str) -> OrderList {
    let filter = OrderFilter { search: Some(text.into()), ..OrderFilter::default() };
    OrderList { filter, ..OrderList::default() }
}

/// The Mintsoft ids of a list, smallest first, and its total where it is exact.
async fn found(reading: &mut PgConnection, list: &OrderList) -> (Vec<i64>, Option<i64>) {
    let page = list_orders(reading, &LADORE, list, read_at(0)).await.unwrap();
    let mut ids: Vec<i64> = page.items.iter().map(|order| order.mintsoft_order_id).collect();
    ids.sort_unstable();
    (ids, page.total_is_exact.then_some(page.total))
}

async fn run(db: &TestDatabase, sql: &str) {
    sqlx::raw_sql(sql).execute(db.owner_pool()).await.unwrap();
}

/// Orders with digits at the beginning, in the middle and at the end of what is searched for, in rows of two to twelve.
fn numbered() -> Vec<OrderRow> {
    let order = |n, number: &str, shop: &str, tracking: &str| OrderRow {
        mintsoft_order_number: number.into(),
        shop_order_name: Some(shop.into()),
        tracking_number: Some(tracking.into()),
        ..order(n)
    };
    vec![
        order(1, "Ladore-777123", "#777123", "JD000060999177"),
        order(2, "Ladore-77712", "#77712", "JD000060999178-1"),
        order(3, "12-Añil-345", "12345", "1Z999AA10123456784"),
        order(4, "Ladore-1234567", "ñ1234ñ123", "00340434161094042557"),
    ]
}

/// Every part of a text of three letters or more.
fn parts(text: &str) -> impl Iterator<Item = String> {
    let letters: Vec<char> = text.chars().collect();
    let ends = (0..letters.len()).flat_map(move |from| (from + 3..=letters.len()).map(move |to| (from, to)));
    let letters: Vec<char> = text.chars().collect();
    ends.map(move |(from, to)| letters[from..to].iter().collect())
}

#[tokio::test]
async fn every_part_of_a_text_finds_all_that_have_it() {
    let db = TestDatabase::create().await;
    let rows = numbered();
    put_orders(db.pool(), &rows).await;
    let phone = "51999123456@mail.pe".to_owned();
    let recipient = Recipient { email: Some(phone.clone()), ..Recipient::default() };
    change_recipient(db.pool(), rows[1].id, &put(&rows[1], 1, recipient)).await;

    let mut texts: Vec<String> = rows.iter().map(OrderRow::search_text).collect();
    texts[1].push_str(&phone);
    let lines: Vec<String> = texts.iter().flat_map(|text| text.lines().map(str::to_owned)).collect();
    let mut reading = db.pool().acquire().await.unwrap();
    let mut looked_for = 0;
    for part in lines.iter().flat_map(|line| parts(line)) {
        let holding: Vec<i64> =
            (1..).zip(&texts).filter(|(_, text)| text.contains(&part)).map(|(n, _)| n).collect();
        let total = i64::try_from(holding.len()).unwrap();
        assert_eq!(found(&mut reading, &searching(&part)).await, (holding, Some(total)), "{part}");
        looked_for += 1;
    }
    assert!(looked_for > 700, "{looked_for}");
    for absent in ["777124", "7771234", "124", "añil-3456"] {
        assert_eq!(found(&mut reading, &searching(absent)).await, (vec![], Some(0)), "{absent}");
    }
}

/// The order number, and the recipient's name and address in letters that others write otherwise.
fn with_accents() -> (OrderRow, Recipient) {
    let order = OrderRow { mintsoft_order_number: "12-AÑIL-345".into(), ..order(1) };
    let (name, email) = ("José Pérez Muñoz-ΓΙΏΡΓΟΣ", "JOSÉ@mail.pe");
    (order, Recipient { name: Some(name.into()), email: Some(email.into()), ..Recipient::default() })
}

/// As it is written, and as others write it, the last with its accents apart.
const WITH_ACCENTS: [&str; 7] =
    ["José Pérez", "jose perez", "PÉREZ MUNOZ", "ΓΙΩΡΓΟΣ", "josé@MAIL", "12-anil", "añil-3\u{301}45"];

#[tokio::test]
async fn a_search_finds_letters_whatever_their_case_and_accents() {
    let db = TestDatabase::create().await;
    let (order, recipient) = with_accents();
    put_orders(db.pool(), std::slice::from_ref(&order)).await;
    change_recipient(db.pool(), order.id, &put(&order, 1, recipient)).await;
    let mut reading = db.pool().acquire().await.unwrap();
    for text in WITH_ACCENTS {
        assert_eq!(found(&mut reading, &searching(text)).await, (vec![1], Some(1)), "{text}");
    }
    assert_eq!(found(&mut reading, &searching("peres")).await, (vec![], Some(0)));
}

#[tokio::test]
async fn texts_of_versions_that_kept_accents_are_made_alike() {
    let db = TestDatabase::create().await;
    let (order, recipient) = with_accents();
    put_orders(db.pool(), std::slice::from_ref(&order)).await;
    let (name, email) = (recipient.name.clone().unwrap(), recipient.email.clone().unwrap());
    change_recipient(db.pool(), order.id, &put(&order, 1, recipient)).await;
    let texts = async || -> Vec<String> {
        let texts = "select search_text from logistics_orders union all select search_text from logistics_order_searches \
             union all select search_text from logistics_order_recipients";
        sqlx::query_scalar(texts).fetch_all(db.owner_pool()).await.unwrap()
    };
    let made = texts().await;
    for (table, text) in [
        ("logistics_orders", order.mintsoft_order_number.to_lowercase()),
        ("logistics_order_searches", order.mintsoft_order_number.to_lowercase()),
        ("logistics_order_recipients", format!("{}\n{}", name.to_lowercase(), email.to_lowercase())),
    ] {
        run(&db, &format!("update {table} set search_text = '{text}\n'")).await;
    }
    assert_ne!(texts().await, made);
    run(&db, include_str!("../../../migrations/20261127040000_fill_folded_searches.sql")).await;
    assert_eq!(texts().await, made);
}

/// How often each of the tables with texts was read from its beginning to its end.
async fn read_whole(reading: &mut PgConnection) -> Vec<i64> {
    sqlx::query("select pg_stat_force_next_flush()").execute(&mut *reading).await.unwrap();
    sqlx::query_scalar(
        "select seq_scan from pg_stat_user_tables \
         where relname in ('logistics_order_searches', 'logistics_order_recipients') order by relname",
    )
    .fetch_all(reading)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_text_is_looked_up_over_its_pieces_however_few_orders_there_were_when_that_was_planned() {
    let db = TestDatabase::create().await;
    let mut reading = db.pool().acquire().await.unwrap();
    let read_before = read_whole(&mut reading).await;
    assert_eq!(found(&mut reading, &searching("777123")).await.0, [] as [i64; 0]);
    put_orders(db.pool(), &numbered()).await;
    for text in ["777123", "777", "ladore"] {
        assert!(!found(&mut reading, &searching(text)).await.0.is_empty(), "{text}");
    }
    assert_eq!(read_whole(&mut reading).await, read_before, "no search goes through a table");
}

#[tokio::test]
async fn the_servers_statistics_tell_which_pieces_are_common() {
    let db = TestDatabase::create().await;
    assert_eq!(note_common_pieces(db.pool()).await.unwrap(), 0, "there are no statistics yet");
    put_orders(db.pool(), &(1..=400).map(order).collect::<Vec<_>>()).await;
    run(&db, "vacuum analyze logistics_order_searches").await;
    assert_eq!(note_common_pieces(db.pool()).await.unwrap(), 0, "so few might tell a name");
    put_orders(db.pool(), &(401..=600).map(order).collect::<Vec<_>>()).await;
    run(&db, "vacuum analyze logistics_order_searches").await;
    assert!(note_common_pieces(db.pool()).await.unwrap() > 0);
    assert_eq!(note_common_pieces(db.pool()).await.unwrap(), 0, "nothing changed since");
    let (texts, recipients): (f32, f32) = sqlx::query_as(
        "select in_orders, in_recipients from logistics_common_pieces where piece = (search_pieces(7, 'ladore'))[1]",
    )
    .fetch_one(db.owner_pool())
    .await
    .unwrap();
    assert_eq!((texts, recipients), (600.0, 0.0), "all begin with it");

    run(&db, "update logistics_order_searches set search_text = 'kallpa' || substr(search_text, 7)").await;
    run(&db, "vacuum analyze logistics_order_searches").await;
    assert!(note_common_pieces(db.pool()).await.unwrap() > 0);
    let left: i64 = sqlx::query_scalar(
        "select count(*) from logistics_common_pieces where piece = (search_pieces(7, 'ladore'))[1]",
    )
    .fetch_one(db.owner_pool())
    .await
    .unwrap();
    assert_eq!(left, 0, "none has it any more");
}

#[tokio::test]
async fn a_text_of_common_pieces_is_looked_for_along_the_list_and_then_looked_up() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &(1..=60).map(order).collect::<Vec<_>>()).await;
    run(
        &db,
        "insert into logistics_common_pieces \
         select distinct unnest(search_pieces(7, 'ladore-12')), 1000000000, 0",
    )
    .await;
    let mut reading = db.pool().acquire().await.unwrap();
    let looked_up: Option<Vec<Uuid>> =
        sqlx::query_scalar("select find_orders_by_text(7, 'ladore-12', 5000, false)")
            .fetch_one(&mut *reading)
            .await
            .unwrap();
    assert_eq!(looked_up, None, "its pieces are common");

    let common = OrderList { limit: 10, ..searching("ladore-") };
    let page = found(&mut reading, &common).await;
    assert_eq!(page, ((51..=60).collect(), None), "the newest ten, of nobody knows how many");
    for sort_by in [SortBy::UpdatedAt, SortBy::CreatedAt, SortBy::Status] {
        let rare = OrderList { sort_by, ..searching("ladore-12") };
        assert_eq!(found(&mut reading, &rare).await, (vec![12], Some(1)), "{sort_by:?}");
        let absent = OrderList { sort_by, ..searching("ladore-99") };
        assert_eq!(found(&mut reading, &absent).await, (vec![], Some(0)), "{sort_by:?}");
    }
    let told = async |reading: &mut PgConnection, list: &OrderList| {
        list_orders(reading, &LADORE, list, read_at(0)).await.unwrap().has_common_text
    };
    assert!(told(&mut reading, &common).await, "its pieces are");
    for list in [&common, &searching("ladore-12"), &searching("ladore-99")] {
        let known = OrderList { has_common_text: true, ..list.clone() };
        assert_eq!(found(&mut reading, &known).await, found(&mut reading, list).await, "{list:?}");
        assert!(!told(&mut reading, &known).await, "it was not asked");
    }
    run(&db, "delete from logistics_common_pieces").await;
    assert!(!told(&mut reading, &common).await);
    let known = OrderList { has_common_text: true, ..common.clone() };
    assert_eq!(found(&mut reading, &known).await, page, "what is not common any more is found all the same");
    let counted = orders::count_orders(&mut reading, &LADORE, &common.filter).await.unwrap();
    assert_eq!((counted.total, counted.is_exact), (60, true), "counts look it up");
}

#[tokio::test]
async fn each_order_along_the_list_is_asked_for_its_recipient_by_hash() {
    let db = TestDatabase::create().await;
    let rows: Vec<OrderRow> = (1..=300).map(order).collect();
    put_orders(db.pool(), &rows).await;
    for row in &rows {
        let recipient = Recipient { name: Some("Rosa Quispe".to_owned()), ..Recipient::default() };
        change_recipient(db.pool(), row.id, &put(row, 1, recipient)).await;
    }
    run(&db, "vacuum analyze logistics_order_recipients").await;
    let common =
        "insert into logistics_common_pieces select distinct unnest(search_pieces(7, 'rosa')), 0, 1000000000";
    run(&db, common).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let before = scans(&mut reading, "logistics_order_recipients_order").await;
    let list = OrderList { limit: 10, ..searching("rosa") };
    assert_eq!(found(&mut reading, &list).await, ((291..=300).collect(), None));
    let asked = scans(&mut reading, "logistics_order_recipients_order").await - before;
    assert_eq!(asked, 11, "those of the page, and one more");
}

#[tokio::test]
async fn which_tenant_reads_recipients_is_asked_once_a_statement() {
    let db = TestDatabase::create().await;
    let mut reading = db.owner_pool().begin().await.unwrap();
    sqlx::raw_sql("set local role ledger_reader; set local ledger.tenant = '7'")
        .execute(&mut *reading)
        .await
        .unwrap();
    let plan: Vec<String> = sqlx::query_scalar("explain select from logistics_order_recipients")
        .fetch_all(&mut *reading)
        .await
        .unwrap();
    let filter = plan.iter().find(|line| line.contains("Filter")).unwrap();
    assert!(!filter.contains("current_setting"), "{plan:?}");
}

#[tokio::test]
async fn many_orders_at_the_end_of_a_list_are_looked_up_rather_than_walked_to() {
    let db = TestDatabase::create().await;
    let old = |n| OrderRow { mintsoft_order_number: format!("kallpa-{n}"), ..order(n) };
    put_orders(db.pool(), &(1..=5_100).map(old).collect::<Vec<_>>()).await;
    put_orders(db.pool(), &(5_101..=7_200).map(order).collect::<Vec<_>>()).await;
    let common = "insert into logistics_common_pieces select distinct unnest(search_pieces(7, 'kallpa-')), 1000000000, 0";
    run(&db, common).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let list = OrderList { limit: 10, ..searching("kallpa-") };
    assert_eq!(found(&mut reading, &list).await, ((5_091..=5_100).collect(), Some(5_100)));
}

#[tokio::test]
async fn what_was_found_is_read_once_whatever_it_is_sorted_and_filtered_by() {
    let db = TestDatabase::create().await;
    let of_status =
        |n| OrderRow { status: Some(format!("STATUS {}", n % 5)), status_id: Some(1), ..order(n) };
    put_orders(db.pool(), &(1..=20).map(of_status).collect::<Vec<_>>()).await;
    let mut reading = db.pool().acquire().await.unwrap();
    for sort_by in [SortBy::UpdatedAt, SortBy::DispatchedAt, SortBy::Status] {
        for (statuses, expected) in [("", 20), ("status 1,status 2,status 3", 12)] {
            let mut list = OrderList { sort_by, limit: 3, ..searching("ladore") };
            list.filter.statuses = statuses.parse().unwrap();
            let before = read_by_id(&mut reading).await;
            assert_eq!(found(&mut reading, &list).await.1, Some(expected), "{sort_by:?}");
            let read = read_by_id(&mut reading).await - before;
            assert!(read <= 20 + 4, "each of the 20, and those of the page: {read}, {sort_by:?}");
        }
    }
}

#[tokio::test]
async fn of_thousands_a_page_is_met_along_the_list_and_the_total_leaves_out_what_is_not_shown() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &(1..=2_300).map(order).collect::<Vec<_>>()).await;
    let withheld =
        "update logistics_orders set withheld_reason = 'other_brand' where mintsoft_order_id % 100 = 0";
    run(&db, withheld).await;
    let mut reading = db.pool().acquire().await.unwrap();
    let list = OrderList { limit: 10, ..searching("ladore") };
    let before = read_by_id(&mut reading).await;
    assert_eq!(found(&mut reading, &list).await, ((2_290..=2_299).collect(), Some(2_277)));
    let read = read_by_id(&mut reading).await - before;
    assert!(read <= 11, "those of the page: {read}");

    let oldest = OrderList { sort_order: SortOrder::Asc, ..list.clone() };
    assert_eq!(found(&mut reading, &oldest).await, ((1..=10).collect(), Some(2_277)));
    for (limit, first, held) in [(10, 2_290, 10), (11, 229, 11), (12, 229, 11)] {
        let list = OrderList { limit, ..searching("ladore-229") };
        let (ids, total) = found(&mut reading, &list).await;
        assert_eq!((ids[0], ids.len(), total), (first, held, Some(11)), "a page or less, or more");
    }
    let nobodys = OrderList { limit: 10, ..searching("ladore-2300") };
    assert_eq!(found(&mut reading, &nobodys).await, (vec![], Some(0)), "it is not shown");
}

#[tokio::test]
async fn what_stands_beyond_where_a_page_is_met_is_read_by_its_ids() {
    let db = TestDatabase::create().await;
    put_orders(db.pool(), &(1..=2_100).map(order).collect::<Vec<_>>()).await;
    // As if many newer orders of others stood before them.
    run(
        &db,
        "create temporary table others as select other.* from logistics_orders o cross join generate_series(1, 21000) n \
         cross join jsonb_populate_record(o, jsonb_build_object( \
           'id', gen_random_uuid(), 'mintsoft_order_id', 10000 + n, 'updated_at', o.updated_at + interval '1 year')) other \
         where o.mintsoft_order_id = 1; \
         alter table others drop column ordered_day; \
         insert into logistics_orders select * from others",
    )
    .await;
    let mut reading = db.pool().acquire().await.unwrap();
    let list = OrderList { limit: 10, ..searching("ladore") };
    assert_eq!(found(&mut reading, &list).await, ((2_091..=2_100).collect(), Some(2_100)));
}

/// How often an order was read by its id.
async fn read_by_id(reading: &mut PgConnection) -> i64 {
    scans(reading, "logistics_orders_pkey").await
}

/// How often an index was read.
pub(super) async fn scans(reading: &mut PgConnection, index: &str) -> i64 {
    sqlx::query("select pg_stat_force_next_flush()").execute(&mut *reading).await.unwrap();
    sqlx::query_scalar("select idx_scan from pg_stat_user_indexes where indexrelname = $1")
        .bind(index)
        .fetch_one(reading)
        .await
        .unwrap()
}
