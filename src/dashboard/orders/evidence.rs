//! The raw answer of upstream that an event was read from, opened for those who may see evidence: byte for byte as it was
//! received, with the proof that it is.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Pages;
use super::detail::address;
use crate::access::Right;
use crate::api::{Path, Problem};
use crate::dashboard::page::{Frame, Page, Section, Visit};

/// The page, or the part of the timeline that the script puts it into.
#[derive(Template)]
#[template(path = "orders/evidence.html")]
struct EvidencePage {
    frame: Frame,
    id: Uuid,
    told: Told,
}

#[derive(Template)]
#[template(path = "orders/evidence_part.html")]
struct EvidencePart {
    frame: Frame,
    told: Told,
}

/// What is shown of it.
struct Told {
    sha256: String,
    matches: bool,
    bytes: usize,
    text: String,
}

pub(super) async fn evidence(
    State(pages): State<Pages>,
    visit: Visit,
    Path((id, sha256)): Path<(Uuid, String)>,
) -> Result<Response, Problem> {
    visit.require(Right::ReadEvidence)?;
    let scope = visit.scope()?;
    let order = pages.order(&scope, id).await?;
    let unknown = || {
        Problem::not_found(
            "evidence_unknown",
            "there is no such raw answer, or its personal data was erased; the order is still there",
        )
    };
    let hash = hex::decode(&sha256).ok().filter(|hash| hash.len() == 32).ok_or_else(unknown)?;
    let raw = pages.sources.ledger.raw_payload(address(scope, &order), &hash).await?.ok_or_else(unknown)?;
    let told = Told {
        matches: Sha256::digest(&raw[..]).as_slice() == hash.as_slice(),
        bytes: raw.len(),
        text: readable(&raw),
        sha256,
    };
    let frame = visit.frame(visit.words().evidence_title(&order.mintsoft_order_number), Section::Orders);
    Ok(match visit.wanted {
        Some(_) => Page(EvidencePart { frame, told }).into_response(),
        None => Page(EvidencePage { frame, id, told }).into_response(),
    })
}

/// JSON with a line for each field; else the text as it is.
fn readable(raw: &[u8]) -> String {
    let parsed =
        serde_json::from_slice::<serde_json::Value>(raw).and_then(|json| serde_json::to_string_pretty(&json));
    parsed.unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned())
}
