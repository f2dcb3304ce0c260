//! How long the webhook endpoints wait: for bodies, and for the database. For the database no longer than who delivers waits for us: Shopify
//! gives up after five seconds, and sends again; WooCommerce waits for a minute, and never sends again, so its deliveries are
//! held while the database is away, as long as a request may take.

use std::time::Duration;

use tokio::time::{Instant, timeout};

/// How long the database is left alone before it is asked again.
pub(super) const PAUSE: Duration = Duration::from_millis(200);

/// How long the webhook endpoints wait.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// Until a body has come. Senders have theirs at hand.
    pub body: Duration,
    /// Until the few bytes have come that may be a ping.
    pub ping: Duration,
    /// For the database, to prove a delivery and to keep it, both together; they take milliseconds while it is well. Nothing is
    /// waited for longer in one go.
    pub database: Duration,
    /// For the database in all, where the sender never sends again. With the body's time it is less than a request may take.
    pub unrepeated: Duration,
    /// Until it is noted that something was turned away; the noting itself goes on.
    pub count: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            body: Duration::from_secs(5),
            ping: Duration::from_secs(1),
            database: Duration::from_secs(4),
            unrepeated: Duration::from_secs(20),
            count: Duration::from_secs(1),
        }
    }
}

/// What is left of a time that is spent on one thing after the other.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TimeLeft(Duration);

impl TimeLeft {
    /// All of it.
    pub(super) const fn of(time: Duration) -> Self {
        Self(time)
    }

    /// Does this in what is left; none where that was not enough.
    pub(super) async fn spend<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let begun = Instant::now();
        let done = timeout(self.0, work).await.ok();
        self.0 = self.0.saturating_sub(begun.elapsed());
        done
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    #[tokio::test]
    async fn what_one_thing_took_is_not_left_for_the_next() {
        let all = Duration::from_millis(5);
        let mut time = TimeLeft::of(all);
        let _done = time.spend(sleep(all)).await;
        assert_eq!(time, TimeLeft(Duration::ZERO));
        assert_eq!(time.spend(std::future::pending::<()>()).await, None);
    }
}
