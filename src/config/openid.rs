//! Who proves people: the OpenID provider whose tokens are taken.

use clap::Args;

use crate::access::OpenIdSettings;

/// The OpenID provider. Without it only API keys are taken.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Sign-in")]
pub struct OpenIdArgs {
    /// The OpenID provider, exactly as its tokens name it, as https://brand.eu.auth0.com/; without it only API keys are
    /// taken
    #[arg(long, env = "LEDGER_OIDC_ISSUER", requires = "oidc_audience", value_name = "URL")]
    pub oidc_issuer: Option<String>,

    /// The name of this API at the provider, which its tokens must be for
    #[arg(long, env = "LEDGER_OIDC_AUDIENCE", requires = "oidc_issuer", value_name = "TEXT")]
    pub oidc_audience: Option<String>,
}

impl OpenIdArgs {
    /// What the room of access needs to know; none where no provider is named. `insecure` lets the provider be on this
    /// machine itself, by http.
    pub fn settings(&self, insecure: bool) -> Option<OpenIdSettings> {
        let (issuer, audience) = (self.oidc_issuer.clone()?, self.oidc_audience.clone()?);
        Some(OpenIdSettings { issuer, audience, insecure })
    }
}
