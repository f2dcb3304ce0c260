//! Whole lists as files, which callers take away: `GET …/export` of orders and of links; and single files that are as heavy. What
//! is in them, their own endpoints say; here is how it becomes a file.
//!
//! The list is read a portion at a time within one snapshot, and each portion is sent, piece by piece, before the next is read, so
//! memory does not grow with the list. Whoever goes away, takes no piece for too long, or takes too long in all, ends the work. What
//! fails on the way breaks the connection off: a file that came to its end is whole.

mod body_stream;
mod export_permits;
mod json_file;
mod sheet;
mod table;
mod write;

pub use export_permits::ExportPermits;
pub(super) use json_file::json_file;
pub(super) use table::{Cell, instant, text};
pub(super) use write::unwritable;

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use sqlx::PgConnection;
use tokio::time::timeout;
use tracing::Instrument as _;
use utoipa::ToSchema;

use self::export_permits::ExportPermit;
use self::write::Unfinished;
use super::gate::Scope;
use super::problem::Problem;
use crate::access::AccessError;
use crate::postgres::Reading;
use crate::tenancy::find_tenant;
use crate::words::{Language, Words};

/// How long a caller may take nothing before the work is ended. Less than a transaction may lie idle.
const STALLED_AFTER: Duration = Duration::from_secs(30);

/// How long an export may take in all, however slowly it is taken.
const WHOLE_WITHIN: Duration = Duration::from_mins(10);

/// The form of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Format {
    /// Text with commas, in UTF-8 with a byte order mark, instants in the tenant's zone.
    Csv,
    /// A workbook, instants in the tenant's zone.
    Xlsx,
    /// A JSON object a line, as the list answers them.
    Jsonl,
}

/// A list that becomes a file.
#[async_trait]
pub(super) trait Listed: Send + Sync + 'static {
    /// What the list has many of; a line of JSON is what the list answers.
    type Row: Serialize + Send + Sync + 'static;

    /// What the file is called, without the ending that says its form.
    const NAME: &'static str;

    /// The names of the columns of a table.
    fn heads(words: Words) -> Vec<String>;

    /// What stands in them, instants in the tenant's zone.
    fn cells(row: &Self::Row, zone: Tz, words: Words) -> Vec<Cell>;

    /// The next portion, at least one in all; none at the end.
    async fn next(&mut self, snapshot: &mut PgConnection) -> sqlx::Result<Option<Vec<Self::Row>>>;
}

/// How a list is written.
struct Export {
    zone: Tz,
    format: Format,
    words: Words,
    /// Held by whatever still works on it.
    permit: Arc<ExportPermit>,
}

/// The answer that hands over the list, read on this connection, to whoever has the permit.
pub(super) async fn answer<L: Listed>(
    permit: ExportPermit,
    mut reading: Reading,
    (scope, language): (Scope, Option<Language>),
    format: Format,
    list: L,
) -> Result<Response, Problem> {
    reading.leave_permit();
    let tenant = find_tenant(&mut *reading, scope.tenant()).await?.ok_or(AccessError::NoSuchTenant)?;
    let words = Words::of(language.unwrap_or(Language::Spanish));
    let export = Export { zone: tenant.timezone, format, words, permit: Arc::new(permit) };
    let (sender, completion, mut receiver) = body_stream::body_channel();
    let work = async move {
        match timeout(WHOLE_WITHIN, write::write_list(&mut reading, &export, list, &sender)).await {
            Ok(Ok(())) => completion.mark_complete(),
            Ok(Err(Unfinished::NobodyTakes)) => {
                tracing::info!("an export is not taken any more, and was broken off");
            }
            Ok(Err(Unfinished::Failed(error))) => {
                tracing::error!(%error, "an export broke off");
                // Before the first piece there is room, and it can still be answered.
                let _full = sender.try_send(Err(error));
            }
            Err(_) => tracing::info!("an export took too long and was broken off"),
        }
        drop((reading, export));
    };
    tokio::spawn(work.in_current_span());
    // The first piece, or why there is none, is waited for: then it can still be said.
    match receiver.first().await {
        Some(Ok(first)) => Ok(file(format, L::NAME, Body::from_stream(receiver.follow(first)))),
        Some(Err(error)) => Err(error.into()),
        None => Err(Problem::internal(&Ended)),
    }
}

#[derive(Debug, thiserror::Error)]
#[error("an export ended before it began")]
struct Ended;

fn file(format: Format, name: &str, whole: Body) -> Response {
    let (kind, ending) = match format {
        Format::Csv => ("text/csv; charset=utf-8", "csv"),
        Format::Xlsx => ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
        Format::Jsonl => ("application/x-ndjson", "jsonl"),
    };
    let mut response = whole.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    if let Ok(named) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.{ending}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, named);
    }
    response
}
