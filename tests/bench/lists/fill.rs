//! Fills the read tables of one tenant as polls would have left them, past the ledger, with the counters that belong to them.

use sqlx::{Connection as _, Executor as _, PgConnection};

use crate::database::TestDatabase;

/// The tables whose indexes are made once the rows are there.
const FILLED: [&str; 3] = ["logistics_orders", "logistics_order_recipients", "logistics_order_searches"];

/// Fills in so many orders.
pub async fn fill(database: &TestDatabase, orders: i64) {
    let mut connection = PgConnection::connect(database.url()).await.unwrap();
    let indexes: Vec<(String, String)> = sqlx::query_as(
        "select indexname::text, indexdef from pg_indexes where tablename = any($1) and indexname not like '%_pkey'",
    )
    .bind(FILLED.map(ToOwned::to_owned))
    .fetch_all(&mut connection)
    .await
    .unwrap();
    for (name, _) in &indexes {
        connection.execute(format!("drop index {name}").as_str()).await.unwrap();
    }
    let statements = include_str!("fill.sql").replace("{orders}", &orders.to_string());
    connection.execute(statements.as_str()).await.unwrap();
    connection.execute("set maintenance_work_mem = '256MB'").await.unwrap();
    for (_, definition) in &indexes {
        connection.execute(definition.as_str()).await.unwrap();
    }
    for index in ["logistics_order_searches_pieces", "logistics_order_recipients_pieces"] {
        let alter = format!("alter index {index} alter column 1 set statistics 200");
        connection.execute(alter.as_str()).await.unwrap();
    }
    connection.execute("vacuum analyze").await.unwrap();
    // As the service does now and then.
    connection.execute("select note_common_pieces()").await.unwrap();
    connection.close().await.unwrap();
}
