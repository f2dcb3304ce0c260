//! What a person had before them when they filled in a form, in short. The form carries it, so that what was changed in
//! between is noticed, rather than undone by somebody who never saw it.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{LogisticsConfig, TenancyError, TenantSummary};

impl TenantSummary {
    /// All that its form shows, in short.
    pub fn in_short(&self) -> String {
        short(&json!([self.name, self.slug, self.timezone, self.is_active]))
    }
}

impl LogisticsConfig {
    /// All that its form shows, in short; credentials by when they were given.
    pub fn in_short(&self) -> String {
        short(&json!([
            self.account_type,
            self.api_url,
            self.credentials,
            self.sku_prefix,
            self.shared_client_id,
            self.timezone,
            self.sync_enabled,
        ]))
    }
}

/// Refuses what was filled in over something else than what is there now. Programs send single fields, and saw nothing.
pub(super) fn require(seen: Option<&str>, present: &str) -> Result<(), TenancyError> {
    if seen.is_none_or(|seen| seen == present) { Ok(()) } else { Err(TenancyError::ChangedMeanwhile) }
}

fn short(shown: &Value) -> String {
    hex::encode(&Sha256::digest(shown.to_string())[..16])
}
