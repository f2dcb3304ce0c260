//! Taking a wish in: the key is kept, the intent committed with its job, and the outcome waited for as long as a person
//! may wait. Killed at any point, the same request again goes on where it was.

use logistics_domain::order::state::{Request, RequestOutcome};
use logistics_domain::{Command, Order, Provenance};
use serde_json::json;
use uuid::Uuid;

use super::payload::{SagaPayload, saga_job};
use super::requests::{self, Kind, RequestRow};
use super::{ActionError, Actions, Asked, Asking, Outcome};
use crate::clock;
use crate::ledger::sealing::{seal_comment, seal_reason};
use crate::ledger::{Intended, Intent, OpenOrder};
use crate::secrets::OrderKey;

/// The most characters of a reason.
pub(super) const TEXT_CHARS_MAX: usize = 1000;

/// The name under which what was asked is fingerprinted.
const ASKED: &str = "order_request";

impl Actions {
    /// Asks for the order to be cancelled upstream, and waits a little for what comes of it.
    pub async fn cancel(&self, asking: &Asking, reason: &str) -> Result<Asked, ActionError> {
        let reason = text_within("reason", reason)?;
        let opened = self.sources.ledger.open(asking.address).await?;
        let asked = json!({ "reason": reason }).to_string();
        let row = self.keep(asking, Kind::Cancel, opened.key.as_ref(), &asked).await?;
        self.heed_refusal(asking, Kind::Cancel, &row).await?;
        if !opened.order.cancellations.contains_key(&row.request_id) {
            let request =
                RequestAction { kind: Kind::Cancel, text: reason, internal: false, asking, row: &row };
            self.commit(&request).await?;
        }
        self.wait(asking, Kind::Cancel, &row).await
    }

    /// Asks for a comment to be written upstream, and waits a little for what comes of it.
    pub async fn comment(&self, asking: &Asking, text: &str, internal: bool) -> Result<Asked, ActionError> {
        let text = text_within("comment", text)?;
        let opened = self.sources.ledger.open(asking.address).await?;
        let asked = json!({ "comment": text, "internal": internal }).to_string();
        let row = self.keep(asking, Kind::Comment, opened.key.as_ref(), &asked).await?;
        self.heed_refusal(asking, Kind::Comment, &row).await?;
        if !opened.order.comments.contains_key(&row.request_id) {
            let request = RequestAction { kind: Kind::Comment, text, internal, asking, row: &row };
            self.commit(&request).await?;
        }
        self.wait(asking, Kind::Comment, &row).await
    }

    /// Keeps the request under its key; a key that was given to another request is refused.
    pub(super) async fn keep(
        &self,
        asking: &Asking,
        kind: Kind,
        key: Option<&OrderKey>,
        asked: &str,
    ) -> Result<RequestRow, ActionError> {
        // Without a key the personal data was erased: words cannot be compared any more, the request's key decides.
        let fingerprint = key.map(|key| key.fingerprint(ASKED, asked.as_bytes())).unwrap_or_default();
        let now = self.sources.clock.now();
        let fresh = (clock::new_id(), fingerprint.as_str());
        let row = requests::keep(&self.sources.pool, asking, kind, fresh, now).await?;
        let other_words = key.is_some() && row.fingerprint != fingerprint && !row.fingerprint.is_empty();
        if row.stream_id != asking.address.stream().0 || other_words {
            return Err(ActionError::KeyReused);
        }
        Ok(row)
    }

    /// Gives the answer that was given at once, where it was a refusal. Of two who ask under one key at once, one may be refused
    /// and the other not, as the order changes between them: what stands in the order's history wins.
    async fn heed_refusal(&self, asking: &Asking, kind: Kind, row: &RequestRow) -> Result<(), ActionError> {
        let Some((code, message)) = row.refused_at_once() else { return Ok(()) };
        let opened = self.sources.ledger.open(asking.address).await?;
        if request_in(&opened.order, kind, row.request_id).is_some() {
            return Ok(());
        }
        Err(ActionError::Refused { code, message })
    }

