-- Links of shop orders whose warehouse order was withheld before such links were set aside. They are linked again once it is
-- released, as all of them are.

with fulfilling as materialized (
  select tenant_id, order_id, withheld_reason is not null as withheld
  from logistics_orders where order_id is not null and vanished_at is null
  union all
  -- A survivor of merges fulfils others besides the first.
  select o.tenant_id, (also ->> 'order_id')::bigint, o.withheld_reason is not null
  from (select * from logistics_orders where order_id is not null and vanished_at is null
          and order_data_json::text like '%"also_fulfils"%' offset 0) o
  cross join json_array_elements(coalesce(o.order_data_json -> 'also_fulfils', '[]')) also)
update shop_links l
set state = 'not_found', basis = null, linked_at = null, updated_at = now(),
    reason = 'The warehouse order of this number is set aside; the platform''s staff decide about it first.'
where l.state = 'linked'
  and exists (select from fulfilling f where f.tenant_id = l.tenant_id and f.order_id = l.order_id and f.withheld)
  and not exists (select from fulfilling f where f.tenant_id = l.tenant_id and f.order_id = l.order_id and not f.withheld);
