//! From decided events to what is written: stored form, read rows, sealed bytes, keys and jobs of one commit.
//! Nothing is sent from here.

use std::collections::HashMap;

use logistics_domain::order::facts::Sealed;
use logistics_domain::{Order, OrderEvent, Provenance};
use logistics_projections::orders::OrderRow;
use logistics_projections::recipients::{self, Recipient};
use logistics_projections::{EventPlace, orders, tracking};

use super::Shared;
use super::append::{Append, Claim, Erasure, SealedRaw, stored_events};
use super::error::LedgerError;
use super::intent::{OpenOrder, RawPayload};
use super::leaf::canonical_json;
use super::load::Opened;
use super::sealing::{RAW_PAYLOAD, open_recipient};
use super::store::Accompaniment;
use crate::secrets::OrderKey;

/// A decision, and all that it was made from.
pub(super) struct Composition<'a> {
    pub(super) shared: &'a Shared,
    pub(super) provenance: &'a Provenance,
    /// The order's state after the events.
    pub(super) after: &'a Order,
    /// The order as it was opened.
    pub(super) opened: Opened,
    pub(super) with: Box<Accompaniment>,
    pub(super) events: &'a [OrderEvent],
    pub(super) metadata: &'a HashMap<String, String>,
}

/// Everything that the events write.
pub(super) fn compose(composition: Composition<'_>) -> Result<Box<Append>, LedgerError> {
    let Composition { shared, provenance, after, opened, with, events, metadata } = composition;
    let Opened { order: opened, begun } = opened;
    let OpenOrder { address, version, row, key, .. } = *opened;
    let (stream, now) = (address.stream(), shared.clock.now());

    let metadata = canonical_json(metadata)
        .map_err(|error| LedgerError::Unstorable { stream, what: error.to_string() })?;
    let mut append = Box::new(Append::to(address.tenant.0, stream));
    append.events = stored_events(stream, version, events, &metadata)?;

    let searched_before = row.as_ref().map(OrderRow::search_text);
    append.row = row;
    let mut scans = tracking::Scans::of(after.erased);
    for (sequence, event) in (version + 1..).zip(events) {
        let (observed_at, source) = (provenance.observed_at, provenance.source);
        let place = EventPlace { tenant: address.tenant, stream, sequence, observed_at, source };
        let recipient = recipient_in(event, with.recipient.as_ref(), key.as_ref());
        append.row = orders::apply(append.row.take(), &place, event);
        append.recipient =
            std::mem::take(&mut append.recipient).then(recipients::apply(&place, event, recipient.as_ref()));
        scans.take(&place, event);
    }
    append.tracking = scans.into_rows();
    append.search_text =
        append.row.as_ref().map(OrderRow::search_text).filter(|text| searched_before.as_ref() != Some(text));
    let erased = events.iter().any(|event| matches!(event, OrderEvent::PersonalDataErased { .. }));
    append.erasure = erased.then_some(Erasure {
        account: address.account.0,
        mintsoft_order_id: address.mintsoft_order_id,
        at: now,
    });

    if !begun {
        let kept = key.as_ref().filter(|_| !after.erased);
        append.claim = Some(Claim {
            account: address.account.0,
            mintsoft_order_id: address.mintsoft_order_id,
            sealed_key: kept.map(|key| key.wrap(&shared.ring, stream.0)),
            at: now,
        });
    }
    if !after.erased
        && let Some((key, raw)) = key.as_ref().zip(with.raw)
    {
        append.raw = Some(sealed_raw(stream, key, &raw, provenance)?);
    }
    append.jobs = (shared.reactions)(&address, after, events, now);
    append.jobs.extend(with.jobs);
    Ok(append)
}

/// The plain content of the recipient in an event: as the caller has it, or opened with the order's key.
fn recipient_in(event: &OrderEvent, plain: Option<&Recipient>, key: Option<&OrderKey>) -> Option<Recipient> {
    let sealed: Option<&Sealed> = match event {
        OrderEvent::OrderDiscovered { facts, .. } => facts.recipient.as_ref(),
        OrderEvent::RecipientChanged { recipient, .. } => recipient.as_ref(),
        _ => None,
    };
    let sealed = sealed?;
    plain.cloned().or_else(|| open_recipient(key?, sealed).ok())
}

fn sealed_raw(
    stream: logistics_domain::OrderStreamId,
    key: &OrderKey,
    raw: &RawPayload,
    provenance: &Provenance,
) -> Result<SealedRaw, LedgerError> {
    let sha256 = hex::decode(&raw.sha256_hex).ok().filter(|bytes| bytes.len() == 32).ok_or_else(|| {
        LedgerError::Unstorable { stream, what: "the SHA-256 of the raw payload is not one".to_owned() }
    })?;
    let sealed = key.seal_bytes(RAW_PAYLOAD, &raw.bytes);
    Ok(SealedRaw { sha256, sealed, received_at: provenance.observed_at })
}
