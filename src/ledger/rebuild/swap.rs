//! Putting the rebuilt tables in place of the live ones, while appends and readers come and go.

use std::time::Duration;

use sqlx::Executor;
use tokio::time::{Instant, sleep};

use super::error::RebuildError;
use super::{Run, Scope, Step, shadow};

/// Rounds stop, and the lock is taken, once no more orders than this moved on during the last one.
const MOVED_FEW: usize = 200;
/// The most rounds before the lock is taken all the same.
const ROUNDS_MAX: u32 = 8;

/// How often the swap is tried, and how long to wait before each further time.
const ATTEMPTS_MAX: u32 = 12;
const PAUSE: Duration = Duration::from_millis(250);

/// How long to wait for a lock. At first less than the server's deadlock timeout of one second: whoever reads several
/// of the tables may have taken them in another order, and then it is we who step back. Later more than that, so that
/// the server makes a vacuum give way.
const LOCK_WAIT_SHORT: &str = "set local lock_timeout = '300ms'";
const LOCK_WAIT_LONG: &str = "set local lock_timeout = '2s'";
const PATIENT_FROM: u32 = 5;

impl Run<'_> {
    /// Swaps, and tells how long appends were held.
    pub(super) async fn swap(&mut self) -> Result<Duration, RebuildError> {
        for _ in 0..ROUNDS_MAX {
            if self.in_snapshot(Step::CatchUp).await? <= MOVED_FEW {
                break;
            }
        }
        for attempt in 1..=ATTEMPTS_MAX {
            let before = self.progress.clone();
            match self.attempt(attempt).await {
                Err(error) if error.passes() => {
                    self.connection.execute("rollback").await?;
                    self.progress = before;
                }
                ended => return ended,
            }
            sleep(PAUSE * attempt).await;
            self.in_snapshot(Step::CatchUp).await?;
        }
        Err(RebuildError::TablesBusy { attempts: ATTEMPTS_MAX })
    }

    /// The last round and the swap, in one transaction that no append can come between.
    async fn attempt(&mut self, attempt: u32) -> Result<Duration, RebuildError> {
        self.connection.execute("begin").await?;
        let wait = if attempt < PATIENT_FROM { LOCK_WAIT_SHORT } else { LOCK_WAIT_LONG };
        self.connection.execute(wait).await?;
        // Shorter than what an append waits for a lock, so that none fails for our sake.
        self.connection.execute("set local statement_timeout = '5s'").await?;
        // Every append locks the heads before it touches a read table; those under way end first, others wait.
        let asked = Instant::now();
        self.connection.execute("lock table ledger_heads in exclusive mode").await?;
        self.catch_up(Scope::Moved).await?;
        self.count_again().await?;
        shadow::repair_searches(&mut self.connection, Some(&self.progress.unsearched)).await?;
        shadow::replace(&mut self.connection).await?;
        self.connection.execute("commit").await?;
        Ok(asked.elapsed())
    }
}
