//! Who proves people: the OpenID provider, and how long one is signed in.

use std::time::Duration;

use clap::Args;

use super::duration::positive;
use crate::access::{OpenIdSettings, SessionSettings};
use crate::app::SignInClient;

/// The OpenID provider. Without it only API keys are taken.
#[derive(Args, Clone)]
#[command(next_help_heading = "Sign-in")]
pub struct OpenIdArgs {
    /// The OpenID provider, exactly as its tokens name it, as https://brand.eu.auth0.com/; without it only API keys are
    /// taken, and nobody signs in to the pages
    #[arg(long, env = "LEDGER_OIDC_ISSUER", requires = "oidc_audience", value_name = "URL")]
    pub oidc_issuer: Option<String>,

    /// The name of this API at the provider, which its tokens must be for
    #[arg(long, env = "LEDGER_OIDC_AUDIENCE", requires = "oidc_issuer", value_name = "TEXT")]
    pub oidc_audience: Option<String>,

    /// The name of the pages at the provider; it must send people back to LEDGER_PUBLIC_URL/dashboard/sign-in/return
    #[arg(long, env = "LEDGER_OIDC_CLIENT_ID", requires = "oidc_issuer", value_name = "TEXT")]
    pub oidc_client_id: Option<String>,

    /// The secret of the pages at the provider, where it asks for one
    #[arg(
        long,
        env = "LEDGER_OIDC_CLIENT_SECRET",
        hide_env_values = true,
        requires = "oidc_client_id",
        value_name = "TEXT"
    )]
    pub oidc_client_secret: Option<String>,

    /// A session in which no page is asked for so long is over
    #[arg(long, env = "LEDGER_SESSION_IDLE", default_value = "1h", value_parser = positive, value_name = "DURATION")]
    pub session_idle: Duration,

    /// A session is over after so long, however busy
    #[arg(long, env = "LEDGER_SESSION_MAX", default_value = "12h", value_parser = positive, value_name = "DURATION")]
    pub session_max: Duration,
}

impl OpenIdArgs {
    /// What the room of access needs to know; none where no provider is named. `insecure` lets the provider be on this
    /// machine itself, by http.
    pub fn settings(&self, insecure: bool) -> Option<OpenIdSettings> {
        let (issuer, audience) = (self.oidc_issuer.clone()?, self.oidc_audience.clone()?);
        Some(OpenIdSettings { issuer, audience, insecure })
    }

    /// The pages as the provider knows them.
    pub fn client(&self) -> Option<SignInClient> {
        let client_id = self.oidc_client_id.clone()?;
        Some(SignInClient { client_id, client_secret: self.oidc_client_secret.clone() })
    }

    /// How long sessions last.
    pub fn sessions(&self) -> SessionSettings {
        SessionSettings { idle: self.session_idle, longest: self.session_max, ..SessionSettings::default() }
    }
}

impl std::fmt::Debug for OpenIdArgs {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpenIdArgs").field("issuer", &self.oidc_issuer).finish_non_exhaustive()
    }
}
