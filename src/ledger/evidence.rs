//! The raw answers of upstream that events were read from, kept sealed with the order's key and opened here.

use std::sync::Arc;

use zeroize::Zeroizing;

use super::sealing::RAW_PAYLOAD;
use super::{Ledger, LedgerError, OrderAddress};

impl Ledger {
    /// The raw answer with this SHA-256, as it was received; none where there is none, or where the person it tells of was
    /// erased.
    pub async fn raw_payload(
        &self,
        address: OrderAddress,
        sha256: &[u8],
    ) -> Result<Option<Zeroizing<Vec<u8>>>, LedgerError> {
        let stream = address.stream();
        let Some(key) = self.open(address).await?.key else { return Ok(None) };
        let sealed: Option<Vec<u8>> = sqlx::query_scalar(
            "select sealed from raw_payloads where stream_id = $1 and sha256 = $2 and tenant_id = $3",
        )
        .bind(stream.0)
        .bind(sha256)
        .bind(address.tenant.0)
        .fetch_optional(&self.shared.pool)
        .await
        .map_err(|error| LedgerError::Unavailable(Arc::new(error)))?;
        let corrupt = |_| LedgerError::Corrupt {
            stream,
            what: "a raw payload does not open with the order's key".to_owned(),
        };
        sealed.map(|sealed| key.open_bytes(RAW_PAYLOAD, &sealed).map_err(corrupt)).transpose()
    }
}
