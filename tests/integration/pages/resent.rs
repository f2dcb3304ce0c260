//! Forms of the staff that are sent twice, as by a second click or a page that is loaded anew: what they make is made once.

use logistics_ledger::access::Role;
use reqwest::Method;

use super::world::World;

async fn count(world: &World, from: &str) -> i64 {
    let count = format!("select count(*) from {from}");
    sqlx::query_scalar(&count).fetch_one(world.database.owner_pool()).await.unwrap()
}

#[tokio::test]
async fn a_form_that_comes_again_makes_no_second_key_and_the_first_is_not_told_again() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let place = "/dashboard/admin/keys";
    let page = world.get(&staff, place, &[]).await;
    let csrf = page.between("name=\"csrf\" value=\"", "\"").remove(0);
    let id = page.between("name=\"id\" value=\"", "\"").remove(0);
    let send = async |id: &str, tenant: &str| {
        let form = [
            ("csrf", csrf.as_str()),
            ("id", id),
            ("role", "VIEWER"),
            ("tenant_id", tenant),
            ("label", "informes"),
            ("days", "30"),
        ];
        world.ask(Method::POST, &staff, place, &[], &form).await
    };
    let refused = send(&id, "99").await;
    assert_eq!(
        (refused.status, count(&world, "api_keys").await),
        (422, 0),
        "what is refused uses nothing up"
    );

    let (first, second) = tokio::join!(send(&id, "1"), send(&id, "1"));
    assert_eq!((first.status, second.status, count(&world, "api_keys").await), (200, 200, 1));
    let shown = |seen: &super::world::Seen| seen.between("id=\"made\">", "<");
    assert_eq!(shown(&first).len() + shown(&second).len(), 1, "one of the two answers shows the key");
    let key = [shown(&first), shown(&second)].concat().remove(0);

    let again = send(&id, "1").await;
    assert_eq!((again.status, count(&world, "api_keys").await), (200, 1));
    assert_eq!((shown(&again).len(), again.between("id=\"made-before\">", "<")), (0, vec![id.clone()]));
    assert!(again.text.contains("no se creó otra") && !again.text.contains(&key), "{}", again.text);
    // The answer carries a form that makes the next one.
    let next = again.between("name=\"id\" value=\"", "\"").remove(0);
    assert_ne!(next, id);
    assert_eq!(shown(&send(&next, "1").await).len(), 1);
    assert_eq!(count(&world, "api_keys").await, 2);
}

#[tokio::test]
async fn tenants_people_and_secrets_of_shops_that_come_again_are_there_once() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let page = world.get(&staff, "/dashboard/admin/people", &[]).await;
    let csrf = page.between("name=\"csrf\" value=\"", "\"").remove(0);
    let twice = async |place: &str, fields: &[(&str, &str)]| {
        let form = [&[("csrf", csrf.as_str())], fields].concat();
        let first = world.ask(Method::POST, &staff, place, &[], &form).await;
        let second = world.ask(Method::POST, &staff, place, &[], &form).await;
        (first.status, second.status)
    };
    let tenant = [("id", "9"), ("name", "Nueve"), ("slug", "nueve"), ("timezone", "America/Lima")];
    assert_eq!(twice("/dashboard/admin/tenants", &tenant).await, (303, 409));
    assert_eq!(count(&world, "tenants where slug = 'nueve'").await, 1);

    let person = [("sub", "auth0|eva"), ("email", "eva@x.example"), ("tenant_id", "1"), ("role", "VIEWER")];
    assert_eq!(twice("/dashboard/admin/people", &person).await, (303, 409));
    assert_eq!(count(&world, "people where sub = 'auth0|eva'").await, 1);

    let shop = "/dashboard/admin/tenants/1/shops/shopify";
    assert_eq!(twice(shop, &[("webhook_secret", "un secreto")]).await, (303, 303));
    let page = world.get(&staff, "/dashboard/admin/tenants/1", &[]).await;
    assert!(!page.text.contains("/shops/shopify/older"), "the same secret does not replace itself");
}
