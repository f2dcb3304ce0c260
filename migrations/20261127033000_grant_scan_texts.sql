-- What couriers write may name whoever signed, so it goes when the person of the order is erased.
grant update (event_description, raw_data_json) on logistics_tracking_events to ledger_app;
comment on table logistics_tracking_events is 'One row a scan by a courier; a row changes once at most, when the person of its order is erased.';
comment on column logistics_tracking_events.event_description is 'The courier''s text; null where there was none, or once the person is erased.';
comment on column logistics_tracking_events.raw_data_json is 'Everything that the scan told, without the courier''s text once the person is erased.';
