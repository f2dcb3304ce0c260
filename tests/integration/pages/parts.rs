//! A split order shows its other parts, and no order whose number only begins as its own does.

use chrono::TimeDelta;
use logistics_domain::{AccountId, OrderStreamId};
use logistics_ledger::access::Role;
use logistics_projections::orders::OrderRow;
use uuid::Uuid;

use super::world::{FIRST, ORDERS, World};
use crate::projections::{order, put_orders};

#[tokio::test]
async fn the_parts_of_an_order_are_found_among_many_of_longer_numbers() {
    let world = World::with_orders(8).await;
    let cookie = world.sign_in("ana", Role::Viewer, &[FIRST]).await;
    let shown = world.get(&cookie, ORDERS, &[]).await.orders().remove(0);
    let split =
        "update logistics_orders set mintsoft_order_number = 'AB-1001', number_key = 'ab-1001', part = 1,
       number_of_parts = 3 where id = $1::uuid returning account_id";
    let account: Uuid =
        sqlx::query_scalar(split).bind(&shown).fetch_one(world.database.owner_pool()).await.unwrap();
    let numbered = |id, number: String, (part, number_of_parts), account: Uuid| OrderRow {
        id: OrderStreamId::derive(AccountId(account), id),
        tenant_id: FIRST,
        account_id: AccountId(account),
        mintsoft_order_number: number,
        part,
        number_of_parts,
        updated_at: world.clock.now() + TimeDelta::minutes(id),
        ..order(id)
    };
    let elsewhere = Uuid::from_u128(99);
    let mut rows = vec![
        numbered(7001, "AB-1001".into(), (3, 3), account),
        numbered(7002, "ab-1001".into(), (2, 3), account),
        numbered(7003, "AB-1001".into(), (2, 3), elsewhere),
        OrderRow {
            withheld_reason: Some("doubt".into()),
            ..numbered(7004, "AB-1001".into(), (2, 3), account)
        },
    ];
    rows.extend((10010..=10034).map(|n| numbered(n, format!("AB-{n}"), (1, 1), account)));
    put_orders(world.database.pool(), &rows).await;

    let page = world.get(&cookie, &format!("{ORDERS}/{shown}"), &[]).await;
    let parts = page.between("id=\"parts-title\"", "</section>").join("");
    let linked: Vec<_> = parts
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(href, _)| href)
        .collect();
    assert_eq!(linked, [1, 0].map(|n: usize| format!("{ORDERS}/{}", rows[n].id)), "{parts}");
    assert!(parts.contains("Parte 2 de 3") && parts.contains("<span class=\"badge"), "{parts}");
}
