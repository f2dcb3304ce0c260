//! The parts that a commit's statement is put together from, and its text for each combination of them.
//!
//! The heads come first: the main query reads them, everything else runs after, under their locks.

use std::fmt::Write as _;
use std::sync::OnceLock;

use logistics_projections::Tables;
use logistics_projections::{orders, recipients, tracking};

use super::erasing;

/// Advances each head by its number of events. An upsert locks row after row in the order of the arrays, which
/// is the order of tenants, makes a tenant's first head, and always sees the latest commit.
const HEADS: &str = "
  insert into ledger_heads as head (tenant_id, next_position)
  select * from unnest($1::bigint[], $2::bigint[]) as given
  on conflict (tenant_id) do update set next_position = head.next_position + excluded.next_position
  returning head.tenant_id, head.next_position, clock_timestamp() as recorded_at";

/// `back` counts from the new end of the ledger. The leaf is finished here, since position and instant are
/// known only under the lock.
const EVENTS: &str = r"
  insert into events (aggregate_type, aggregate_id, sequence, event_type, event_version, payload, metadata,
                      tenant_id, position, recorded_at, leaf_hash)
  select 'logistics_order', e.aggregate_id, e.sequence, e.event_type, e.event_version, e.payload::json,
         e.metadata::json, e.tenant_id, h.next_position - e.back, h.recorded_at,
         sha256('\x00'::bytea || int8send(e.tenant_id) || int8send(h.next_position - e.back)
                || int8send((extract(epoch from h.recorded_at) * 1000000)::bigint) || e.content_hash)
  from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[],
              $8::text[], $9::bytea[])
       as e(tenant_id, back, aggregate_id, sequence, event_type, event_version, payload, metadata, content_hash)
  join heads h on h.tenant_id = e.tenant_id";

const CLAIMS: &str = "
  insert into order_streams (stream_id, tenant_id, account_id, mintsoft_order_id, sealed_key, key_destroyed_at,
                             created_at)
  select * from unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::bigint[], $5::bytea[], $6::timestamptz[],
                       $7::timestamptz[]) as given
  on conflict do nothing";

const RAW_PAYLOADS: &str = "
  insert into raw_payloads (stream_id, sha256, tenant_id, sealed, received_at)
  select * from unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::bytea[], $5::timestamptz[]) as given
  on conflict do nothing";

const JOBS: &str = "
  insert into jobs (kind, payload, unique_key, run_at, max_attempts, retry_every, retry_cap, tenant_id)
  select j.kind, j.payload::jsonb, j.unique_key, j.run_at, j.max_attempts,
         j.retry_every * interval '1 microsecond', j.retry_cap * interval '1 microsecond', j.tenant_id
  from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::int[], $6::bigint[], $7::bigint[],
              $8::bigint[])
       as j(kind, payload, unique_key, run_at, max_attempts, retry_every, retry_cap, tenant_id)
  on conflict (unique_key) where state in ('ready', 'running') do nothing";

