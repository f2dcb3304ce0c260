//! The raw answer of upstream that an event was read from, opened for those who may see evidence: set out for reading, with
//! the proof that its bytes are those that came, and the bytes themselves as a file.

use askama::Template;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::Pages;
use super::detail::address;
use crate::access::Right;
use crate::api::{Path, Problem, Query};
use crate::dashboard::page::{Frame, Page, Section, Visit};

/// The page, or the part of the timeline that the script puts it into.
#[derive(Template)]
#[template(path = "orders/evidence.html")]
struct EvidencePage {
    frame: Frame,
    id: Uuid,
    shown: ShownEvidence,
}

#[derive(Template)]
#[template(path = "orders/evidence_part.html")]
struct EvidencePart {
    frame: Frame,
    id: Uuid,
    shown: ShownEvidence,
}

/// What is shown of it.
struct ShownEvidence {
    sha256: String,
    matches: bool,
    bytes: usize,
    text: String,
}

/// Whether the bytes are asked for, and not the page.
#[derive(Deserialize)]
pub(super) struct Asked {
    raw: Option<String>,
}

pub(super) async fn evidence(
    State(pages): State<Pages>,
    visit: Visit,
    Path((id, sha256)): Path<(Uuid, String)>,
    Query(asked): Query<Asked>,
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
    if asked.raw.is_some() {
        return Ok(file(&hash, raw.to_vec()));
    }
    let shown = ShownEvidence {
        matches: Sha256::digest(&raw[..]).as_slice() == hash.as_slice(),
        bytes: raw.len(),
        text: readable(&raw),
        sha256,
    };
    let frame = visit.frame(visit.words().evidence_title(&order.mintsoft_order_number), Section::Orders);
    Ok(match visit.wanted {
        Some(_) => Page(EvidencePart { frame, id, shown }).into_response(),
        None => Page(EvidencePage { frame, id, shown }).into_response(),
    })
}

/// The bytes as a file that is named by their hash, and which no browser takes for a page.
fn file(hash: &[u8], bytes: Vec<u8>) -> Response {
    let named = format!("attachment; filename=\"{}\"", hex::encode(hash));
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, named),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ];
    (headers, bytes).into_response()
}

/// JSON with a line for each field; else the text as it is.
fn readable(raw: &[u8]) -> String {
    let parsed =
        serde_json::from_slice::<serde_json::Value>(raw).and_then(|json| serde_json::to_string_pretty(&json));
    parsed.unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned())
}
