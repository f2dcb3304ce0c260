//! Files that are taken from a page: they are in its language.

use logistics_ledger::access::Role;

use super::world::{FIRST, ORDERS, World};
use crate::support::links::put_missing;

#[tokio::test]
async fn a_file_is_in_the_language_that_its_page_is_in() {
    let world = World::with_orders(8).await;
    put_missing(world.database.pool(), FIRST, 1001..=1001).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    for (chosen, asked, of_orders, of_links) in [
        ("; language=es", "en", "Pedido,Estado,", "Pedido de la tienda,"),
        ("; language=en", "es", "Order,Status,", "Shop order,"),
        ("", "en", "Order,Status,", "Shop order,"),
        ("; language=xx", "fr", "Pedido,Estado,", "Pedido de la tienda,"),
    ] {
        let (cookie, asked) = (format!("{cookie}{chosen}"), [("accept-language", asked)]);
        for (view, head) in [("", of_orders), ("?tab=missing", of_links)] {
            let page = world.get(&cookie, &format!("{ORDERS}{view}"), &asked).await;
            let file = world.get(&cookie, &page.exports()[0], &asked).await;
            assert_eq!(file.status, 200, "{file:?}");
            assert!(file.text.starts_with(&format!("\u{feff}{head}")), "{chosen} {asked:?}: {}", file.text);
        }
    }
}
