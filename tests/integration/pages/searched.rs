//! Whoever decides of a row stays in the search and at the place that they came from, and is shown out of one that finds nothing.

use logistics_ledger::access::Role;
use reqwest::Method;

use super::world::{Seen, World};

const PARKED: &str = "/dashboard/admin/parked";

/// Rows of nobody, of an account that a brand reads from.
async fn park(world: &World, staff: &str, rows: i64) {
    let page = world.get(staff, "/dashboard/admin/tenants/1", &[]).await;
    let csrf = csrf(&page);
    let form = [
        ("csrf", csrf.as_str()),
        ("account_type", "shared"),
        ("api_url", "https://mintsoft.invalid"),
        ("sku_prefix", "ONE"),
        ("timezone", "Europe/London"),
        ("unverified", "yes"),
        ("seen", ""),
        ("username", "ops@warehouse.example"),
        ("password", "secret"),
    ];
    let place = "/dashboard/admin/tenants/1/logistics";
    assert_eq!(world.ask(Method::POST, staff, place, &[], &form).await.status, 303);
    let put =
        "insert into parked_orders (account_id, row_key, mintsoft_order_id, order_number, reason, detail,
        first_seen_at, last_seen_at)
      select a.id, 'order:' || n, n, 'otra-' || n, 'no_sku', 'no SKU', now(), now()
      from mintsoft_accounts a cross join generate_series(1, $1) n";
    sqlx::query(put).bind(rows).execute(world.database.owner_pool()).await.unwrap();
}

fn csrf(page: &Seen) -> String {
    page.between("name=\"csrf\" value=\"", "\"").remove(0)
}

#[tokio::test]
async fn a_decision_leads_back_into_the_search() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    park(&world, &staff, 2).await;
    let search = format!("{PARKED}?state=open&reason=no_sku&search=otra");
    let page = world.get(&staff, &format!("{search}&said=saved"), &[]).await;
    let deeds = page.between("action=\"/dashboard/admin/parked/", "\"");
    let deeds: Vec<_> = deeds.iter().filter(|deed| deed.ends_with("/dismiss")).collect();
    let csrf = csrf(&page);
    let form = [("csrf", csrf.as_str()), ("reason", "Es de otro cliente")];
    for (deed, header) in deeds.iter().zip(["hx-current-url", "referer"]) {
        let from = format!("http://ledger{search}&said=saved");
        let place = format!("{PARKED}/{deed}");
        let led = world.ask(Method::POST, &staff, &place, &[(header, &from)], &form).await;
        assert_eq!(led.leads_to(), format!("{search}&said=dismissed"), "{header}");
    }
    // From any other page one is led to the whole list.
    let elsewhere = "http://ledger/dashboard/admin/people?search=x";
    for (from, deed) in [(elsewhere, "restore"), ("no address", "dismiss")] {
        let place = format!("{PARKED}/{}", deeds[0].replace("dismiss", deed));
        let led = world.ask(Method::POST, &staff, &place, &[("referer", from)], &form).await;
        let said = if deed == "restore" { "restored" } else { "dismissed" };
        assert_eq!(led.leads_to(), format!("{PARKED}?said={said}"), "{from}");
    }

    let nothing = world.get(&staff, &search, &[]).await;
    let told = nothing.between("<div class=\"empty\">", "</section>").join("");
    assert!(told.contains("Ningún pedido sin dueño coincide") && told.contains("Quitar búsqueda"), "{told}");
    assert!(told.contains("href=\"/dashboard/admin/parked?state=open&reason=&search=&skip=0\""), "{told}");
}

#[tokio::test]
async fn a_page_of_which_all_was_decided_leads_to_the_first() {
    let world = World::with_orders(4).await;
    let staff = world.sign_in("sergio", Role::Superadmin, &[]).await;
    park(&world, &staff, 50).await;
    let left = world.get(&staff, &format!("{PARKED}?skip=50"), &[]).await;
    assert!(left.text.contains("Esta página quedó vacía"), "{}", left.text);
    assert!(left.link("first").is_some_and(|first| first.ends_with("&skip=0")), "{}", left.text);
    assert!(!left.text.contains("No hay pedidos sin dueño aquí"), "{}", left.text);
}
