//! `/logistics/orders/{id}/documents`: which there are, and the bytes of one. What a document is shows in its first bytes; it
//! is never served as a page, whatever upstream calls it.

use std::io;
use std::time::Duration;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use futures_util::stream;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio::time::timeout;
use tracing::Instrument as _;
use utoipa::ToSchema;
use uuid::Uuid;

use super::acting::Acting;
use super::comments::SeenAt;
use crate::actions::{DocumentBytes, DocumentPermit, Fetched, ListedDocument};
use crate::api::etag::{held_by, holds};
use crate::api::extract::{NoParameters, Path, Query};
use crate::api::gate::Scope;
use crate::api::problem::Problem;
use crate::mintsoft::DocumentKind;

/// A document of an order.
#[derive(Serialize, ToSchema)]
pub(super) struct DocumentView {
    /// The warehouse's id of the document.
    id: i64,
    /// What kind of document, as the warehouse names it: `INVOICE`, `COURIERLABEL`, ….
    #[serde(rename = "type")]
    type_name: Option<&'static str>,
    /// The warehouse's id of the kind of document.
    type_id: Option<i64>,
    /// The file's name, as the warehouse has it.
    file_name: Option<String>,
    /// The media type: by the bytes once they were fetched, before that as the warehouse says.
    content_type: Option<String>,
    /// The size in bytes, once the document was fetched.
    size_bytes: Option<i64>,
    /// SHA-256 of the bytes as they were first fetched, in hex.
    sha256: Option<String>,
    /// When the document was first fetched (UTC); null where it was not.
    first_fetched_at: Option<DateTime<Utc>>,
    /// Since when the warehouse has other bytes under the same id (UTC); null where it has not.
    differs_since: Option<DateTime<Utc>>,
    /// What was noted beside the document in the warehouse.
    remark: Option<String>,
    /// Whether the warehouse thinks the file harmful.
    harmful: bool,
    /// When the warehouse last changed the document (UTC).
    updated_at: Option<DateTime<Utc>>,
}

impl DocumentView {
    fn of(listed: ListedDocument, known: Option<&Fetched>) -> Self {
        let type_name = listed.type_name();
        let told = listed.content_type;
        Self {
            id: listed.id,
            type_name,
            type_id: listed.type_id,
            file_name: listed.file_name,
            content_type: known.map(|known| known.media_type.clone()).or(told),
            size_bytes: known.map(|known| known.size_bytes),
            sha256: known.map(|known| hex::encode(&known.sha256)),
            first_fetched_at: known.map(|known| known.first_fetched_at),
            differs_since: known.and_then(|known| known.differs_since),
            remark: listed.remark,
            harmful: listed.harmful,
            updated_at: listed.updated_at,
        }
    }
}

/// The documents of an order.
#[derive(Serialize, ToSchema)]
pub(super) struct DocumentList {
    total: usize,
    items: Vec<DocumentView>,
    /// How old the list is; null where it could never be read.
    freshness: Option<SeenAt>,
}

/// The documents of an order.
#[utoipa::path(get, path = "/logistics/orders/{id}/documents", tag = "orders",
    params(("id" = Uuid, Path, description = "The order")),
    responses((status = 200, description = "All documents, without their bytes", body = DocumentList)))]
pub(super) async fn list(
    State(acting): State<Acting>,
    scope: Scope,
    Path(id): Path<Uuid>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Json<DocumentList>, Problem> {
    let address = acting.address(scope, id).await?;
    let documents = acting.actions.documents(address).await?;
    let freshness = SeenAt::at(documents.checked_at, acting.orders.gate.clock.now());
    let view = |(listed, fetched): (_, Option<Fetched>)| DocumentView::of(listed, fetched.as_ref());
    let items: Vec<_> = documents.items.into_iter().map(view).collect();
    Ok(Json(DocumentList { total: items.len(), items, freshness }))
}

/// How much of a document is handed over at a time, in bytes.
const PIECE: usize = 64 * 1024;

/// How long a caller may take to take a document.
const TAKEN_WITHIN: Duration = Duration::from_mins(1);

/// The bytes of a document. `Repr-Digest` tells their SHA-256; `Document-Differs-Since` that they are not those that
/// were fetched first.
#[utoipa::path(get, path = "/logistics/orders/{id}/documents/{document_id}", tag = "orders",
    params(("id" = Uuid, Path, description = "The order"),
        ("document_id" = i64, Path, description = "The warehouse's number of the document"),
        ("If-None-Match" = Option<String>, Header, description = "The ETag of the bytes that the caller holds; 304 if the \
            warehouse still has those")),
    responses((status = 200, description = "The bytes, under the type that they show: that of no other kind is \
            application/octet-stream", content(
            (Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/jpeg"), (Vec<u8> = "image/gif"),
            (Vec<u8> = "application/zip"), (String = "text/plain"), (Vec<u8> = "application/octet-stream")),
        headers(("ETag" = String, description = "SHA-256 of the bytes, in hex"),
            ("Repr-Digest" = String, description = "SHA-256 of the bytes (RFC 9530)"),
            ("Document-Differs-Since" = String, description = "Since when the warehouse has other bytes than those that were \
                fetched first (RFC 3339); absent where it has not"))),
        (status = 409, description = "The document is larger than is taken here"),
        (status = 304, description = "The warehouse still has the bytes that If-None-Match names")))]
