-- Links of shop orders whose warehouse order was withheld before such links were set aside. They are linked again once it is
-- released, as all of them are.

update shop_links l
set state = 'not_found', basis = null, linked_at = null, updated_at = now(),
    reason = 'The warehouse order of this number is set aside; the platform''s staff decide about it first.'
where l.state = 'linked'
  and exists (
    select from logistics_orders o
    where o.tenant_id = l.tenant_id and o.order_id = l.order_id and o.vanished_at is null and o.withheld_reason is not null)
  and not exists (
    select from logistics_orders o
    where o.tenant_id = l.tenant_id and o.order_id = l.order_id and o.vanished_at is null and o.withheld_reason is null);
