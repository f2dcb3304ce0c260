-- What stands beside the keys that were destroyed so far: couriers' texts in the read tables, and rows as they were received.
update logistics_tracking_events t
set event_description = null, raw_data_json = jsonb_set(t.raw_data_json, '{description}', 'null')
from order_streams s
where s.stream_id = t.logistics_order_id and s.key_destroyed_at is not null and t.event_description is not null;

update logistics_orders o
set order_data_json = jsonb_set(o.order_data_json::jsonb, '{last_scan,description}', 'null')::json
from order_streams s
where s.stream_id = o.id and s.key_destroyed_at is not null
  and o.order_data_json #>> '{last_scan,description}' is not null;

update parked_orders p set raw_sealed = null
where p.raw_sealed is not null and exists (select from order_streams s
  where s.key_destroyed_at is not null and s.mintsoft_order_id = p.mintsoft_order_id
    and s.account_id in (select p.account_id union all select c.home_account_id from logistics_config c
        where c.account_id = p.account_id));
comment on column parked_orders.raw_sealed is 'The row as received, sealed with the key ring; forgotten once the order has found its tenant, and not kept once its person is erased.';
