//! Cursors: the place of an order in a sorted list, as a text that callers hand back to go on from there.
//!
//! A cursor is bound to its list by a fingerprint of tenant, conditions and sorting, and ends with a check sum, so one of
//! another list, or one that was cut or altered, is noticed. It is no secret and gives no right: whoever makes one up sees
//! another place of a list that they may see as a whole.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Datelike as _, Utc};
use logistics_domain::TenantId;
use logistics_projections::orders::{Key, OrderList, Position};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::api::problem::Problem;
use axum::http::StatusCode;

/// The first byte: how the rest is laid out.
const LAYOUT: u8 = 1;

/// The longest text that is taken for a cursor, in bytes.
const LENGTH_MAX: usize = 2048;

/// Lengths in bytes.
const FINGERPRINT: usize = 8;
const CHECK_SUM: usize = 4;

/// The cursor of a place in the list.
pub fn cursor_of(tenant: TenantId, list: &OrderList, place: &Position) -> String {
    let mut bytes = vec![LAYOUT];
    bytes.extend(fingerprint(tenant, list));
    bytes.extend(place.id.as_bytes());
    match &place.key {
        Key::Instant(None) => bytes.push(b'-'),
        Key::Instant(Some(instant)) => {
            bytes.push(b'i');
            bytes.extend(instant.timestamp_micros().to_be_bytes());
        }
        Key::Number(number) => {
            bytes.push(b'n');
            bytes.extend(number.as_bytes());
        }
        // Formerly 's' and 'o', without the instant: one such is refused, since it would go on anywhere in its status.
        Key::Status(status, status_id, created_at) => {
            bytes.push(if status.is_some() { b't' } else { b'w' });
            bytes.extend(created_at.timestamp_micros().to_be_bytes());
            bytes.extend(status_id.map_or(i64::MIN, i64::from).to_be_bytes());
            bytes.extend(status.as_deref().unwrap_or_default().as_bytes());
        }
    }
    bytes.extend(check_sum(&bytes));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// The place that a cursor names in the list.
pub fn place_of(tenant: TenantId, list: &OrderList, cursor: &str) -> Result<Position, Problem> {
    let broken = || {
        let told = "the cursor cannot be read; take it whole from next_cursor, or begin without one";
        Problem::of(StatusCode::BAD_REQUEST, "cursor_invalid", told).with("field", "cursor")
    };
    let bytes = if cursor.len() > LENGTH_MAX { None } else { URL_SAFE_NO_PAD.decode(cursor).ok() };
    let bytes = bytes.ok_or_else(broken)?;
    let (said, sum) = bytes.split_last_chunk::<CHECK_SUM>().ok_or_else(broken)?;
    let rest = said.strip_prefix(&[LAYOUT]).filter(|_| *sum == check_sum(said)).ok_or_else(broken)?;
    let (of_list, rest) = rest.split_first_chunk::<FINGERPRINT>().ok_or_else(broken)?;
    if *of_list != fingerprint(tenant, list) {
        let told = "the cursor belongs to another filter or sorting; begin this list without one";
        let problem = Problem::of(StatusCode::BAD_REQUEST, "cursor_of_other_list", told);
        return Err(problem.with("field", "cursor"));
    }
    let (id, key) = rest.split_first_chunk::<16>().ok_or_else(broken)?;
    let key = read_key(key).filter(|key| key.fits(list.sort_by)).ok_or_else(broken)?;
    Ok(Position { key, id: Uuid::from_bytes(*id) })
}

fn read_key(bytes: &[u8]) -> Option<Key> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok().filter(|text| !text.contains('\0'));
    let (kind, rest) = bytes.split_first()?;
    match kind {
        b'-' if rest.is_empty() => Some(Key::Instant(None)),
        b'i' => instant(i64::from_be_bytes(rest.try_into().ok()?)).map(|instant| Key::Instant(Some(instant))),
        b'n' => text(rest).map(Key::Number),
        b't' | b'w' => {
            let (created_at, rest) = rest.split_first_chunk::<8>()?;
            let created_at = instant(i64::from_be_bytes(*created_at))?;
            let (id, name) = rest.split_first_chunk::<8>()?;
            let id = match i64::from_be_bytes(*id) {
                i64::MIN => None,
                id => Some(i32::try_from(id).ok()?),
            };
            let name = if *kind == b't' { Some(text(name)?) } else { None };
            Some(Key::Status(name, id, created_at))
        }
        _ => None,
    }
}

