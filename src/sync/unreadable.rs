//! Rows that upstream sends and that cannot be read: told and counted, so that none vanishes without a trace. Absent: rows
//! of orders, which are parked ([`intake`](super::intake)).

use logistics_domain::AccountId;

use crate::mintsoft::wire::Row;
use crate::telemetry::meters;

/// The rows of a list that can be read.
pub(super) fn readable<'a, T>(list: &'static str, account: AccountId, rows: &'a [Row<T>]) -> Vec<&'a T> {
    let read = |row: &'a Row<T>| {
        let told = |error| {
            meters::unreadable(list);
            tracing::warn!(list, %account, id = row.id, %error, "a row that upstream sent cannot be read");
        };
        row.parsed.as_ref().map_err(told).ok()
    };
    rows.iter().filter_map(read).collect()
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;
    use crate::mintsoft::wire::{TrackingEvent, read_rows};

    #[test]
    fn a_row_that_cannot_be_read_is_counted_and_the_others_are_read() {
        let body = br#"[{"ID":1},{"ID":2,"TrackingStatusId":"soon"},{"ID":3}]"#;
        let rows: Vec<Row<TrackingEvent>> = read_rows(body).expect("an array");
        let recorder = PrometheusBuilder::new().build_recorder();
        let account = AccountId(uuid::Uuid::nil());
        let read = metrics::with_local_recorder(&recorder, || readable("tracking_events", account, &rows));
        assert_eq!(read.iter().map(|row| row.id).collect::<Vec<_>>(), [1, 3]);
        let told = recorder.handle().render();
        assert!(told.contains("ledger_unreadable_rows_total{list=\"tracking_events\"} 1"), "{told}");
    }
}
