//! From nothing to a tenant: migrations and `tenant add`.

use super::terminal::typed;
use crate::support::database::TestDatabase;

#[tokio::test]
async fn migrating_twice_does_no_harm() {
    let url = TestDatabase::create_empty().await;
    for _ in 0..2 {
        let told = typed(&url, &["migrate"]).await;
        assert_eq!(told.answer(), "the tables are up to date");
    }
}

#[tokio::test]
async fn any_command_brings_the_tables_up_to_date_first() {
    let url = TestDatabase::create_empty().await;
    let told = typed(&url, &["inbox", "list"]).await;
    assert_eq!(told.answer(), "there are no such deliveries");
}

#[tokio::test]
async fn a_tenant_is_added_once_and_the_second_time_is_refused_in_a_sentence() {
    let database = TestDatabase::create().await;
    let add = |id, slug| {
        let (url, words) =
            (database.url(), ["tenant", "add", "--id", id, "--name", "Ladore", "--slug", slug]);
        async move { typed(url, &words).await }
    };
    assert_eq!(add("7", "ladore").await.answer(), "tenant 7 (ladore) was added");
    for (id, slug) in [("7", "ladore"), ("7", "another"), ("8", "ladore")] {
        let told = add(id, slug).await;
        assert_eq!(told.failure(), "a tenant with this id or slug exists already; choose another");
    }
    let zone: String =
        sqlx::query_scalar("select timezone from tenants").fetch_one(database.pool()).await.unwrap();
    assert_eq!(zone, "America/Lima", "one tenant, in the zone of the brands unless told otherwise");
}

#[tokio::test]
async fn a_tenant_that_makes_no_sense_is_refused_with_what_to_give() {
    let database = TestDatabase::create().await;
    for (id, slug, zone, told) in [
        ("0", "ladore", "America/Lima", "id: "),
        ("7", "La Dore", "America/Lima", "slug: "),
        ("7", "ladore", "Lima", "timezone: "),
    ] {
        let words = ["tenant", "add", "--id", id, "--name", "Ladore", "--slug", slug, "--timezone", zone];
        let refused = typed(database.url(), &words).await;
        assert!(refused.failure().starts_with(told), "{refused:?}");
    }
}

#[tokio::test]
async fn orders_that_an_earlier_mapping_read_are_told_of_with_what_to_do() {
    let database = TestDatabase::create().await;
    sqlx::raw_sql(
        "insert into logistics_orders (id, tenant_id, account_id, version, mintsoft_order_id, mintsoft_order_number, part,
                                       number_of_parts, order_data_json, search_text, observed_at, observed_via,
                                       created_at, updated_at, facet, number_key)
         select gen_random_uuid(), 7, gen_random_uuid(), 1, 1, 'ladore-1', 1, 1, '{}', '', now(), 'poll', now(), now(), 0, 'ladore-1'",
    )
    .execute(database.owner_pool())
    .await
    .unwrap();
    let told = typed(database.url(), &["migrate"]).await;
    assert!(told.answer().contains("`ledger rebuild`"), "{}", told.answer());
    sqlx::raw_sql("delete from logistics_orders").execute(database.owner_pool()).await.unwrap();
    assert_eq!(typed(database.url(), &["migrate"]).await.answer(), "the tables are up to date");
}
