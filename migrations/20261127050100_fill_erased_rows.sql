-- What stands beside the keys that were destroyed so far, whichever account of the host read it: rows as they were received, and
-- couriers' texts in scans that wait.
update parked_orders p set raw_sealed = null
from mintsoft_accounts reader
join mintsoft_accounts home on home.host = reader.host
join order_streams s on s.account_id = home.id
where reader.id = p.account_id and s.mintsoft_order_id = p.mintsoft_order_id and s.key_destroyed_at is not null
  and p.raw_sealed is not null;
comment on column parked_orders.raw_sealed is 'The row as received, sealed with the key ring; forgotten once the order has found its tenant, and not kept once its person is erased.';

update unplaced_scans u set scan = jsonb_set(u.scan, '{description}', 'null')
from mintsoft_accounts reader
join mintsoft_accounts home on home.host = reader.host
join order_streams s on s.account_id = home.id
where reader.id = u.account_id and s.key_destroyed_at is not null and u.scan->>'description' is not null
  and s.mintsoft_order_id = coalesce(u.mintsoft_order_id, (
    select k.mintsoft_order_id from known_shipments k
    join mintsoft_accounts told on told.id = k.account_id
    where told.host = reader.host and k.shipment_id = u.shipment_id limit 1));
comment on column unplaced_scans.scan is 'The scan, translated; without the courier''s text once the person of its order is erased.';
