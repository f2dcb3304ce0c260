//! Every page of the dashboard, by a name for its picture and its address. Absent: pages before sign-in.

use super::demo::Demo;

/// Where the platform's staff goes, in one world: all that a brand's people see, and what is theirs alone.
pub async fn pages(demo: &Demo) -> Vec<(&'static str, String)> {
    let (told, fresh) = (demo.order_page("ladore-1005").await, demo.order_page("ladore-1017").await);
    let sql = "select encode(sha256, 'hex') from raw_payloads where stream_id = $1::uuid order by received_at limit 1";
    let id = told.rsplit('/').next().unwrap();
    let sha256: String =
        sqlx::query_scalar(sql).bind(id).fetch_one(demo.database.owner_pool()).await.unwrap();
    let sql = "select to_char(min(recorded_at) at time zone 'America/Lima' + interval '1 second', 'YYYY-MM-DD\"T\"HH24:MI:SS')
        from events where aggregate_id = $1";
    let then: String = sqlx::query_scalar(sql).bind(id).fetch_one(demo.database.owner_pool()).await.unwrap();
    let run: uuid::Uuid = sqlx::query_scalar("select id from sync_runs order by created_at limit 1")
        .fetch_one(demo.database.owner_pool())
        .await
        .unwrap();
    let mut pages = brand_pages();
    pages.extend([
        ("order", told.clone()),
        ("order-fresh", fresh.clone()),
        ("order-late", demo.order_page("ladore-1025").await),
        ("order-as-of", format!("{told}?as_of={then}")),
        ("order-then-unknown", format!("{told}?as_of=2001-01-01T10:00")),
        ("order-evidence", format!("{told}/evidence/{sha256}")),
        ("order-conversation", format!("{told}/conversation")),
        ("order-cancel", format!("{fresh}/cancel")),
        ("order-unknown", "/dashboard/orders/01a0c3a5-5e00-7000-8000-000000000000".to_owned()),
        ("admin-run", format!("/dashboard/admin/tenants/7/sync/{run}")),
    ]);
    pages
}

fn brand_pages() -> Vec<(&'static str, String)> {
    let fixed = [
        ("list", "/dashboard/orders"),
        ("list-attention", "/dashboard/orders?tab=attention"),
        ("list-missing", "/dashboard/orders?tab=missing"),
        ("list-filtered", "/dashboard/orders?search=ladore&date_field=ordered_at&date_from=2026-01-01"),
        ("list-nothing-found", "/dashboard/orders?search=nada-que-ver"),
        ("page-unknown", "/dashboard/nowhere"),
        ("admin-tenants", "/dashboard/admin/tenants"),
        ("admin-tenant", "/dashboard/admin/tenants/7?prefix=TUMI"),
        ("admin-tenant-bare", "/dashboard/admin/tenants/9"),
        ("admin-accounts", "/dashboard/admin/accounts"),
        ("admin-parked", "/dashboard/admin/parked"),
        ("admin-dead-letters", "/dashboard/admin/dead-letters"),
        ("admin-people", "/dashboard/admin/people"),
        ("admin-keys", "/dashboard/admin/keys"),
        ("admin-people-none", "/dashboard/admin/people?search=nadie"),
    ];
    fixed.map(|(name, path)| (name, path.to_owned())).into()
}
