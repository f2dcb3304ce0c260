//! Every setting, and the only reader of the environment. Each is an environment variable and an option of the commands
//! that use it, shown with its unit and default by `--help`; a section a file, flattened into the commands.
//! Absent: any setting that nothing reads.

mod audit;
mod database;
mod duration;
mod limits;
mod listen;
mod log_name;
mod logging;
mod master_key;
mod openid;
mod service;
mod sources;
mod upstream;

pub use audit::AuditArgs;
pub use database::{DatabaseArgs, NoDataDir};
pub use duration::positive as positive_duration;
pub use limits::LimitArgs;
pub use listen::ListenArgs;
pub use log_name::LogNameArgs;
pub use logging::{LogArgs, LogFormat};
pub use master_key::{MasterKeyArgs, MasterKeyError};
pub use openid::OpenIdArgs;
pub use service::{ServiceArgs, SettingsError};
pub use sources::SourceArgs;
pub use upstream::UpstreamArgs;

/// The text of an environment variable that is not the ledger's own, such as `HOME`.
#[expect(clippy::disallowed_methods, reason = "this is the one door to the environment")]
fn of_the_system(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
