//! The stories that orders live through: mostly plain, some going backward, waiting, cancelled, split, copied,
//! untracked or late. Absent: when each step happens.

use std::collections::VecDeque;

use rand::RngExt;
use rand::rngs::StdRng;

use crate::sandbox::error::WorldError;
use crate::sandbox::reference::{self, status};
use crate::sandbox::world::{SYSTEM_USER, WAREHOUSE_USER, World};

/// A step in the life of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Status(i32),
    Despatch,
    DespatchUntracked,
    Scan(&'static str),
    Comment(&'static str),
    Split,
    Copy,
    Cancel,
    RemovePersonalData,
}

use Step::{Cancel, Comment, Despatch, DespatchUntracked, RemovePersonalData, Scan, Split, Status};

const TO_THE_SHELF: [Step; 2] = [Status(status::PRINTED), Status(status::AWAITINGPICKING)];
const TO_THE_DOOR: [Step; 3] =
    [Status(status::PICKINGSTARTED), Status(status::PICKED), Status(status::PACKED)];
const TO_THE_CUSTOMER: [Step; 5] =
    [Despatch, Scan("InTransit"), Scan("OutForDelivery"), Scan("Delivered"), Status(status::INVOICED)];

/// The plain story, from printed to invoiced.
pub fn plain() -> VecDeque<Step> {
    [&TO_THE_SHELF[..], &TO_THE_DOOR, &TO_THE_CUSTOMER].concat().into()
}

/// A story for an order with this many lines.
pub fn of(chance: &mut StdRng, lines: usize) -> VecDeque<Step> {
    let shelf = &TO_THE_SHELF[..];
    let door = &TO_THE_DOOR[..];
    let customer = &TO_THE_CUSTOMER[..];
    let steps = match chance.random_range(0..100) {
        0..56 => return plain(),
        56..64 => [shelf, &[Status(status::NEW)], shelf, door, customer].concat(),
        64..70 => [&[Status(status::ONBACKORDER), Status(status::NEW)], shelf, door, customer].concat(),
        70..76 => {
            let asked = [
                Status(status::PRINTED),
                Status(status::QUERYRAISED),
                Comment("Falta el número de puerta / House number is missing"),
                Status(status::AWAITINGPICKING),
            ];
            [&asked[..], door, customer].concat()
        }
        76..80 => vec![Status(status::PRINTED), Cancel],
        80..83 => [&[Cancel, Status(status::NEW)], shelf, door, customer].concat(),
        83..88 if lines > 1 => {
            [&[Status(status::PRINTED), Split, Status(status::AWAITINGPICKING)], door, customer].concat()
        }
        83..91 => [shelf, door, &[Step::Copy], customer].concat(),
        91..95 => [shelf, door, &[DespatchUntracked, Status(status::INVOICED), RemovePersonalData]].concat(),
        95..98 => {
            let second_try = [
                Despatch,
                Scan("InTransit"),
                Status(status::INVOICED),
                Scan("Exception"),
                Scan("OutForDelivery"),
                Scan("Delivered"),
            ];
            [shelf, door, &second_try].concat()
        }
        _ => [shelf, door, &[Status(status::PACKANDHOLD), Status(status::PACKED)], customer].concat(),
    };
    steps.into()
}

/// Lets one step happen; gives the id of an order that came of it, if any.
pub fn tell(world: &mut World, chance: &mut StdRng, id: i64, step: Step) -> Result<Option<i64>, WorldError> {
    let order = world.order(id)?;
    // A person or the API cancelled it meanwhile: the warehouse leaves it alone.
    if order.status == status::CANCELLED && step != Status(status::NEW) {
        return Err(WorldError::UnknownOrder(id));
    }
    match step {
        Status(status::INVOICED) if order.status == status::INVOICED => {}
        Status(to) => {
            let by = if to == status::INVOICED { SYSTEM_USER } else { WAREHOUSE_USER };
            world.set_status(id, to, by)?;
        }
        Despatch => {
            let digits: u64 = chance.random_range(100_000_000..999_999_999);
            let letters = if order.recipient.country == "GB" { "JD0002" } else { "AX77" };
            world.despatch(id, Some(&format!("{letters}{digits}")), WAREHOUSE_USER)?;
        }
        DespatchUntracked => {
            world.order_mut(id)?.courier_service_id = reference::UNTRACKED_COURIER_ID;
            world.despatch(id, None, WAREHOUSE_USER)?;
        }
        Scan(name) => {
            world.add_tracking_event(id, name, None, None)?;
        }
        Comment(text) => {
            world.comment(id, text, false, WAREHOUSE_USER)?;
        }
        Split => {
            let sku = order.items.last().map(|item| item.sku.clone()).unwrap_or_default();
            return world.split(id, &[&sku], WAREHOUSE_USER).map(Some);
        }
        Step::Copy => return world.copy(id, WAREHOUSE_USER).map(Some),
        Cancel => world.cancel(id, WAREHOUSE_USER)?,
        RemovePersonalData => world.remove_personal_data(id)?,
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::callbacks;
    use crate::sandbox::settings::SandboxSettings;
    use crate::sandbox::spec::OrderSpec;
    use rand::SeedableRng;

    /// Tells a story to its end; gives the world, the order and what came of it.
    fn told(seed: u64) -> (World, i64, Vec<i64>) {
        let mut world = World::from_settings(SandboxSettings::default(), callbacks::queue().0);
        let mut chance = StdRng::seed_from_u64(seed);
        let id = world.create(OrderSpec::of(3, "ladore-1001", &[("LADORE_A", 1), ("LADORE_B", 1)]), "test");
        let mut offspring = Vec::new();
        for step in of(&mut chance, 2) {
            offspring.extend(tell(&mut world, &mut chance, id, step).unwrap());
        }
        (world, id, offspring)
    }

    #[test]
    fn every_story_ends_invoiced_or_cancelled() {
        for seed in 0..300 {
            let (world, id, _) = told(seed);
            let end = world.order(id).unwrap().status;
            assert!(matches!(end, status::INVOICED | status::CANCELLED), "seed {seed} ends in status {end}");
        }
    }

    #[test]
    fn some_stories_are_split_copied_stripped_delayed_or_never_despatched() {
        let stories: Vec<_> = (0..300).map(told).collect();
        let count =
            |holds: fn(&(World, i64, Vec<i64>)) -> bool| stories.iter().filter(|story| holds(story)).count();
        assert!(count(|(world, id, _)| world.order(*id).unwrap().parts == 2) > 0);
        assert!(count(|(_, _, offspring)| !offspring.is_empty()) > 0);
        assert!(count(|(world, id, _)| world.order(*id).unwrap().pii_removed) > 0);
        assert!(count(|(world, _, _)| world.events.iter().any(|event| event.status_id == 5)) > 0);
        assert!(count(|(world, id, _)| world.order(*id).unwrap().despatch_date.is_none()) > 0);
    }

    #[test]
    fn a_story_leaves_an_order_alone_that_was_cancelled_meanwhile() {
        let mut world = World::from_settings(SandboxSettings::default(), callbacks::queue().0);
        let mut chance = StdRng::seed_from_u64(1);
        let id = world.create(OrderSpec::of(3, "ladore-1001", &[("LADORE_A", 1)]), "test");
        world.cancel(id, "test").unwrap();
        assert!(tell(&mut world, &mut chance, id, Despatch).is_err());
        assert_eq!(world.order(id).unwrap().status, status::CANCELLED);
    }
}
