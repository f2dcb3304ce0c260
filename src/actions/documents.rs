//! The documents of an order: their list, and the bytes of one. A list may be shown from the last look; bytes are always
//! fetched. The first fetch of a document remembers its hash, so that a later difference is told.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::FromRow;

use super::document_permits::DocumentPermit;
use super::glimpse::{self, Glimpse, What};
use super::thread::reader;
use super::{ActionError, Actions};
use crate::ledger::OrderAddress;
use crate::mintsoft::{DocumentKind, UpstreamError};
use crate::secrets::OrderKey;
use crate::sync::SyncError;

/// A list that was seen this short a time ago is not read again.
const FRESH_FOR: TimeDelta = TimeDelta::seconds(30);

/// The largest document that is handed on, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 10 * 1024 * 1024;

/// How long a person waits until one of those that are sent is done.
const PERMIT_WITHIN: Duration = Duration::from_secs(3);

/// How long a person waits for a document's bytes.
const BYTES_WITHIN: Duration = Duration::from_secs(20);

/// A document as upstream lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedDocument {
    /// Upstream's number.
    pub id: i64,
    /// Upstream's number of its type.
    pub type_id: Option<i64>,
    /// Its file name.
    pub file_name: Option<String>,
    /// What upstream says it is; what it really is shows in its bytes.
    pub content_type: Option<String>,
    /// What was written beside it.
    pub remark: Option<String>,
    /// Whether upstream thinks it harmful.
    pub harmful: bool,
    /// When its row last changed (UTC).
    pub updated_at: Option<DateTime<Utc>>,
}

impl ListedDocument {
    /// The name of its type, where it is one of those that upstream has by default.
    pub fn type_name(&self) -> Option<&'static str> {
        Some(match self.type_id? {
            1 => "COMMERCIAL-INVOICE",
            2 => "ALTERNATIVE-DESPATCHNOTE",
            3 => "INVOICE",
            4 => "ORDERSPREADSHEET",
            5 => "COURIERLABEL",
            6 => "ARCHIVECOURIERLABEL",
            7 => "ProductInfo",
            8 => "DANGEROUSGOODSDOCUMENT",
            _ => return None,
        })
    }
}

/// What is known of a document's bytes.
#[derive(Clone, Debug, PartialEq, Eq, FromRow)]
pub struct Fetched {
    /// Upstream's number of the document.
    pub document_id: i64,
    /// SHA-256 of the bytes as they were first fetched.
    pub sha256: Vec<u8>,
    /// How many bytes they were then.
    pub size_bytes: i64,
    /// What they are, by their first bytes.
    pub media_type: String,
    /// When they were first fetched (UTC).
    pub first_fetched_at: DateTime<Utc>,
    /// SHA-256 of other bytes that were fetched later under the same number, if there were any.
    pub other_sha256: Option<Vec<u8>>,
    /// When those were first seen (UTC).
    pub differs_since: Option<DateTime<Utc>>,
}

/// The documents of an order.
#[derive(Clone, Debug)]
pub struct Documents {
    /// In upstream's order, each with what is known of its bytes.
    pub items: Vec<(ListedDocument, Option<Fetched>)>,
    /// When the list was last read (UTC); none where it never could be.
    pub checked_at: Option<DateTime<Utc>>,
}

/// The bytes of a document.
#[derive(Debug)]
pub struct DocumentBytes {
    /// How it is listed.
    pub listed: ListedDocument,
    /// What it is, by its first bytes.
    pub kind: DocumentKind,
    /// The bytes.
    pub bytes: Vec<u8>,
    /// SHA-256 of these bytes.
    pub sha256: [u8; 32],
    /// What was known before, or is from now on.
    pub first: Fetched,
    /// To be held for as long as the bytes are.
    pub permit: DocumentPermit,
}

impl Actions {
    /// The documents of an order that the asker may see.
    pub async fn documents(&self, address: OrderAddress) -> Result<Documents, ActionError> {
        let opened = self.sources.ledger.open(address).await?;
        let Some(key) = opened.key else {
            return Ok(Documents { items: vec![], checked_at: None });
        };
        let seen = self.seen_documents(address, &key, FRESH_FOR).await?;
        let checked_at = seen.as_ref().map(|seen| seen.answered_at);
        let mut fetched = self.fetched(address).await?;
        let listed = seen.map(|seen| seen.value).unwrap_or_default();
        let with_bytes = |document: ListedDocument| {
            let place = fetched.iter().position(|row| row.document_id == document.id);
            let known = place.map(|place| fetched.swap_remove(place));
            (document, known)
        };
        Ok(Documents { items: listed.into_iter().map(with_bytes).collect(), checked_at })
    }