/// The newest check wins, whichever arrives first. Checks rank as `Observed` ranks answers: nothing known comes before anything,
/// and hashes are compared by their bytes.
const CHECKS: &str = "
  insert into order_checks as held (stream_id, tenant_id, via, asked_at, answered_at, upstream_updated_at,
                                    raw_sha256, describes_at)
  select * from unnest($1::uuid[], $2::bigint[], $3::text[], $4::timestamptz[], $5::timestamptz[],
                       $6::timestamptz[], $7::text[], $8::timestamptz[]) as given
  on conflict (stream_id) do update
  set via = excluded.via, asked_at = excluded.asked_at, answered_at = excluded.answered_at,
      upstream_updated_at = excluded.upstream_updated_at, raw_sha256 = excluded.raw_sha256,
      describes_at = excluded.describes_at
  where (held.describes_at, held.asked_at, held.answered_at, coalesce(held.upstream_updated_at, '-infinity'),
         coalesce(held.raw_sha256, '') collate \"C\")
      < (excluded.describes_at, excluded.asked_at, excluded.answered_at,
         coalesce(excluded.upstream_updated_at, '-infinity'), coalesce(excluded.raw_sha256, '') collate \"C\")";

/// What a statement may hold besides; each is a bit of its shape.
#[derive(Clone, Copy)]
pub(super) enum Part {
    Events,
    Rows,
    Facets,
    Searches,
    Claims,
    Erasures,
    RecipientsPut,
    RecipientsRemoved,
    Tracking,
    RawPayloads,
    Jobs,
    Checks,
}

pub(super) const PARTS: [Part; 12] = [
    Part::Events,
    Part::Rows,
    Part::Facets,
    Part::Searches,
    Part::Claims,
    Part::Erasures,
    Part::RecipientsPut,
    Part::RecipientsRemoved,
    Part::Tracking,
    Part::RawPayloads,
    Part::Jobs,
    Part::Checks,
];

/// The bit of a shape in which every column has one value, which is bound as it is.
pub(super) const SINGLE_ROWS: usize = 1 << PARTS.len();

impl Part {
    pub(super) const fn bit(self) -> usize {
        1 << self as usize
    }

    /// Its text, parameters numbered from `first`, and how many they are.
    fn sql(self, first: usize) -> (String, usize) {
        match self {
            Self::Events => {
                let (heads, events) = (numbered(HEADS, first), numbered(EVENTS, first + 2));
                (format!("heads as ({heads}), appended as ({events})"), 11)
            }
            Self::Rows => (orders::commit_sql(first), orders::PARAMS),
            Self::Facets => (format!("faceted as ({})", orders::facets_sql(first)), orders::FACET_PARAMS),
            Self::Searches => {
                (format!("searched as ({})", orders::searches_sql(first)), orders::SEARCH_PARAMS)
            }
            Self::Claims => (format!("claims as ({})", numbered(CLAIMS, first)), 7),
            Self::Erasures => (erasing::sql(first), erasing::PARAMS),
            Self::RecipientsPut => (
                format!("recipients as ({})", recipients::upsert_sql(Tables::Live, first)),
                recipients::PARAMS,
            ),
            Self::RecipientsRemoved => {
                let removal = recipients::removal_sql(Tables::Live, first);
                (format!("removed as ({removal})"), recipients::REMOVAL_PARAMS)
            }
            Self::Tracking => {
                (format!("tracking as ({})", tracking::upsert_sql(Tables::Live, first)), tracking::PARAMS)
            }
            Self::RawPayloads => (format!("raw as ({})", numbered(RAW_PAYLOADS, first)), 5),
            Self::Jobs => (format!("work as ({})", numbered(JOBS, first)), 8),
            Self::Checks => (format!("checks as ({})", numbered(CHECKS, first)), 8),
        }
    }
}

/// A text of SQL with its parameters numbered from `first` instead of 1.
pub(super) fn numbered(text: &str, first: usize) -> String {
    let mut pieces = text.split('$');
    let mut sql = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let digits = piece.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(piece.len());
        let number: usize = piece[..digits].parse().expect("a parameter is a dollar sign and a number");
        let _infallible = write!(sql, "${}{}", number + first - 1, &piece[digits..]);
    }
    sql
}

/// The text of each shape, made when first needed.
pub(super) fn text_of(shape: usize) -> &'static str {
    static TEXTS: [OnceLock<String>; 2 * SINGLE_ROWS] = [const { OnceLock::new() }; 2 * SINGLE_ROWS];
    TEXTS[shape].get_or_init(|| {
        let (mut parts, mut first) = (Vec::new(), 1);
        for part in PARTS.into_iter().filter(|part| shape & part.bit() != 0) {
            let (text, params) = part.sql(first);
            parts.push(text);
            first += params;
        }
        let told = if shape & Part::Events.bit() == 0 {
            "select null::bigint as tenant_id, null::bigint as next_position where false"
        } else {
            "select tenant_id, next_position, pg_notify('ledger', tenant_id::text) from heads"
        };
        let text = format!("with {} {told}", parts.join(", "));
        if shape & SINGLE_ROWS == 0 { text } else { of_single_rows(&text) }
    })
}

/// A text of SQL for one row instead of many: `unnest($1::text[], …)` becomes `(select $1::text, …)`, and `any($1::text[])` becomes
/// `$1::text`.
/// Unrolling an array costs the server more than the row that comes of it, once for every column, and for many ids it makes a map
/// of the pages first.
fn of_single_rows(text: &str) -> String {
    let values = |arrays: &str| arrays.replace("[]", "");
    let text = each_call(text, "unnest(", |arrays| format!("(select {})", values(arrays)));
    each_call(&text, "any(", values)
}

/// The text with each call of a function, whose arguments hold no bracket, replaced by what is made of its arguments.
fn each_call(text: &str, call: &str, replaced: impl Fn(&str) -> String) -> String {
    let mut pieces = text.split(call);
    let mut sql = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (arguments, rest) = piece.split_once(')').expect("a call ends with a bracket");
        sql.push_str(&replaced(arguments));
        sql.push_str(rest);
    }
    sql
}
