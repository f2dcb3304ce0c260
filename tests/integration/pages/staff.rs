//! Forms of the staff keep to the rules that the API keeps to.

use logistics_ledger::access::Role;
use reqwest::Method;

use super::world::{Seen, World};

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
