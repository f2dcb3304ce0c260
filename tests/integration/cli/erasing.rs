//! `ledger erase`: the personal data of an order goes for good, beside a service or without one.

use super::terminal::typed;
use crate::support::world::World;

#[tokio::test]
async fn the_person_of_an_order_is_erased_by_its_number_and_with_a_reason() {
    let world = World::shared().await;
    let (id, _other) = (world.order("ladore-1001"), world.order("ladore-1002"));
    world.poll().await;
    let erase = async |words: &[&str]| {
        let words: Vec<&str> = ["erase"].iter().chain(words).copied().collect();
        typed(world.database.url(), &words).await
    };
    let unknown = erase(&["ladore-9", "--reason", "She asked for it."]).await;
    assert!(unknown.failure().starts_with("there is no order ladore-9"), "{unknown:?}");
    let silent = erase(&["ladore-1001", "--reason", " "]).await;
    assert!(silent.failure().starts_with("reason: say why"), "{silent:?}");
    assert_eq!(world.count("select count(*) from logistics_order_recipients").await, 2);

    for told in ["is erased", "had been erased before"] {
        let done = erase(&["LADORE-1001", "--reason", "She asked for it."]).await;
        let stream = world.stream(id);
        assert_eq!(done.answer(), format!("the personal data of ladore-1001 ({stream}) of tenant 7 {told}"));
    }
    assert_eq!(world.count("select count(*) from logistics_order_recipients").await, 1);
    assert_eq!(world.history(id).await, ["OrderDiscovered", "PersonalDataErased"]);
    let by = "select count(*) from events where metadata->>'source' = 'operator' and metadata->>'actor' = 'operator'
                and payload->>'reason' = 'She asked for it.'";
    assert_eq!(world.count(by).await, 1);
}
