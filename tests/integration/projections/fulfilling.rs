//! Which orders fulfil a shop order besides another one: few do, and they are found by an index of those few.

use logistics_domain::order::facts::LinkBasis;
use logistics_projections::orders::{AlsoFulfilled, is_fulfilled, tied_to};

use super::*;

/// Orders that fulfil a shop order each, the last of which fulfils another one besides.
fn fulfilling() -> Vec<OrderRow> {
    let mut rows: Vec<_> =
        (1..=300).map(|number| OrderRow { order_id: Some(number), ..order(number) }).collect();
    rows[299].order_data.also_fulfils =
        vec![AlsoFulfilled { order_id: 501, name: "#501".to_owned(), basis: LinkBasis::Host }];
    rows
}

/// How the statement that was run with those words finds its rows, where it may avoid to read all.
async fn plan(pool: &PgPool, words: &str, values: &str) -> String {
    let mut connection = pool.acquire().await.unwrap();
    let find = "select name from pg_prepared_statements where position($1 in statement) > 0";
    let name: String = sqlx::query_scalar(find).bind(words).fetch_one(&mut *connection).await.unwrap();
    sqlx::query("set enable_seqscan = off").execute(&mut *connection).await.unwrap();
    let explain = format!("explain execute {name} ({values})");
    let lines: Vec<String> = sqlx::query_scalar(&explain).fetch_all(&mut *connection).await.unwrap();
    lines.join("\n")
}

#[tokio::test]
async fn orders_that_fulfil_further_shop_orders_are_found_by_their_index() {
    let db = TestDatabase::create_with(1).await;
    put_orders(db.pool(), &fulfilling()).await;
    sqlx::query("analyze logistics_orders").execute(db.owner_pool()).await.unwrap();

    let tied = tied_to(db.pool(), LADORE.tenant(), &[501]).await.unwrap();
    let found: Vec<_> = tied.iter().map(|one| (one.mintsoft_order_id, one.shop_order_id)).collect();
    assert_eq!(found, [(300, 501)]);
    assert!(is_fulfilled(db.pool(), LADORE.tenant(), 501).await.unwrap());
    assert!(!is_fulfilled(db.pool(), OTHER.tenant(), 501).await.unwrap());

    for (words, values) in
        [("'order_id')::bigint = any($2)", "7, '{501}'"), ("'order_id')::bigint = $2", "7, 501")]
    {
        let plan = plan(db.pool(), words, values).await;
        assert!(plan.contains("logistics_orders_also_fulfil"), "{plan}");
    }
}
