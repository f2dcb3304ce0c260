//! The control API under `/sandbox`: the world's handle over HTTP, for people with `curl`. Absent: keys and
//! permissions, so it belongs on the loopback only.

use chrono::TimeDelta;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::WorldError;
use super::faults::Fault;
use super::handle::WorldHandle;
use super::http::{Answer, Call};
use super::spec::OrderSpec;

/// Answers one control call.
pub fn answer(world: &WorldHandle, call: &Call) -> Answer {
    let segments: Vec<&str> = call.segments.iter().map(String::as_str).collect();
    let done = match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["orders"]) => read::<OrderSpec>(call).map(|spec| json!({ "id": world.create_order(spec) })),
        ("GET", ["orders"]) => Ok(orders(world, call)),
        ("POST", ["orders", id, wish]) => match id.parse() {
            Ok(id) => order(world, call, id, wish),
            Err(_) => Err(refusal(400, "the id of an order is a whole number")),
        },
        ("POST", ["faults"]) => read::<FaultOrder>(call).map(|order| {
            world.fail_next(order.fault, order.times, order.path.as_deref());
            json!({ "ordered": order.times })
        }),
        ("DELETE", ["faults"]) => {
            world.forget_faults();
            Ok(json!({}))
        }
        ("POST", ["time"]) => skip(world, call),
        ("POST", ["keys", "expire"]) => {
            world.expire_keys();
            Ok(json!({}))
        }
        ("GET", ["calls"]) => Ok(json!(world.calls())),
        ("DELETE", ["calls"]) => {
            world.forget_calls();
            Ok(json!({}))
        }
        ("GET", ["living"]) => {
            let after = call.parameters.int("after", 0).unwrap_or(0);
            Ok(json!(world.living_orders_after(after)))
        }
        _ => Err(refusal(404, "there is no such control; the sandbox's documentation lists them")),
    };
    done.map_or_else(|refused| refused, |body| Answer::json(&body))
}

#[derive(Deserialize)]
struct FaultOrder {
    #[serde(flatten)]
    fault: Fault,
    #[serde(default = "once")]
    times: u32,
    path: Option<String>,
}

fn once() -> u32 {
    1
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct Wish {
    status: Option<Value>,
    tracking: Option<String>,
    number: Option<String>,
    tracked: Option<bool>,
    text: Option<String>,
    skus: Vec<String>,
    absorbed: Option<i64>,
}

/// Something to be done to one order.
fn order(world: &WorldHandle, call: &Call, id: i64, wish: &str) -> Result<Value, Answer> {
    let asked: Wish = if call.body.is_empty() { Wish::default() } else { read(call)? };
    let nothing = |()| json!({ "id": id });
    let fresh = |id: i64| json!({ "id": id });
    let outcome: Result<Value, WorldError> = match wish {
        "status" => {
            let status = asked.status.as_ref().and_then(Value::as_i64).and_then(|id| i32::try_from(id).ok());
            let status = status.ok_or_else(|| refusal(400, "say {\"status\": 15}, the id of a status"))?;
            world.set_status(id, status).map(nothing)
        }
        "despatch" => world.despatch(id, asked.tracking.as_deref()).map(nothing),
        "shipment" => {
            let number = asked.number.ok_or_else(|| refusal(400, "say {\"number\": \"JD1\"}"))?;
            world.add_shipment(id, &number, asked.tracked.unwrap_or(true)).map(fresh)
        }
        "tracking" => {
            let status = asked.status.as_ref().and_then(Value::as_str);
            let status = status.ok_or_else(|| refusal(400, "say {\"status\": \"Delivered\"}"))?;
            let added = world.lock().add_tracking_event(id, status, asked.text.as_deref(), None);
            added.map(|followed| json!({ "id": id, "followed": followed }))
        }
        "split" => {
            let skus: Vec<&str> = asked.skus.iter().map(String::as_str).collect();
            world.split(id, &skus).map(fresh)
        }
        "merge" => {
            let absorbed = asked.absorbed.ok_or_else(|| refusal(400, "say {\"absorbed\": 20002}"))?;
            world.merge(id, absorbed).map(nothing)
        }
        "copy" => world.copy(id).map(fresh),
        "cancel" => world.cancel(id).map(nothing),
        "touch" => world.touch(id).map(nothing),
        "remove-personal-data" => world.remove_personal_data(id).map(nothing),
        _ => {
            return Err(refusal(
                404,
                "an order can be moved by status, despatch, shipment, tracking, split, \
            merge, copy, cancel, touch or remove-personal-data",
            ));
        }
    };
    outcome.map_err(|error| match error {
        WorldError::UnknownOrder(_) => refusal(404, &error.to_string()),
        _ => refusal(409, &error.to_string()),
    })
}

fn orders(world: &WorldHandle, call: &Call) -> Value {
    let client = call.parameters.id("client").unwrap_or_default();
    let world = world.lock();
    let rows = world.orders.values().filter(|order| client.is_none_or(|id| id == order.client_id));
    rows.map(|order| {
        json!({ "id": order.id, "client_id": order.client_id, "number": order.number, "status": order.status })
    })
    .collect()
}

fn skip(world: &WorldHandle, call: &Call) -> Result<Value, Answer> {
    let words = "say {\"skip\": \"25h\"}";
    let asked: Value = read(call)?;
    let span = asked.get("skip").and_then(Value::as_str).ok_or_else(|| refusal(400, words))?;
    let span = humantime::parse_duration(span).map_err(|_| refusal(400, words))?;
    let span = TimeDelta::from_std(span).map_err(|_| refusal(400, words))?;
    world.skip_time(span).map(|now| json!({ "now": now })).map_err(|error| refusal(409, &error.to_string()))
}

fn read<T: DeserializeOwned>(call: &Call) -> Result<T, Answer> {
    serde_json::from_slice(&call.body).map_err(|error| refusal(400, &error.to_string()))
}

fn refusal(code: u16, detail: &str) -> Answer {
    Answer::message(code, detail)
}