pub(super) async fn content(
    State(acting): State<Acting>,
    scope: Scope,
    asked: HeaderMap,
    Path((id, document_id)): Path<(Uuid, i64)>,
    Query(NoParameters {}): Query<NoParameters>,
) -> Result<Response, Problem> {
    let address = acting.address(scope, id).await?;
    let document = acting.actions.document(address, document_id).await?;
    let mut headers = headers(&document).map_err(|error| Problem::internal(&error))?;
    if headers
        .get(header::ETAG)
        .and_then(|tag| tag.to_str().ok())
        .is_some_and(|tag| holds(&held_by(&asked), tag))
    {
        headers.remove(header::CONTENT_TYPE);
        headers.remove(header::CONTENT_DISPOSITION);
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    headers.insert(header::CONTENT_LENGTH, document.bytes.len().into());
    Ok((headers, handed_over(document.bytes, document.permit)).into_response())
}

/// The bytes piece by piece, as they are taken. The permit is held until then, and a caller who takes too long is broken off,
/// so that slow ones keep neither memory nor permits.
fn handed_over(bytes: Vec<u8>, permit: DocumentPermit) -> Body {
    let (give, given) = mpsc::channel(1);
    let work = async move {
        let _permit = permit;
        let writing = async {
            for piece in bytes.chunks(PIECE) {
                if give.send(Ok::<_, io::Error>(Bytes::copy_from_slice(piece))).await.is_err() {
                    return;
                }
            }
        };
        if timeout(TAKEN_WITHIN, writing).await.is_err() {
            tracing::info!("a document was taken too slowly and was broken off");
        }
    };
    tokio::spawn(work.in_current_span());
    Body::from_stream(stream::unfold(given, |mut given| async move { Some((given.recv().await?, given)) }))
}

/// What a browser may do with it: look at pictures and PDF files, save everything else, and run nothing.
fn headers(document: &DocumentBytes) -> Result<HeaderMap, header::InvalidHeaderValue> {
    let shown = !document.listed.harmful && is_shown(document.kind);
    let name =
        document.listed.file_name.clone().unwrap_or_else(|| format!("document-{}", document.listed.id));
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(document.kind.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&disposition(shown, &name))?);
    // Browsers refuse to show a PDF file in a sandbox; it is no page, and may load nothing all the same.
    let policy = if document.kind == DocumentKind::Pdf && shown {
        "default-src 'none'; style-src 'unsafe-inline'; object-src 'self'; frame-ancestors 'self'"
    } else {
        "default-src 'none'; frame-ancestors 'self'; sandbox"
    };
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    let digest = format!("sha-256=:{}:", STANDARD.encode(document.sha256));
    headers.insert("repr-digest", HeaderValue::from_str(&digest)?);
    headers.insert(header::ETAG, HeaderValue::from_str(&format!("\"{}\"", hex::encode(document.sha256)))?);
    if let Some(since) = document.first.differs_since.filter(|_| document.first.sha256 != document.sha256) {
        headers.insert("document-differs-since", HeaderValue::from_str(&since.to_rfc3339())?);
    }
    Ok(headers)
}

/// Whether a browser may show it in place.
const fn is_shown(kind: DocumentKind) -> bool {
    matches!(kind, DocumentKind::Pdf | DocumentKind::Png | DocumentKind::Jpeg | DocumentKind::Gif)
}

/// The header's value: a plain name for everybody, and the real one in the form of RFC 8187.
fn disposition(shown: bool, name: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '_');
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let ascii: String = last.chars().map(|letter| if plain(letter) { letter } else { '_' }).collect();
    let mut encoded = String::new();
    for byte in last.bytes() {
        if plain(char::from(byte)) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            encoded.push_str(&hex::encode_upper([byte]));
        }
    }
    let kind = if shown { "inline" } else { "attachment" };
    format!("{kind}; filename=\"{ascii}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_name_cannot_leave_its_header_or_its_folder() {
        assert_eq!(
            disposition(false, "../año \"1\"\r\nX: y.pdf"),
            "attachment; filename=\"a_o__1___X__y.pdf\"; filename*=UTF-8''a%C3%B1o%20%221%22%0D%0AX%3A%20y.pdf"
        );
    }
}
