//! Tracing set-up: what is logged, in which form, and what never is. Bodies, headers, keys and the query strings of
//! requests are logged nowhere, since they carry secrets and people; the log goes to standard error, so that what a
//! command answers on standard output stands alone.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::util::TryInitError;

use crate::config::{LogArgs, LogFormat};

/// Why nothing can be logged.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("LEDGER_LOG is no filter; write a level such as info, or info,sqlx=warn")]
    BadFilter,
    /// Another part of the program has set the log up.
    #[error("the log is set up already")]
    SetUpAlready(#[source] TryInitError),
}

/// Starts the log of this process. `usual` is what is logged where nobody has said.
pub fn start(args: &LogArgs, usual: &str) -> Result<(), TelemetryError> {
    use tracing_subscriber::util::SubscriberInitExt as _;

    let filter = EnvFilter::builder()
        .parse(args.log.as_deref().unwrap_or(usual))
        .map_err(|_| TelemetryError::BadFilter)?;
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    match args.log_format {
        LogFormat::Json => lines.json().flatten_event(true).finish().try_init(),
        LogFormat::Text => lines.with_ansi(io::stderr().is_terminal()).finish().try_init(),
    }
    .map_err(TelemetryError::SetUpAlready)
}
