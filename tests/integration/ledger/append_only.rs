//! What is in the ledger stays as it is: by privilege for the service, by trigger for the owner of the tables too.

use logistics_domain::Source;
use sqlx::PgPool;

use super::desk::{Desk, address, provenance, sight};

const CHANGES: [&str; 3] = ["update events set payload = '{}'", "delete from events", "truncate events"];

async fn refusal_of(pool: &PgPool, change: &'static str) -> (String, String) {
    let error = sqlx::query(change).execute(pool).await.unwrap_err();
    let told = error.as_database_error().unwrap();
    (told.code().unwrap().into_owned(), told.message().to_owned())
}

#[tokio::test]
async fn neither_the_service_nor_the_owner_changes_an_event() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    for change in CHANGES {
        let (code, message) = refusal_of(desk.database.pool(), change).await;
        assert_eq!((code.as_str(), message.as_str()), ("42501", "permission denied for table events"));
        let (code, message) = refusal_of(desk.owner(), change).await;
        assert_eq!(code, "42501");
        assert!(message.contains("append-only"), "{message}");
    }
    assert_eq!(desk.count("select count(*) from events").await, 1);
}

#[tokio::test]
async fn the_service_cannot_give_a_stream_to_another_tenant_nor_forget_it() {
    let desk = Desk::open().await;
    desk.ledger.execute(address(1), &sight(0, 1), &provenance(Source::Poll)).await.unwrap();
    for change in
        ["update order_streams set tenant_id = 8", "delete from order_streams", "delete from raw_payloads"]
    {
        assert_eq!(refusal_of(desk.database.pool(), change).await.0, "42501", "{change}");
    }
}
