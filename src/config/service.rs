//! All that the running service is set with.

use clap::Args;

use super::database::{DatabaseArgs, NoDataDir};
use super::{
    AuditArgs, LimitArgs, ListenArgs, MasterKeyArgs, MasterKeyError, OpenIdArgs, SourceArgs, UpstreamArgs,
};
use crate::app::{AppSettings, ConnectionSettings};
use crate::live::LiveSettings;
use crate::secrets::KeyRing;

/// The settings of the service.
#[derive(Args, Clone, Debug)]
pub struct ServiceArgs {
    /// Where it listens.
    #[command(flatten)]
    pub listen: ListenArgs,
    /// Which database.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Which keys seal.
    #[command(flatten)]
    pub master_key: MasterKeyArgs,
    /// How often the sources look.
    #[command(flatten)]
    pub sources: SourceArgs,
    /// How often ledgers are sealed.
    #[command(flatten)]
    pub audit: AuditArgs,
    /// How Mintsoft is called.
    #[command(flatten)]
    pub upstream: UpstreamArgs,
    /// Who proves people.
    #[command(flatten)]
    pub openid: OpenIdArgs,
    /// Rate limits.
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Why the settings cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// There is no data directory.
    #[error(transparent)]
    NoDataDir(#[from] NoDataDir),
    /// There are no master keys.
    #[error(transparent)]
    MasterKey(#[from] MasterKeyError),
}

impl ServiceArgs {
    /// What the parts are joined with.
    pub fn app_settings(&self) -> AppSettings {
        AppSettings {
            listen: self.listen.listen,
            ledger: self.limits.ledger(),
            response_cache_bytes_max: self.limits.response_cache_bytes_max(),
            listed_cache_bytes_max: self.limits.listed_cache_bytes_max(),
            reads_at_once: self.database.reads_at_once.and_then(|reads| usize::try_from(reads).ok()),
            mintsoft: self.upstream.settings(),
            sync: self.sources.sync_settings(self.listen.public_url.clone()),
            worker: self.sources.worker_settings(),
            seal_interval: self.audit.seal_interval,
            openid: self.openid.settings(self.upstream.allow_insecure_upstream),
            live: LiveSettings::default(),
            limits: self.limits.limits(),
            connections: ConnectionSettings {
                next_request_within: self.listen.idle_connection,
                ..ConnectionSettings::default()
            },
            origins: self.limits.origins(),
            metrics: self.limits.metrics(self.listen.public_url.as_deref()),
            sign_in: self.openid.client(),
            sessions: self.openid.sessions(),
        }
    }

    /// The master keys.
    pub fn ring(&self) -> Result<KeyRing, SettingsError> {
        Ok(self.master_key.ring(&self.database.data_dir()?)?)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use clap::Parser as _;

    use super::*;

    #[derive(clap::Parser)]
    struct Typed {
        #[command(flatten)]
        service: ServiceArgs,
    }

    #[test]
    fn a_connection_lies_idle_for_as_long_as_it_is_set() {
        let typed = |words: &[&str]| Typed::parse_from(words).service.app_settings().connections;
        let (usual, set) = (typed(&["ledger"]), typed(&["ledger", "--idle-connection", "11m"]));
        assert_eq!(usual.next_request_within, ConnectionSettings::default().next_request_within);
        assert_eq!(set.next_request_within, Duration::from_mins(11));
        assert_eq!(set.first_request_within, usual.first_request_within);
    }
}
