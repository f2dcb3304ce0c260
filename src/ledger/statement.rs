//! The one statement of a commit: what many commands append, as arrays, in one round trip and one transaction.
//!
//! A commit names only the parts that it needs, so that a small one does not pay for what it does not have.

use std::collections::HashMap;

use logistics_projections::Binder;
use logistics_projections::orders::{FacetColumns, OrderColumns, SearchColumns};
use logistics_projections::recipients::{Change, RecipientChanges};
use logistics_projections::tracking::TrackingColumns;
use sqlx::{PgConnection, Row};

use super::append::Append;
use super::arrays::{CheckArrays, ClaimArrays, ErasureArrays, EventArrays, JobArrays, RawArrays};
use super::facets::KnownFacets;
use super::parts::{PARTS, Part, SINGLE_ROWS, text_of};

/// Commits the appends, each of another order, and tells the first position of each. `known` are the facets that the
/// connection has committed; it learns those that this commits.
pub(super) async fn commit(
    connection: &mut PgConnection,
    known: &mut KnownFacets,
    appends: &[&Append],
) -> sqlx::Result<Vec<i64>> {
    let arrays = Arrays::of(appends, known);
    let query = sqlx::query(text_of(arrays.shape()));
    let mut binder = if arrays.single_rows { Binder::of_one_row(query) } else { Binder::of_arrays(query) };
    for part in PARTS.into_iter().filter(|part| arrays.holds(*part)) {
        binder = arrays.bind(part, binder);
    }
    let mut ends = HashMap::new();
    for head in binder.done().fetch_all(connection).await? {
        ends.insert(head.try_get::<i64, _>("tenant_id")?, head.try_get::<i64, _>("next_position")?);
    }
    known.learn(&arrays.facets);
    let first = |(append, back): (&&Append, &i64)| ends.get(&append.tenant).map_or(0, |end| end - back);
    Ok(appends.iter().zip(&arrays.events.first_back).map(first).collect())
}

/// The arrays of all parts.
struct Arrays<'a> {
    events: EventArrays<'a>,
    rows: (bool, OrderColumns<'a>),
    facets: FacetColumns<'a>,
    searches: SearchColumns<'a>,
    claims: ClaimArrays<'a>,
    erasures: ErasureArrays,
    recipients_put: bool,
    recipients_removed: bool,
    recipients: RecipientChanges<'a>,
    tracking: (bool, TrackingColumns<'a>),
    raws: RawArrays<'a>,
    jobs: JobArrays<'a>,
    checks: CheckArrays<'a>,
    /// Whether no array has more than one element.
    single_rows: bool,
}

impl<'a> Arrays<'a> {
    fn of(appends: &[&'a Append], known: &KnownFacets) -> Self {
        let each = || appends.iter().copied();
        let rows = || each().filter_map(|append| append.row.as_ref());
        let order_columns: OrderColumns<'_> = rows().collect();
        let facets = known.unknown_among(rows(), order_columns.facets());
        let mut searches = SearchColumns::default();
        for append in appends {
            if let Some(text) = &append.search_text {
                searches.push(append.stream, append.tenant, text);
            }
        }
        let mut recipients = RecipientChanges::default();
        each().for_each(|append| recipients.add(append.stream, &append.recipient));
        Self {
            events: EventArrays::of(appends),
            rows: (each().any(|append| append.row.is_some()), order_columns),
            facets,
            searches,
            claims: each().collect(),
            erasures: each().collect(),
            recipients_put: each().any(|append| matches!(append.recipient, Change::Put(_))),
            recipients_removed: each().any(|append| matches!(append.recipient, Change::Delete)),
            recipients,
            tracking: (
                each().any(|append| !append.tracking.is_empty()),
                each().flat_map(|append| &append.tracking).collect(),
            ),
            raws: each().collect(),
            jobs: each().collect(),
            checks: each().collect(),
            single_rows: matches!(appends, [append] if append.is_of_single_rows()),
        }
    }

    fn holds(&self, part: Part) -> bool {
        match part {
            Part::Events => !self.events.is_empty(),
            Part::Rows => self.rows.0,
            Part::Facets => !self.facets.is_empty(),
            Part::Searches => !self.searches.is_empty(),
            Part::Claims => !self.claims.is_empty(),
            Part::Erasures => !self.erasures.is_empty(),
            Part::RecipientsPut => self.recipients_put,
            Part::RecipientsRemoved => self.recipients_removed,
            Part::Tracking => self.tracking.0,
            Part::RawPayloads => !self.raws.is_empty(),
            Part::Jobs => !self.jobs.is_empty(),
            Part::Checks => !self.checks.is_empty(),
        }
    }

    fn shape(&self) -> usize {
        let parts: usize = PARTS.into_iter().filter(|part| self.holds(*part)).map(Part::bit).sum();
        if self.single_rows { parts | SINGLE_ROWS } else { parts }
    }

    fn bind<'q>(&'q self, part: Part, binder: Binder<'q>) -> Binder<'q> {
        match part {
            Part::Events => self.events.bind(binder),
            Part::Rows => self.rows.1.bind(binder),
            Part::Facets => self.facets.bind(binder),
            Part::Searches => self.searches.bind(binder),
            Part::Claims => self.claims.bind(binder),
            Part::Erasures => self.erasures.bind(binder),
            Part::RecipientsPut => self.recipients.bind_upsert(binder),
            Part::RecipientsRemoved => self.recipients.bind_removal(binder),
            Part::Tracking => self.tracking.1.bind(binder),
            Part::RawPayloads => self.raws.bind(binder),
            Part::Jobs => self.jobs.bind(binder),
            Part::Checks => self.checks.bind(binder),
        }
    }
}
