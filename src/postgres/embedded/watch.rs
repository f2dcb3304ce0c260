//! Keeping the server up, and its log short, while somebody uses it: nobody else would start it again if the system killed it.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::account::Account;
use super::layout::Layout;
use super::{BootError, EmbeddedSettings, boot, postmaster};

/// How long a server that was killed may go unnoticed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A thread that looks after the server until it is told to end.
#[derive(Debug)]
pub(super) struct Watch {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    /// Starts to look after the server.
    pub(super) fn over(
        layout: Layout,
        account: Account,
        settings: EmbeddedSettings,
    ) -> Result<Self, BootError> {
        let (end, ended) = mpsc::channel();
        let path = layout.cluster.clone();
        let thread = thread::Builder::new()
            .name("postgres-watch".to_owned())
            .spawn(move || {
                let mut may_trim = true;
                while ended.recv_timeout(LOOK_EVERY) == Err(RecvTimeoutError::Timeout) {
                    if postmaster::is_gone(&layout) {
                        revive(&layout, &account, &settings);
                    }
                    if may_trim && layout.is_log_overlong() {
                        may_trim = trim_log(&layout, &account);
                    }
                }
            })
            .map_err(BootError::io("watch over", &path))?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Watch {
    /// Waits for the thread, so that it cannot start a server that is being stopped.
    fn drop(&mut self) {
        self.end.take();
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended too, which is all that is asked.
            let _ended = thread.join();
        }
    }
}

/// Sets the overlong log aside; false where that failed, and would again.
fn trim_log(layout: &Layout, account: &Account) -> bool {
    let trimmed = layout.lock_boot(account).and_then(|_boot| layout.trim_log(account));
    if let Err(error) = &trimmed {
        tracing::warn!(%error, "the log of PostgreSQL stays as long as it is");
    }
    trimmed.is_ok()
}

fn revive(layout: &Layout, account: &Account, settings: &EmbeddedSettings) {
    tracing::warn!("PostgreSQL is gone; starting it again");
    let revived = layout.lock_boot(account).and_then(|_boot| boot::bring_up(layout, account, settings));
    match revived {
        Ok(()) => tracing::info!("PostgreSQL is back"),
        Err(error @ BootError::Recovering { .. }) => tracing::warn!(%error, "PostgreSQL is not back yet"),
        Err(error) => tracing::error!(%error, "PostgreSQL did not come back; trying again"),
    }
}