    /// The bytes of one of the order's documents. Upstream is not trusted to check that the document is this order's.
    pub async fn document(
        &self,
        address: OrderAddress,
        document_id: i64,
    ) -> Result<DocumentBytes, ActionError> {
        let opened = self.sources.ledger.open(address).await?;
        let key = opened.key.ok_or(ActionError::NoSuchDocument)?;
        let listed = self.listed(address, &key, document_id).await?;
        let permit = self.document_permits.take(address.tenant, PERMIT_WITHIN).await;
        let permit = permit.ok_or(ActionError::DocumentsBusy)?;
        let account = reader(&self.sources, address, BYTES_WITHIN).await?;
        let answer = match account.calls.document_data(address.mintsoft_order_id, document_id).await {
            Err(UpstreamError::NotFound) => return Err(ActionError::NoSuchDocument),
            Err(UpstreamError::TooLarge { .. }) => return Err(ActionError::DocumentTooLarge),
            answer => answer.map_err(SyncError::from)?,
        };
        let data = answer.value;
        if data.bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(ActionError::DocumentTooLarge);
        }
        let sha256: [u8; 32] = Sha256::digest(&data.bytes).into();
        let first = self.remember(address, document_id, (&sha256, &data.bytes, data.kind)).await?;
        Ok(DocumentBytes { listed, kind: data.kind, bytes: data.bytes, sha256, first, permit })
    }

    /// How a document is listed. One that was not there at the last look may be fresh.
    async fn listed(
        &self,
        address: OrderAddress,
        key: &OrderKey,
        document_id: i64,
    ) -> Result<ListedDocument, ActionError> {
        for fresh_for in [TimeDelta::days(1), FRESH_FOR] {
            let seen = self.seen_documents(address, key, fresh_for).await?;
            let found = seen.and_then(|seen| seen.value.into_iter().find(|row| row.id == document_id));
            if let Some(found) = found {
                return Ok(found);
            }
        }
        Err(ActionError::NoSuchDocument)
    }

    async fn seen_documents(
        &self,
        address: OrderAddress,
        key: &OrderKey,
        fresh_for: TimeDelta,
    ) -> Result<Option<Glimpse<Vec<ListedDocument>>>, ActionError> {
        let (actions, owned_key, patience) = (self.clone(), key.clone(), self.sources.settings.refresh_wait);
        let read = async move { actions.read_documents(address, &owned_key, patience).await };
        self.seen((address, What::Documents), key, fresh_for, read).await
    }

    async fn read_documents(
        &self,
        address: OrderAddress,
        key: &OrderKey,
        patience: Duration,
    ) -> Result<(), SyncError> {
        let account = reader(&self.sources, address, patience).await?;
        let answer = account.calls.documents(address.mintsoft_order_id).await?;
        let rows = answer.value.into_iter().filter_map(|row| row.parsed.ok());
        // A row that names another order is not this order's, whatever list it stands in.
        let rows = rows.filter(|row| row.order_id.is_none_or(|order| order == address.mintsoft_order_id));
        let value: Vec<ListedDocument> = rows
            .map(|row| ListedDocument {
                id: row.id,
                type_id: row.document_type_id,
                file_name: row.file_name,
                content_type: row.content_type,
                remark: row.comments,
                harmful: row.dangerous_file.unwrap_or(false),
                updated_at: row
                    .last_updated
                    .and_then(|at| crate::mintsoft::wall_clock::read(&at, account.zone).ok().flatten()),
            })
            .collect();
        let glimpse = Glimpse { value, answered_at: answer.answered_at };
        let whose = (address.tenant, address.stream());
        glimpse::keep(&self.sources.pool, whose, What::Documents, key, &glimpse).await?;
        Ok(())
    }

    async fn fetched(&self, address: OrderAddress) -> Result<Vec<Fetched>, ActionError> {
        let rows = sqlx::query_as(
            "select document_id, sha256, size_bytes, media_type, first_fetched_at, other_sha256, differs_since
             from order_documents where stream_id = $1 and tenant_id = $2",
        )
        .bind(address.stream().0)
        .bind(address.tenant.0)
        .fetch_all(&self.sources.pool)
        .await?;
        Ok(rows)
    }

    /// Remembers what was fetched: the first time for ever, a difference once.
    async fn remember(
        &self,
        address: OrderAddress,
        document_id: i64,
        (sha256, bytes, kind): (&[u8; 32], &[u8], DocumentKind),
    ) -> Result<Fetched, ActionError> {
        let row = sqlx::query_as(
            "insert into order_documents as held
               (stream_id, document_id, tenant_id, sha256, size_bytes, media_type, first_fetched_at)
             values ($1, $2, $3, $4, $5, $6, $7)
             on conflict (stream_id, document_id) do update
             set other_sha256 = case when held.sha256 = excluded.sha256 then held.other_sha256 else excluded.sha256 end,
               differs_since = case when held.sha256 = excluded.sha256 then held.differs_since
                 else coalesce(held.differs_since, excluded.first_fetched_at) end
             returning document_id, sha256, size_bytes, media_type, first_fetched_at, other_sha256, differs_since",
        )
        .bind(address.stream().0)
        .bind(document_id)
        .bind(address.tenant.0)
        .bind(sha256.as_slice())
        .bind(i64::try_from(bytes.len()).unwrap_or(i64::MAX))
        .bind(kind.media_type())
        .bind(self.sources.clock.now())
        .fetch_one(&self.sources.pool)
        .await?;
        Ok(row)
    }
}
