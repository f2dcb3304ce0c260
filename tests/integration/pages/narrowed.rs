//! The list narrowed by what orders have: the page and its file show the same, and say how many there are.

use logistics_ledger::access::Role;
use logistics_projections::orders::{OrderRow, Terms};

use super::world::{FIRST, ORDERS, Seen, World};
use crate::projections::{order, put_orders};

#[tokio::test]
async fn a_courier_is_chosen_by_its_whole_name_on_the_page_and_in_its_file() {
    let world = World::with_orders(4).await;
    let carried = |number, courier: &str, id| OrderRow {
        tenant_id: FIRST,
        courier_service: Some(courier.to_owned()),
        courier_service_id: id,
        ..order(number)
    };
    let rows = [
        carried(9001, "Tracked 24, Signed", None),
        carried(9002, "Tracked 24", None),
        carried(9003, "Signed", Some(24)),
        carried(9004, "24", None),
        carried(9005, "Say \"hi\"", Some(7)),
    ];
    put_orders(world.database.pool(), &rows).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let list = world.get(&cookie, ORDERS, &[]).await;
    let radios = list.between("type=\"radio\" name=\"courier\" value=\"", "\"");
    for row in &rows {
        let name = row.courier_service.as_deref().unwrap();
        let shown = name.replace('"', "&#34;");
        assert!(radios.contains(&shown), "{name}: {radios:?}");
        let sent: String = url::form_urlencoded::byte_serialize(name.as_bytes()).collect();
        let page = world.get(&cookie, &format!("{ORDERS}?courier={sent}"), &[]).await;
        assert_eq!(page.orders(), [row.id.to_string()], "{name}");
        assert!(page.text.contains(&format!("value=\"{shown}\" checked")), "{name}");
        let file = world.get(&cookie, &page.exports()[0], &[]).await;
        let number = format!("\r\nladore-{},", row.mintsoft_order_id);
        assert!(file.text.contains(&number) && file.text.lines().count() == 2, "{name}: {}", file.text);
    }
}

#[tokio::test]
async fn a_status_is_chosen_by_its_whole_name_on_the_page_and_in_its_file() {
    let world = World::with_orders(4).await;
    let standing = |number, status: &str, id| OrderRow {
        tenant_id: FIRST,
        status: Some(status.to_owned()),
        status_id: id,
        ..order(number)
    };
    let rows = [
        standing(9001, "Held, waiting", Some(901)),
        standing(9002, "Waiting", Some(902)),
        standing(9003, "24", Some(903)),
        standing(9004, "Other", Some(24)),
        standing(9005, "\"Held\"", Some(905)),
    ];
    put_orders(world.database.pool(), &rows).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let list = world.get(&cookie, ORDERS, &[]).await;
    let boxes = list.between("type=\"checkbox\" name=\"status\" value=\"", "\"");
    let written = |row: &OrderRow| {
        let written = Terms::written(row.status.as_deref().unwrap());
        (written.replace('"', "&#34;"), written)
    };
    for row in &rows {
        let (shown, written) = written(row);
        assert!(boxes.contains(&shown), "{shown}: {boxes:?}");
        let sent: String = url::form_urlencoded::byte_serialize(written.as_bytes()).collect();
        let page = world.get(&cookie, &format!("{ORDERS}?status={sent}"), &[]).await;
        assert_eq!(page.orders(), [row.id.to_string()], "{written}");
        assert!(page.text.contains(&format!("value=\"{shown}\" checked")), "{written}");
        let file = world.get(&cookie, &page.exports()[0], &[]).await;
        let number = format!("\r\nladore-{},", row.mintsoft_order_id);
        assert!(file.text.contains(&number) && file.text.lines().count() == 2, "{written}: {}", file.text);
    }
    let one = world.get(&cookie, &format!("{ORDERS}?status=Waiting&search=ladore-900"), &[]).await;
    let offered = one.between("type=\"checkbox\" name=\"status\" value=\"", "\"");
    for row in &rows {
        let (shown, _) = written(row);
        assert!(offered.contains(&shown), "one more can be chosen: {shown}: {offered:?}");
    }
    assert_eq!(one.orders().len(), 1);
    let two = "status=%22Held%2C+waiting%22&status=%2224%22";
    let page = world.get(&cookie, &format!("{ORDERS}?{two}"), &[]).await;
    assert_eq!((page.orders().len(), page.between("class=\"chip\">", "<").len()), (2, 2));
}

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
        let counts = statuses(&page).into_iter().map(|(_, count)| count.expect("it was counted"));
        let counts: Vec<_> = counts.collect();
        assert!(!counts.is_empty() && counts.iter().all(|count| count.ends_with('+')), "{counts:?}");
        let page = world.get(&cookie, &format!("{ORDERS}?search=la&status=GONE"), &[]).await;
        assert!(statuses(&page).contains(&("GONE".to_owned(), None)), "nobody counted it");
    }
}

/// The statuses of the menu, each with how many there are.
fn statuses(page: &Seen) -> Vec<(String, Option<String>)> {
    let choices = page.between("type=\"checkbox\" name=\"status\" value=\"", "</label>");
    let count = |rest: &str| Some(rest.split_once("class=\"count\">")?.1.split_once('<')?.0.to_owned());
    choices
        .iter()
        .filter_map(|choice| choice.split_once('"'))
        .map(|(name, rest)| (name.to_owned(), count(rest)))
        .collect()
}

#[tokio::test]
async fn a_status_of_several_numbers_is_one_choice_with_all_its_orders() {
    let world = World::with_orders(4).await;
    let standing = |number, id| OrderRow {
        tenant_id: FIRST,
        status: Some("Held".to_owned()),
        status_id: Some(id),
        ..order(number)
    };
    let rows = [standing(9001, 901), standing(9002, 901), standing(9003, 902)];
    put_orders(world.database.pool(), &rows).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let page = world.get(&cookie, &format!("{ORDERS}?status=Held,Gone"), &[]).await;
    let statuses = statuses(&page);
    let held: Vec<_> = statuses.iter().filter(|(name, _)| name == "Held").collect();
    assert_eq!(held, [&("Held".to_owned(), Some("3".to_owned()))]);
    assert!(statuses.contains(&("Gone".to_owned(), Some("0".to_owned()))), "{statuses:?}");
}

#[tokio::test]
async fn days_in_the_wrong_order_or_that_do_not_exist_are_the_same_on_the_page_and_in_its_file() {
    let world = World::with_orders(12).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let all = world.get(&cookie, ORDERS, &[]).await.orders().len();
    for query in [
        "date_field=created_at&date_from=2999-01-01&date_to=2000-01-01",
        "date_field=created_at&date_from=2026-02-30",
        "date_field=shipped_at&sort_by=colour&sort_order=sideways",
    ] {
        let page = world.get(&cookie, &format!("{ORDERS}?{query}"), &[]).await;
        let file = world.get(&cookie, &page.exports()[0], &[]).await;
        assert_eq!((page.status, page.orders().len()), (200, all), "{query}");
        assert_eq!((file.status, file.text.lines().count()), (200, all + 1), "{query}: {}", file.text);
    }
}
