//! How the log looks.

use clap::{Args, ValueEnum};

/// What is logged, and in which form. The log goes to standard error.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Log")]
pub struct LogArgs {
    /// What is logged: error, warn, info, debug or trace, also by part [default: info,sqlx=warn; of the demo: warn]
    #[arg(long, env = "LEDGER_LOG", global = true, value_name = "FILTER")]
    pub log: Option<String>,

    /// The form of the log
    #[arg(long, env = "LEDGER_LOG_FORMAT", global = true, value_enum, default_value_t = LogFormat::Text)]
    pub log_format: LogFormat,
}

/// The form of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// An object a line, for programs.
    Json,
}
