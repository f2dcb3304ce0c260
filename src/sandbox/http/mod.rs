//! The HTTP face: takes a call apart, lets ordered faults strike, and hands the rest to the endpoint that the
//! path names. Absent: what an endpoint answers (its own file) and the control API (`control`).

mod answer;
mod create;
mod fault;
mod list;
mod order;
mod parts;
mod query;
mod routes;
mod search;
mod tracking;

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Request};
use axum::response::Response;

pub use answer::Answer;
pub use query::{Parameters, field, flag, text};

use super::control;
use super::handle::{ReceivedCall, WorldHandle};
use super::keys::Caller;
use super::world::World;

/// The largest body that is read, bytes.
const BODY_AT_MOST: usize = 4 * 1024 * 1024;

/// A call taken apart.
pub struct Call {
    pub method: String,
    /// The path's segments in lower case, empty ones (double slashes) left out.
    pub segments: Vec<String>,
    pub parameters: Parameters,
    pub body: Vec<u8>,
    /// A fault that changes which rows an answer holds.
    pub fault: Option<super::faults::Fault>,
}

impl Call {
    /// The body as JSON; upstream's 400 when it is none.
    pub fn json(&self) -> Result<serde_json::Value, Answer> {
        serde_json::from_slice(&self.body)
            .map_err(|_| Answer::invalid("The request entity's body is not JSON."))
    }
}

pub fn router(world: WorldHandle) -> Router {
    Router::new().fallback(receive).with_state(world)
}

async fn receive(State(world): State<WorldHandle>, request: Request<Body>) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let Ok(body) = to_bytes(body, BODY_AT_MOST).await else {
        return Answer::status(413).respond().await;
    };
    let mut segments: Vec<String> =
        path.split('/').filter(|segment| !segment.is_empty()).map(str::to_lowercase).collect();
    let face = if segments.is_empty() { String::new() } else { segments.remove(0) };
    let mut call = Call {
        method: head.method.as_str().to_owned(),
        segments,
        parameters: Parameters::of(&head.uri),
        body: body.to_vec(),
        fault: None,
    };
    let answer = match face.as_str() {
        "sandbox" => control::answer(&world, &call),
        "api" => {
            let received = ReceivedCall {
                method: call.method.clone(),
                path: path.clone(),
                query,
                user: None,
                status: 0,
            };
            let late = world.lock().faults.take_lateness(&said(&call));
            match late {
                // On a task of its own: what upstream has in hand is done, though the caller has gone.
                Some(late) => late_api(world.clone(), call, head.headers, received, late).await,
                None => api(&mut world.lock(), &mut call, &head.headers, received),
            }
        }
        _ => Answer::no_route(&path),
    };
    answer.respond().await
}

/// The call as faults know it.
fn said(call: &Call) -> String {
    format!("{} /api/{}", call.method.to_lowercase(), call.segments.join("/"))
}

/// A call whose work is begun late.
async fn late_api(
    world: WorldHandle,
    mut call: Call,
    headers: HeaderMap,
    received: ReceivedCall,
    late: Duration,
) -> Answer {
    let work = tokio::spawn(async move {
        tokio::time::sleep(late).await;
        api(&mut world.lock(), &mut call, &headers, received)
    });
    work.await.unwrap_or_else(|_| Answer::trouble())
}

/// One call to `/api`, from the key to the answer, under the world's lock.
fn api(world: &mut World, call: &mut Call, headers: &HeaderMap, mut received: ReceivedCall) -> Answer {
    world.settle();
    let said = said(call);
    let caller = caller(world, call, headers);
    received.user = caller.as_ref().map(|caller| caller.username.clone());
    let fault = world.faults.take(&said);
    let answer = if let Some(answer) = fault.as_ref().and_then(fault::instead) {
        answer
    } else {
        call.fault.clone_from(&fault);
        let answer = work(world, call, caller.as_ref(), &received.path);
        match fault {
            Some(fault) => fault::bend(answer, &fault),
            None => answer,
        }
    };
    received.status = answer.code;
    world.remember_call(received);
    answer
}

/// What the endpoint answers: login needs no key, everything else does.
fn work(world: &mut World, call: &Call, caller: Option<&Caller>, path: &str) -> Answer {
    let login = matches!(call.segments.as_slice(), [only] if only == "auth");
    match (caller, call.method.as_str()) {
        (_, "POST") if login => log_in(world, call),
        (None, _) => Answer::status(401),
        (Some(caller), _) => routes::answer(world, call, caller, path).unwrap_or_else(|refusal| refusal),
    }
}

fn caller(world: &World, call: &Call, headers: &HeaderMap) -> Option<Caller> {
    let in_header = headers.get("ms-apikey").and_then(|value| value.to_str().ok());
    let in_query = || call.parameters.get("apikey").filter(|_| world.settings.accept_key_in_query);
    world.keys.caller(in_header.or_else(in_query)?, world.now())
}

fn log_in(world: &mut World, call: &Call) -> Answer {
    let body = match call.json() {
        Ok(body) => body,
        Err(refusal) => return refusal,
    };
    let (username, password) = (text(&body, "username"), text(&body, "password"));
    let (now, life) = (world.now(), world.settings.key_life);
    let World { keys, chance, .. } = world;
    let key = keys.login(
        username.as_deref().unwrap_or_default(),
        password.as_deref().unwrap_or_default(),
        now,
        life,
        chance,
    );
    key.map_or_else(|| Answer::status(401), |key| Answer::json(&key))
}
