//! Which path leads to which endpoint, and the endpoints that only give a fixed list. Absent: login, which
//! needs no key.

use super::{Answer, Call, create, list, order, parts, search, tracking};
use crate::sandbox::keys::Caller;
use crate::sandbox::reference::{COURIERS, STATUSES, TRACKING_STATUSES};
use crate::sandbox::wire::{ClientJson, CourierJson, EnumPair, StatusJson};
use crate::sandbox::world::World;

/// The answer of the endpoint that the path names; `Err` is an answer too, of a call refused early.
pub fn answer(world: &mut World, call: &Call, caller: &Caller, path: &str) -> Result<Answer, Answer> {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("GET", ["order", "list"]) => list::orders(world, call, caller),
        ("GET", ["order", "search"]) => search::orders(world, call, caller),
        ("GET", ["order", "statuses"]) => {
            Ok(Answer::json(&STATUSES.iter().map(StatusJson::of).collect::<Vec<_>>()))
        }
        ("GET", ["order", "shipments", "trackingevents", "list"]) => tracking::events(world, call, caller),
        ("GET", ["order", "shipments", "trackingevents", "statuses"]) => {
            let pairs = TRACKING_STATUSES.iter().map(|(id, name)| EnumPair { id: *id, name });
            Ok(Answer::json(&pairs.collect::<Vec<_>>()))
        }
        ("GET", ["courier", "services"]) => {
            Ok(Answer::json(&COURIERS.iter().map(CourierJson::of).collect::<Vec<_>>()))
        }
        ("GET", ["client"]) => clients(world, call, caller),
        ("PUT", ["order"]) => create::order(world, call, caller),
        (method, ["order", id, rest @ ..]) => {
            let id = id.parse::<i32>().map(i64::from).map_err(|_| {
                Answer::invalid("The parameters dictionary contains a null entry for parameter 'id'.")
            })?;
            match (method, rest) {
                ("GET", []) => order::one(world, caller, id),
                ("GET", ["cancel"]) => order::cancel(world, caller, id),
                ("GET", ["splits"]) => order::splits(world, caller, id),
                ("GET", ["shipments"]) => tracking::shipments(world, caller, id),
                ("GET", ["comments"]) => parts::comments(world, caller, id),
                ("POST", ["comments"]) => parts::comment(world, call, caller, id),
                ("GET", ["documents"]) => parts::documents(world, caller, id),
                ("GET", ["documents", document]) => parts::document(world, caller, id, document),
                ("GET", ["documents", document, "data"]) => parts::document_data(world, caller, id, document),
                ("GET", ["connectactions"]) => parts::actions(world, caller, id),
                ("PUT", ["connectactions"]) => parts::connect(world, call, caller, id),
                _ => Err(stray(method, rest, path)),
            }
        }
        _ => Err(Answer::no_route(path)),
    }
}

/// A path that exists under another method is a 405, any other a 404.
fn stray(method: &str, rest: &[&str], path: &str) -> Answer {
    match rest {
        [] | ["cancel" | "splits" | "shipments" | "comments" | "documents" | "connectactions"] => {
            let message = format!("The requested resource does not support http method '{method}'.");
            Answer::message(405, &message)
        }
        _ => Answer::no_route(path),
    }
}

/// The clients of the warehouse: administrators only, and 401 for everyone else.
fn clients(world: &World, call: &Call, caller: &Caller) -> Result<Answer, Answer> {
    if !caller.admin {
        return Err(Answer::status(401));
    }
    let (page, limit) = list::page(call, 100)?;
    let mut clients: Vec<(i64, &str)> = Vec::new();
    for brand in &world.settings.brands {
        if !clients.iter().any(|(id, _)| *id == brand.client_id) {
            clients.push((brand.client_id, &brand.sku_prefix));
        }
    }
    let rows = clients.into_iter().skip((page - 1) * limit).take(limit);
    Ok(Answer::json(&rows.map(|(id, name)| ClientJson::of(id, name)).collect::<Vec<_>>()))
}