    /// Commits the wish as an event, and the job that carries it out with it.
    pub(super) async fn commit(&self, request: &RequestAction<'_>) -> Result<(), ActionError> {
        let (asking, row) = (request.asking, request.row);
        let provenance = Provenance {
            source: asking.source,
            actor: asking.actor.clone(),
            correlation_id: asking.correlation_id.clone(),
            cause: None,
            observed_at: row.created_at,
        };
        let committed = self.sources.ledger.execute(asking.address, request, &provenance).await;
        let Err(refused) = committed.map_err(ActionError::from) else { return Ok(()) };
        if let ActionError::Refused { code, message } = &refused {
            requests::keep_refusal(&self.sources.pool, row.request_id, code, message).await?;
        }
        Err(refused)
    }

    /// Waits for the outcome, as long as a person may wait.
    pub(super) async fn wait(
        &self,
        asking: &Asking,
        kind: Kind,
        row: &RequestRow,
    ) -> Result<Asked, ActionError> {
        let request_id = row.request_id;
        let mut waiting = self.outcomes.waiting_for(request_id, self.settings.answer_within);
        let mut outcome = self.outcome(asking, kind, request_id).await?;
        while outcome.is_none() && waiting.worth_looking().await {
            outcome = self.outcome(asking, kind, request_id).await?;
        }
        Ok(Asked {
            request_id,
            outcome: outcome.unwrap_or(Outcome::Pending { left_to_person: None }),
            requested_by: row.requested_by.clone(),
            requested_at: row.created_at,
        })
    }

    /// What has become of a request; none while it is under way.
    async fn outcome(
        &self,
        asking: &Asking,
        kind: Kind,
        request_id: Uuid,
    ) -> Result<Option<Outcome>, ActionError> {
        let opened = self.sources.ledger.open(asking.address).await?;
        let outcome = request_in(&opened.order, kind, request_id).and_then(settled_outcome);
        if outcome.is_some() {
            return Ok(outcome);
        }
        let why = requests::left_to_person(&self.sources.pool, request_id).await?;
        Ok(why.map(|why| Outcome::Pending { left_to_person: Some(why) }))
    }
}

/// The intent of asking for an action upstream.
pub(super) struct RequestAction<'a> {
    pub kind: Kind,
    pub text: &'a str,
    pub internal: bool,
    pub asking: &'a Asking,
    pub row: &'a RequestRow,
}

impl Intent for RequestAction<'_> {
    fn command(&self, order: &OpenOrder) -> Intended {
        let request_id = self.row.request_id;
        let requested_by = self.row.requested_by.clone();
        // An erased order has no key; it refuses whatever is asked.
        let key = order.key.clone().unwrap_or_else(OrderKey::generate);
        let command = match self.kind {
            Kind::Cancel => Command::RequestCancellation {
                request_id,
                reason: seal_reason(&key, self.text),
                requested_by,
            },
            Kind::Comment => Command::RequestComment {
                request_id,
                comment: seal_comment(&key, self.text),
                internal: self.internal,
                requested_by,
            },
        };
        let payload = SagaPayload {
            tenant_id: self.asking.address.tenant,
            account_id: self.asking.address.account.0,
            mintsoft_order_id: self.asking.address.mintsoft_order_id,
            request_id,
            source: self.asking.source,
            correlation_id: self.asking.correlation_id.clone(),
        };
        let job = saga_job(self.kind, &payload, self.row.created_at);
        Intended { jobs: vec![job], ..Intended::from(command) }
    }
}

/// The request on the order, by its kind.
pub(super) fn request_in(order: &Order, kind: Kind, request_id: Uuid) -> Option<&Request> {
    match kind {
        Kind::Cancel => order.cancellations.get(&request_id),
        Kind::Comment => order.comments.get(&request_id),
    }
}

/// The outcome of a request that has one.
pub(super) fn settled_outcome(request: &Request) -> Option<Outcome> {
    match request.outcome {
        RequestOutcome::Pending => None,
        RequestOutcome::Confirmed => Some(Outcome::Confirmed),
        RequestOutcome::Refused => {
            Some(Outcome::Refused { message: request.message.clone().unwrap_or_default() })
        }
    }
}

/// The text without the blanks around it, if there is some and not too much.
pub(super) fn text_within<'a>(field: &'static str, text: &'a str) -> Result<&'a str, ActionError> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > TEXT_CHARS_MAX {
        return Err(ActionError::BadText { field, chars_max: TEXT_CHARS_MAX });
    }
    Ok(text)
}
