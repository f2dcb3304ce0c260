//! Under which name logs are signed, for commands that sign and do not serve.

use clap::Args;

use super::listen::public_url;
use crate::audit::signing_key::{given_name, log_name};

/// The name of a key that is made.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Proof")]
pub struct LogNameArgs {
    /// The address under which the service is reached, as the service has it: a key that is made is named after its host
    #[arg(long, env = "LEDGER_PUBLIC_URL", value_parser = public_url, value_name = "URL")]
    pub public_url: Option<String>,
}

impl LogNameArgs {
    /// What the names of logs begin with.
    pub fn log_name(&self) -> String {
        log_name(self.public_url.as_deref())
    }

    /// The same, as far as the address was given.
    pub fn given(&self) -> Option<String> {
        given_name(self.public_url.as_deref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_are_named_as_the_service_names_them() {
        let args = |url: &str| LogNameArgs { public_url: Some(public_url(url).unwrap()) };
        assert_eq!(args("https://ledger.example:8443/x/").log_name(), "ledger.example:8443");
        assert_eq!(args("https://ledger.example").given(), Some("ledger.example".to_owned()));
        assert_eq!(LogNameArgs { public_url: None }.given(), None);
    }
}
