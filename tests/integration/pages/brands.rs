//! People of several brands: each page stays at its own brand, whatever is chosen elsewhere.

use logistics_ledger::access::Role;
use reqwest::Method;

use super::world::{FIRST, ORDERS, SECOND, World};

#[tokio::test]
async fn a_page_stays_at_its_brand_while_another_one_is_chosen_elsewhere() {
    let world = World::with_orders(60).await;
    let cookie = world.sign_in("ana", Role::Admin, &[FIRST, SECOND]).await;
    let list = world.get(&cookie, &format!("{ORDERS}?tenant_id=1"), &[]).await;
    let order = list.between("class=\"order-link\" href=\"", "\"").remove(0);
    assert!(order.ends_with("?tenant_id=1"), "{order}");
    assert!(list.text.contains("/api/v1/logistics/stream?tenant_id=1"));
    let csrf = list.between("name=\"csrf\" value=\"", "\"").remove(0);

    let form = [("csrf", csrf.as_str()), ("tenant_id", "2"), ("next", ORDERS)];
    let chosen = world.ask(Method::POST, &cookie, "/dashboard/brand", &[], &form).await;
    assert_eq!(chosen.leads_to(), "/dashboard/orders?tenant_id=2");
    let other = world.get(&cookie, chosen.leads_to(), &[]).await;
    assert_ne!(other.orders(), list.orders());

    let shown = world.get(&cookie, &order, &[]).await;
    assert_eq!(shown.status, 200, "the other page goes on where it was");
    let conversation = shown.between("data-address=\"", "\"").remove(0);
    assert!(conversation.ends_with("/conversation?tenant_id=1"), "{conversation}");
    assert_eq!(world.get(&cookie, &conversation, &[]).await.status, 200);
    assert_eq!(world.get(&cookie, &order.replace("=1", "=2"), &[]).await.status, 404);
}

#[tokio::test]
async fn an_address_opens_no_brand_of_others_and_any_to_the_staff() {
    let world = World::with_orders(20).await;
    let own = world.sign_in("valeria", Role::Viewer, &[FIRST]).await;
    for foreign in ["2", "99"] {
        let refused = world.get(&own, &format!("{ORDERS}?tenant_id={foreign}"), &[]).await;
        assert_eq!(refused.status, 404, "{foreign}");
    }
    let list = world.get(&own, ORDERS, &[]).await;
    assert!(!list.text.contains("?tenant_id=1\""), "one brand needs no name in addresses");
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    let tenant = world.get(&staff, "/dashboard/admin/tenants/2", &[]).await;
    assert!(tenant.text.contains("href=\"/dashboard/orders?tenant_id=2\""), "{}", tenant.text);
    assert_eq!(world.get(&staff, "/dashboard/orders?tenant_id=2", &[]).await.status, 200);
    assert_eq!(world.get(&staff, "/dashboard/orders?tenant_id=99", &[]).await.status, 404);
}
