//! A file of JSON that is made whole before it is sent: handed over piece by piece, under the permit that it was made with.

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use tokio::time::timeout;
use tracing::Instrument as _;

use super::body_stream::body_channel;
use super::export_permits::ExportPermit;
use super::write::{Unfinished, hand_over, pieces};
use super::{Ended, WHOLE_WITHIN};
use crate::api::problem::Problem;

/// The answer that hands over `content` as the file of this plain name, without its ending. Whoever takes it slowly keeps the permit
/// and the memory no longer than an export may take.
pub(in crate::api) async fn json_file(
    permit: ExportPermit,
    name: &str,
    content: &impl Serialize,
) -> Result<Response, Problem> {
    let bytes = Bytes::from(serde_json::to_vec(content).map_err(|error| Problem::internal(&error))?);
    let (sender, completion, mut receiver) = body_channel();
    let work = async move {
        let handing_over = async {
            for piece in pieces(bytes) {
                hand_over(&sender, Ok(piece)).await?;
            }
            Ok::<_, Unfinished>(())
        };
        let is_taken = matches!(timeout(WHOLE_WITHIN, handing_over).await, Ok(Ok(())));
        // Before the file ends, so that the caller may ask for the next one at once.
        drop(permit);
        if is_taken {
            completion.mark_complete();
        } else {
            tracing::info!("a file was not taken, and was broken off");
        }
    };
    tokio::spawn(work.in_current_span());
    match receiver.first().await {
        Some(Ok(first)) => {
            let mut response = Body::from_stream(receiver.follow(first)).into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            if let Ok(named) = HeaderValue::from_str(&format!("attachment; filename=\"{name}.json\"")) {
                headers.insert(header::CONTENT_DISPOSITION, named);
            }
            Ok(response)
        }
        Some(Err(error)) => Err(error.into()),
        None => Err(Problem::internal(&Ended)),
    }
}