/// An instant that the database's calendar holds too.
fn instant(micros: i64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_micros(micros).filter(|instant| (1..=9999).contains(&instant.year()))
}

/// What tells one list from another; pages of one list share it.
fn fingerprint(tenant: TenantId, list: &OrderList) -> [u8; FINGERPRINT] {
    let list = format!("{tenant} {:?} {:?} {:?}", list.filter, list.sort_by, list.sort_order);
    first_of(&Sha256::digest(list))
}

fn check_sum(bytes: &[u8]) -> [u8; CHECK_SUM] {
    first_of(&Sha256::digest(bytes))
}

fn first_of<const N: usize>(digest: &[u8]) -> [u8; N] {
    std::array::from_fn(|at| digest[at])
}

#[cfg(test)]
mod tests {
    use logistics_projections::orders::{OrderFilter, SortBy, SortOrder};

    use super::*;

    const TENANT: TenantId = TenantId(7);

    fn list(sort_by: SortBy) -> OrderList {
        OrderList { sort_by, ..OrderList::default() }
    }

    fn place(key: Key) -> Position {
        Position { key, id: Uuid::from_u128(42) }
    }

    #[test]
    fn a_cursor_names_the_place_that_it_was_made_of() {
        let at = DateTime::from_timestamp_micros(1_790_000_000_000_001);
        let created_at = at.unwrap();
        for (sort_by, key) in [
            (SortBy::UpdatedAt, Key::Instant(at)),
            (SortBy::DispatchedAt, Key::Instant(None)),
            (SortBy::MintsoftOrderNumber, Key::Number("ladore-ñ".into())),
            (SortBy::Status, Key::Status(Some("NEW".into()), Some(1), created_at)),
            (SortBy::Status, Key::Status(None, None, created_at)),
        ] {
            let (list, place) = (list(sort_by), place(key));
            let cursor = cursor_of(TENANT, &list, &place);
            assert_eq!(place_of(TENANT, &list, &cursor).ok(), Some(place), "{cursor}");
        }
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let sort_by = SortBy::UpdatedAt;
        let at = DateTime::from_timestamp(1_790_000_000, 0);
        let cursor = cursor_of(TENANT, &list(sort_by), &place(Key::Instant(at)));
        let filter = OrderFilter { linked: Some(true), ..OrderFilter::default() };
        for other in [
            OrderList { filter, ..list(sort_by) },
            list(SortBy::CreatedAt),
            OrderList { sort_order: SortOrder::Asc, ..list(sort_by) },
        ] {
            assert!(place_of(TENANT, &other, &cursor).is_err());
        }
        assert!(place_of(TenantId(8), &list(sort_by), &cursor).is_err());
        assert!(place_of(TENANT, &OrderList { limit: 7, ..list(sort_by) }, &cursor).is_ok());
    }

    #[test]
    fn a_cursor_that_tells_no_more_than_status_and_order_is_refused() {
        let list = list(SortBy::Status);
        for (kind, name) in [(b's', "NEW"), (b'o', "")] {
            let mut bytes = vec![LAYOUT];
            bytes.extend(fingerprint(TENANT, &list));
            bytes.extend(Uuid::from_u128(42).as_bytes());
            bytes.push(kind);
            bytes.extend(1_i64.to_be_bytes());
            bytes.extend(name.as_bytes());
            bytes.extend(check_sum(&bytes));
            let refused = place_of(TENANT, &list, &URL_SAFE_NO_PAD.encode(bytes)).unwrap_err();
            assert!(format!("{refused:?}").contains("cursor_invalid"), "{refused:?}");
        }
    }

    #[test]
    fn every_cut_and_every_altered_byte_is_noticed() {
        let list = list(SortBy::MintsoftOrderNumber);
        let cursor = cursor_of(TENANT, &list, &place(Key::Number("ladore-1".into())));
        for end in 0..cursor.len() {
            assert!(place_of(TENANT, &list, &cursor[..end]).is_err(), "cut at {end}");
        }
        let bytes = URL_SAFE_NO_PAD.decode(&cursor).unwrap();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 1;
            assert!(place_of(TENANT, &list, &URL_SAFE_NO_PAD.encode(altered)).is_err(), "byte {at}");
        }
    }
}
