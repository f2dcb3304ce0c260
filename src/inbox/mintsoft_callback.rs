//! Where Mintsoft calls back. The address carries a token that is good for one account, one order and one event; the
//! body is only a hint, so whatever it is, it is kept and answered with 200.

use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, Uri};
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::arrival::{Arrival, Sender, sha256};
use super::rejections::Rejection;
use super::waits::TimeLeft;
use super::{Inbox, answer, dedupe, headers};
use crate::clock;

/// The events that Mintsoft calls back about.
const EVENTS: [&str; 4] = ["despatched", "cancelled", "delivered", "split"];

/// What the address of a callback carries.
#[derive(Deserialize)]
struct Address {
    /// The account.
    a: Uuid,
    /// Mintsoft's id of the order.
    o: i64,
    /// The event.
    e: String,
    /// The token.
    t: String,
}

/// `POST /api/v1/webhooks/mintsoft?a=…&o=…&e=…&t=…`
pub(super) async fn receive_callback(
    State(inbox): State<Inbox>,
    uri: Uri,
    sent: HeaderMap,
    body: Body,
) -> Response {
    let now = inbox.0.clock.now();
    let Some(address) = proven(&inbox, &uri) else {
        inbox.0.rejections.count("mintsoft", None, Rejection::BadToken, now).await;
        return answer::bad_token();
    };
    let body = match inbox.body("mintsoft", None, &sent, body).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let arrival = Arrival {
        sender: Sender::Warehouse { account: address.a, mintsoft_order_id: address.o },
        dedupe_key: dedupe::mintsoft(
            address.a,
            address.o,
            &address.e,
            &body,
            &sha256(&body),
            clock::new_id(),
        ),
        topic: address.e,
        headers: headers::kept(&sent),
    };
    let mut time = TimeLeft::of(inbox.0.waits.database);
    match inbox.at_database(&mut time, || inbox.keep(&arrival, &body, now)).await {
        Ok(kept) => answer::kept(kept),
        Err(error) => answer::unavailable(error),
    }
}

/// The address, if its token is good.
fn proven(inbox: &Inbox, uri: &Uri) -> Option<Address> {
    let Query(address) = Query::<Address>::try_from_uri(uri).ok()?;
    let good = inbox.0.ring.verify_callback_token(address.a, address.o, &address.e, &address.t);
    (good && EVENTS.contains(&address.e.as_str())).then_some(address)
}
