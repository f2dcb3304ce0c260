-- What stands beside the keys that were destroyed so far, whichever account of the host read it: an order that was erased as it
-- was discovered left rows as they were received, and couriers' texts, under the other accounts.
with erased as materialized (
  select reader.id as account_id, reader.host, s.mintsoft_order_id
  from order_streams s
  join mintsoft_accounts home on home.id = s.account_id
  join mintsoft_accounts reader on reader.host = home.host
  where s.key_destroyed_at is not null),
forgotten as (
  update parked_orders p set raw_sealed = null from erased e
  where p.account_id = e.account_id and p.mintsoft_order_id = e.mintsoft_order_id and p.raw_sealed is not null),
of_order as (
  update unplaced_scans u set scan = jsonb_set(u.scan, '{description}', 'null') from erased e
  where u.account_id = e.account_id and u.mintsoft_order_id = e.mintsoft_order_id and u.scan->>'description' is not null)
update unplaced_scans u set scan = jsonb_set(u.scan, '{description}', 'null')
from erased e
join known_shipments k on k.account_id = e.account_id and k.mintsoft_order_id = e.mintsoft_order_id
join mintsoft_accounts reader on reader.host = e.host
where u.account_id = reader.id and u.shipment_id = k.shipment_id and u.mintsoft_order_id is null
  and u.scan->>'description' is not null;
