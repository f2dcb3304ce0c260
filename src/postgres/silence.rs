//! What to do when the database says nothing. A network that swallows everything tells nobody, so whoever must go on waits for
//! so long and gives the connection up.

use std::future::Future;
use std::io::ErrorKind;
use std::time::Duration;

use tokio::time::timeout;

/// What the database answers within `wait`, or an error for which [`is_silence`] is true. The connection is of no use then: a
/// pool that gets it back would wait for a sign of life.
pub(crate) async fn in_time<T>(
    wait: Duration,
    work: impl Future<Output = sqlx::Result<T>>,
) -> sqlx::Result<T> {
    timeout(wait, work).await.unwrap_or_else(|_| Err(sqlx::Error::Io(ErrorKind::TimedOut.into())))
}

/// Whether the database said nothing in time.
pub(crate) fn is_silence(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(error) if error.kind() == ErrorKind::TimedOut)
}
