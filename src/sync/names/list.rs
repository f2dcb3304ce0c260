//! One of upstream's lists of names: how it is read, and how it stands in the table.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::mintsoft::UpstreamError;
use crate::mintsoft::translate::Names;
use crate::sync::sources::SourceAccount;

/// One of the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    OrderStatuses,
    TrackingStatuses,
    CourierServices,
}

impl List {
    pub(super) const ALL: [Self; 3] = [Self::OrderStatuses, Self::TrackingStatuses, Self::CourierServices];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::OrderStatuses => "order_statuses",
            Self::TrackingStatuses => "tracking_statuses",
            Self::CourierServices => "courier_services",
        }
    }
}

/// What came of asking for a list.
pub(super) enum Outcome {
    Told(Names),
    /// The account's user may not see the list: it is asked for again only after as long as if it had been read.
    Refused,
    /// It was not told, or told empty, which may pass.
    Failed,
}

/// Reads one list; the names of the others stay empty.
pub(super) async fn read(account: &SourceAccount, list: List) -> Result<Names, UpstreamError> {
    let mut names = Names::default();
    match list {
        List::OrderStatuses => {
            let rows = account.calls.order_statuses().await?.value.into_iter();
            let rows = rows.filter_map(|row| row.parsed.ok());
            names.order_statuses =
                rows.filter_map(|row| Some((row.id, (row.name?, row.external_name)))).collect();
        }
        List::TrackingStatuses => {
            let rows = account.calls.tracking_statuses().await?.value.into_iter();
            names.tracking_statuses =
                rows.filter_map(|row| row.parsed.ok()).filter_map(|row| Some((row.id, row.name?))).collect();
        }
        List::CourierServices => {
            let rows = account.calls.courier_services().await?.value.into_iter();
            names.courier_services =
                rows.filter_map(|row| row.parsed.ok()).filter_map(|row| Some((row.id, row.name?))).collect();
        }
    }
    Ok(names)
}

/// A list that cannot be read is not a reason to stop: numbers are kept. Only what stops every call of the account stops
/// this one.
pub(super) fn outcome(list: List, answer: Result<Names, UpstreamError>) -> Result<Outcome, UpstreamError> {
    match answer {
        Ok(names) if names == Names::default() => {
            tracing::warn!(list = list.name(), "upstream's list of names is empty; the old one stays");
            Ok(Outcome::Failed)
        }
        Ok(names) => Ok(Outcome::Told(names)),
        Err(error @ (UpstreamError::WrongLogin { .. } | UpstreamError::BadUrl { .. })) => Err(error),
        Err(error) => {
            tracing::warn!(list = list.name(), %error, "upstream's list of names could not be read; the old one stays");
            Ok(if matches!(error, UpstreamError::NotPermitted) { Outcome::Refused } else { Outcome::Failed })
        }
    }
}

pub(super) fn entries_of(list: List, names: &Names) -> Value {
    let pairs =
        |map: &BTreeMap<i64, String>| map.iter().map(|(id, name)| json!([id, name])).collect::<Value>();
    match list {
        List::OrderStatuses => {
            names.order_statuses.iter().map(|(id, (name, external))| json!([id, name, external])).collect()
        }
        List::TrackingStatuses => pairs(&names.tracking_statuses),
        List::CourierServices => pairs(&names.courier_services),
    }
}

pub(super) fn names_in(list: List, entries: &[Value]) -> Names {
    let mut names = Names::default();
    for entry in entries {
        let (Some(id), Some(name)) = (entry[0].as_i64(), entry[1].as_str().map(str::to_owned)) else {
            continue;
        };
        match list {
            List::OrderStatuses => {
                names.order_statuses.insert(id, (name, entry[2].as_str().map(str::to_owned)));
            }
            List::TrackingStatuses => {
                names.tracking_statuses.insert(id, name);
            }
            List::CourierServices => {
                names.courier_services.insert(id, name);
            }
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_is_empty_or_not_found_may_be_told_later_and_one_that_is_forbidden_is_left_alone() {
        let of = |answer| outcome(List::TrackingStatuses, answer).expect("it stops nothing");
        let passing = [
            Ok(Names::default()),
            Err(UpstreamError::NotFound),
            Err(UpstreamError::Rejected { status: 400, said: None }),
            Err(UpstreamError::TimedOut),
        ];
        for answer in passing {
            let told = format!("{answer:?}");
            assert!(matches!(of(answer), Outcome::Failed), "{told}");
        }
        assert!(matches!(of(Err(UpstreamError::NotPermitted)), Outcome::Refused));
        let names = Names { tracking_statuses: [(4, "Delivered".to_owned())].into(), ..Names::default() };
        assert!(matches!(of(Ok(names)), Outcome::Told(_)));
    }
}
