-- What stands beside the keys that were destroyed so far: couriers' texts in the read tables.
update logistics_tracking_events t
set event_description = null, raw_data_json = jsonb_set(t.raw_data_json, '{description}', 'null')
from order_streams s
where s.stream_id = t.logistics_order_id and s.key_destroyed_at is not null and t.event_description is not null;

update logistics_orders o
set order_data_json = jsonb_set(o.order_data_json::jsonb, '{last_scan,description}', 'null')::json
from order_streams s
where s.stream_id = o.id and s.key_destroyed_at is not null
  and o.order_data_json #>> '{last_scan,description}' is not null;
