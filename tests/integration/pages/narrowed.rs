//! The list narrowed by what is searched for: it says how many there are.

use logistics_ledger::access::Role;

use super::world::{FIRST, ORDERS, World};

#[tokio::test]
async fn what_is_not_counted_to_its_end_is_told_as_at_least_what_the_tab_has() {
    let world = World::with_orders(520).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    // Two letters are too few to be looked up by, so the list is walked, and not to its end.
    for (language, told) in [("es", "Al menos"), ("en", "At least")] {
        let cookie = format!("{cookie}; language={language}");
        let page = world.get(&cookie, &format!("{ORDERS}?search=la"), &[]).await;
        let count = page.between("aria-current=\"page\"", "</a>").join("");
        let count = count
            .split_once("class=\"count \">")
            .unwrap()
            .1
            .split_once("+<")
            .expect("it is at least so many")
            .0;
        assert!(count.parse::<i64>().unwrap() > 60, "it was a trial: {count}");
        let range = page.between("<nav class=\"pages\"", "</span>").join("");
        assert!(range.contains(&format!("<span>{told} {count} ")), "{count}: {range}");
    }
}
