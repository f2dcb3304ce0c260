//! Reading a body: whole, byte for byte, and within bounds of size and time.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, header};
use futures_util::StreamExt as _;
use tokio::time::timeout;

/// The largest body that is kept, in bytes. Real ones have some ten thousand.
pub(super) const BODY_BYTES_MAX: usize = 2 * 1024 * 1024;
/// How much of a larger body is read and thrown away, so that its sender hears the answer.
const DISCARDED_BYTES_MAX: usize = 16 * 1024 * 1024;

/// Why a body was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BodyRefusal {
    /// It is larger than may be.
    TooLarge,
    /// It broke off.
    Broken,
    /// It took too long.
    Slow,
}

/// The body, or why it was not taken. It may be so large, and take so long to arrive.
pub(super) async fn read(
    headers: &HeaderMap,
    body: Body,
    bytes_max: usize,
    within: Duration,
) -> Result<Vec<u8>, BodyRefusal> {
    // Who asks first whether to send it at all is told before a byte is sent.
    if announced(headers).is_some_and(|bytes| bytes > bytes_max) && headers.contains_key(header::EXPECT) {
        return Err(BodyRefusal::TooLarge);
    }
    timeout(within, collect(body, bytes_max)).await.unwrap_or(Err(BodyRefusal::Slow))
}

/// How long a body is said to be before it comes.
pub(super) fn announced(headers: &HeaderMap) -> Option<usize> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

async fn collect(body: Body, bytes_max: usize) -> Result<Vec<u8>, BodyRefusal> {
    let mut chunks = body.into_data_stream();
    let mut held = Vec::new();
    let mut seen: usize = 0;
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| BodyRefusal::Broken)?;
        seen = seen.saturating_add(chunk.len());
        if seen <= bytes_max {
            held.extend_from_slice(&chunk);
        } else {
            held = Vec::new();
            if seen > DISCARDED_BYTES_MAX {
                break;
            }
        }
    }
    if seen > bytes_max { Err(BodyRefusal::TooLarge) } else { Ok(held) }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn taken(body: Body) -> Result<Vec<u8>, BodyRefusal> {
        read(&HeaderMap::new(), body, BODY_BYTES_MAX, Duration::from_hours(1)).await
    }

    fn of(bytes: usize) -> Body {
        Body::from(vec![b'x'; bytes])
    }

    #[tokio::test]
    async fn a_body_is_taken_up_to_the_limit_and_not_beyond() {
        assert_eq!(taken(of(BODY_BYTES_MAX)).await.map(|body| body.len()), Ok(BODY_BYTES_MAX));
        assert_eq!(taken(of(BODY_BYTES_MAX + 1)).await, Err(BodyRefusal::TooLarge));
        assert_eq!(taken(of(DISCARDED_BYTES_MAX + 1)).await, Err(BodyRefusal::TooLarge));
        assert_eq!(taken(Body::empty()).await, Ok(Vec::new()));
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_not_taken_for_a_whole_one() {
        let chunks = [Ok("{\"id\":"), Err(std::io::Error::other("gone"))];
        let body = Body::from_stream(futures_util::stream::iter(chunks));
        assert_eq!(taken(body).await, Err(BodyRefusal::Broken));
    }
}
