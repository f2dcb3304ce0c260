//! Forms of the staff keep to the rules that the API keeps to, and undo nothing that their readers never saw.

use logistics_ledger::access::Role;
use reqwest::Method;

use super::world::{Seen, World};

const TENANT: &str = "/dashboard/admin/tenants/1";
const LOGISTICS: &str = "/dashboard/admin/tenants/1/logistics";

async fn told<T>(world: &World, query: &str) -> T
where
    T: for<'r> sqlx::Decode<'r, sqlx::Postgres> + sqlx::Type<sqlx::Postgres> + Send + Unpin,
{
    sqlx::query_scalar(query).fetch_one(world.database.owner_pool()).await.unwrap()
}

async fn post(world: &World, staff: &str, page: &Seen, place: &str, fields: &[(&str, &str)]) -> Seen {
    let csrf = page.between("name=\"csrf\" value=\"", "\"").remove(0);
    let form = [&[("csrf", csrf.as_str())], fields].concat();
    world.ask(Method::POST, staff, place, &[], &form).await
}

/// What a page says of what its forms show: of logistics, where there are any, then of the tenant.
fn seen(page: &Seen) -> Vec<String> {
    page.between("name=\"seen\" value=\"", "\"")
}

#[tokio::test]
async fn nobody_takes_their_own_access_away_by_a_form_of_their_own() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let page = world.get(&staff, "/dashboard/admin/people", &[]).await;
    let own: String = told(&world, "select id::text from people where sub = 'sergio'").await;
    let place = format!("/dashboard/admin/people/{own}");
    for field in [("is_active", "false"), ("role", "VIEWER"), ("role", "SUPERADMIN")] {
        let refused = post(&world, &staff, &page, &place, &[field]).await;
        assert_eq!(refused.status, 409, "{field:?}");
        assert!(refused.text.contains("Nadie se quita su propio acceso"), "{}", refused.text);
    }
    assert!(told::<bool>(&world, "select is_active and role = 'SUPERADMIN' from people").await);
    let stays = post(&world, &staff, &page, &place, &[("is_active", "true")]).await;
    assert_eq!(stays.status, 303, "what takes nothing away is no harm");
}

#[tokio::test]
async fn a_row_that_cannot_be_is_not_found() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let page = world.get(&staff, "/dashboard/admin/parked", &[]).await;
    for deed in ["assign", "dismiss", "restore"] {
        for key in ["%00", "order:%001", &"x".repeat(300)] {
            let place = format!("/dashboard/admin/parked/00000000-0000-0000-0000-000000000000/{key}/{deed}");
            let form = [("tenant_id", "1"), ("reason", "x")];
            let refused = post(&world, &staff, &page, &place, &form).await;
            assert_eq!(refused.status, 404, "{deed} {key}: {}", refused.text);
        }
    }
}

#[tokio::test]
async fn a_tenants_form_that_was_opened_before_a_switch_off_does_not_undo_it() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let page = world.get(&staff, TENANT, &[]).await;
    let first = seen(&page).remove(0);
    let fields =
        |name, seen| [("name", name), ("slug", "brand-1"), ("timezone", "America/Lima"), ("seen", seen)];
    let off = post(&world, &staff, &page, TENANT, &fields("Uno", &first)).await;
    assert_eq!(off.leads_to(), "/dashboard/admin/tenants/1?said=saved");

    let on = [("is_active", "yes")];
    for stale in [first.as_str(), ""] {
        let form = [&fields("Brand", stale)[..], &on].concat();
        let refused = post(&world, &staff, &page, TENANT, &form).await;
        assert_eq!(refused.status, 409, "{}", refused.text);
        assert!(refused.text.contains("Otra persona lo cambió mientras tanto"), "{}", refused.text);
    }
    let stands = "select name || ' ' || is_active from tenants where id = 1";
    assert_eq!(told::<String>(&world, stands).await, "Uno false");
    let again = seen(&world.get(&staff, TENANT, &[]).await).remove(0);
    let form = [&fields("Brand", &again)[..], &on].concat();
    assert_eq!(post(&world, &staff, &page, TENANT, &form).await.status, 303);
    assert_eq!(told::<String>(&world, stands).await, "Brand true");
}

#[tokio::test]
async fn after_a_trial_of_the_connection_the_page_stands_at_the_tenants_own_address() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let page = world.get(&staff, TENANT, &[]).await;
    let form = [
        ("account_type", "shared"),
        ("api_url", "https://mintsoft.invalid"),
        ("sku_prefix", "ONE"),
        ("timezone", "Europe/London"),
        ("unverified", "yes"),
        ("seen", ""),
        ("username", "ops@warehouse.example"),
        ("password", "secret"),
    ];
    assert_eq!(post(&world, &staff, &page, LOGISTICS, &form).await.status, 303);
    // An address inside somebody's network is refused without a call.
    let inside = "update mintsoft_accounts set api_url = 'https://127.0.0.1'";
    sqlx::query(inside).execute(world.database.owner_pool()).await.unwrap();
    let tried = post(&world, &staff, &page, &format!("{TENANT}/test"), &[]).await;
    assert_eq!(tried.status, 200, "{}", tried.text);
    assert_eq!(tried.between("data-own-address=\"", "\""), [TENANT]);
    let choices = tried.between("href=\"/dashboard/preferences?", "\"");
    assert!(!choices.is_empty());
    for choice in choices {
        let led =
            world.get(&staff, &format!("/dashboard/preferences?{}", choice.replace("&amp;", "&")), &[]).await;
        assert_eq!(led.leads_to(), TENANT, "{choice}");
    }
}

#[tokio::test]
async fn a_form_of_logistics_that_was_opened_before_another_change_does_not_undo_it() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let page = world.get(&staff, TENANT, &[]).await;
    assert_eq!(seen(&page).len(), 1, "there is no configuration yet");
    let send = async |prefix: &str, seen: &str, more: &[(&str, &str)]| {
        let form = [
            ("account_type", "shared"),
            ("api_url", "https://mintsoft.invalid"),
            ("sku_prefix", prefix),
            ("timezone", "Europe/London"),
            ("unverified", "yes"),
            ("seen", seen),
        ];
        post(&world, &staff, &page, LOGISTICS, &[&form, more].concat()).await
    };
    let login = [("username", "ops@warehouse.example"), ("password", "secret")];
    assert_eq!(send("ONE", "", &login).await.status, 303);
    let refused = send("TWO", "", &login).await;
    assert_eq!(refused.status, 409, "the page knew of no configuration: {}", refused.text);

    let first = seen(&world.get(&staff, TENANT, &[]).await).remove(0);
    assert_eq!(send("THREE", &first, &[]).await.status, 303);
    let refused = send("FOUR", &first, &[("sync_enabled", "yes")]).await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    let stands = "select sku_prefix || ' ' || sync_enabled from logistics_config where tenant_id = 1";
    assert_eq!(told::<String>(&world, stands).await, "THREE false");
    let read = post(&world, &staff, &page, &format!("{TENANT}/sync"), &[]).await;
    assert_eq!(read.status, 409, "nothing is read for it: {}", read.text);
    assert!(read.text.contains("La sincronización de la marca está apagada"), "{}", read.text);

    // The same password again, given by another, is another state of things too.
    let second = seen(&world.get(&staff, TENANT, &[]).await).remove(0);
    world.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(send("THREE", &second, &login).await.status, 303);
    assert_eq!(send("FOUR", &second, &[]).await.status, 409);
}
