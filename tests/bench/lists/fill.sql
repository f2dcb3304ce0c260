-- Fills one tenant with orders of two years, as polls would have left them: mostly delivered, a tail that is on its way,
-- 3 lines each, a recipient each. $1 orders. Statements are run one by one; {orders} is their number.
set session_replication_role = replica;

insert into tenants (id, name, slug, is_active, timezone, created_at)
values (7, 'Ladore', 'ladore', true, 'America/Lima', now()) on conflict do nothing;

-- Polled while it is measured, by the word of this row: an order that was not is asked about upstream whenever it is opened.
insert into logistics_config (tenant_id, account_type, api_url, api_key_encrypted, sync_enabled, last_synced_at, account_id,
  created_at, updated_at)
values (7, 'dedicated', 'https://upstream.example', '', false, now() + interval '1 hour',
  '00000000-0000-0000-0000-000000000001', now(), now());

insert into logistics_orders (id, tenant_id, account_id, version, order_id, shop_order_name, link_basis, mintsoft_order_id,
  mintsoft_order_number, status, status_id, courier_service, courier_service_id, tracking_number, tracking_url, dispatched_at,
  estimated_delivery, delivered_at, num_parcels, weight, part, number_of_parts, ordered_at, order_data_json, search_text,
  observed_at, observed_via, created_at, updated_at, warehouse_phase, carrier_phase, must_act, attention, tab, due_at,
  mapping_version, facet, number_key)
select md5('order' || n)::uuid, 7, '00000000-0000-0000-0000-000000000001', 12,
  case when linked then n end, case when linked then '#' || n end, case when linked then 'name' end, n,
  'ladore-' || n, s.name, s.id, c.name, c.id, t.number, 'https://courier.example/track/' || t.number, s.dispatched, null,
  s.delivered, 1, 0.48, 1, 1, ordered,
  jsonb_build_object('external_reference', n::text, 'client_id', 3, 'items', jsonb_build_array(
      jsonb_build_object('id', 1, 'sku', 'LADORE-SHAMPOO-' || n % 40, 'quantity', 2, 'allocated', 2, 'on_back_order', 0),
      jsonb_build_object('id', 2, 'sku', 'LADORE-SERUM-' || n % 97, 'quantity', 1, 'allocated', 1, 'on_back_order', 0),
      jsonb_build_object('id', 3, 'sku', 'LADORE-MASK-' || n % 13, 'quantity', 1, 'allocated', 1, 'on_back_order', 0)),
    'shipments', '[]'::jsonb, 'details', jsonb_build_object('country', 'PE', 'warehouse_id', 3))::json,
  lower('ladore-' || n || E'\n' || coalesce('#' || n || E'\n', '') || coalesce(t.number || E'\n', '')
    || 'LADORE-SHAMPOO-' || n % 40 || E'\nLADORE-SERUM-' || n % 97 || E'\nLADORE-MASK-' || n % 13 || E'\n'),
  updated, 'poll', ordered + interval '20 minutes', updated, s.phase, s.carrier, s.act,
  s.attention, s.tab, null, 1, logistics_facet(s.name, s.id, c.name, c.id, linked, s.tab, s.attention),
  'ladore-' || n
from (
  select n, n % 10 < 9 as linked, (hashint8(n) & 1023) as chance,
    timestamptz '2024-11-20 00:00:00Z' + n * (interval '730 days' / {orders}) as ordered
  from generate_series(1, {orders}) n) o
cross join lateral (select
  {orders} - n < {orders} / 100 as fresh, ordered + make_interval(hours => 6 + chance % 60) as left_at) f
cross join lateral (select * from (values
  ('DESPATCHED', 4, 'dispatched', 'delivered', 'nobody', null, 'delivered', left_at, left_at + interval '2 days', 0),
  ('DESPATCHED', 4, 'dispatched', 'in_transit', 'carrier', null, 'on_the_way', left_at, null, 1),
  ('NEW', 1, 'received', 'none', 'warehouse', null, 'in_warehouse', null, null, 2),
  ('PICKED', 17, 'preparing', 'none', 'warehouse', null, 'in_warehouse', null, null, 3),
  ('ONHOLD', 7, 'waiting', 'none', 'brand', 'on_hold', 'in_warehouse', null, null, 4),
  ('CANCELLED', 3, 'cancelled', 'none', 'nobody', null, 'closed', null, null, 5),
  ('INVOICED', 6, 'dispatched', 'delivered', 'nobody', null, 'delivered', left_at, left_at + interval '3 days', 6))
  v(name, id, phase, carrier, act, attention, tab, dispatched, delivered, kind)
  where kind = case when fresh then 1 + chance % 4 when chance % 50 = 0 then 5 when chance % 7 = 0 then 6
                    when chance = 3 then 4 else 0 end) s
cross join lateral (select case when s.dispatched is null then null
  else 'JD' || lpad(((n::bigint * 7919) % 10000000000)::text, 12, '0') end as number) t
cross join lateral (select case when s.dispatched is null then null else (array['Royal Mail 24', 'DPD Next Day', 'Olva', 'Shalom'])[1 + chance % 4] end as name,
  case when s.dispatched is null then null else 12 + chance % 4 end as id) c
cross join lateral (select coalesce(s.delivered, s.dispatched, ordered + interval '1 hour') as updated) u;

insert into logistics_order_recipients (logistics_order_id, tenant_id, version, name, address_lines, town, country, email, search_text)
select md5('order' || n)::uuid, 7, 1, name, array['Avenida Larco ' || n % 2000], 'Lima', 'PERU', email,
  lower(name || E'\n' || email || E'\n')
from generate_series(1, {orders}) n
cross join lateral (select (array['Rosa', 'Luz', 'Ángela', 'José', 'Carmen', 'Juan', 'María', 'Pedro', 'Ana', 'Luis'])[1 + n % 10] || ' '
  || (array['Quispe', 'Flores', 'Sánchez', 'García', 'Rojas', 'Huamán', 'Mamani', 'Díaz', 'Torres', 'Ñahui', 'López'])[1 + n / 10 % 11]
  || ' ' || substr(md5(n::text), 1, 5) as name, 'cliente' || n || '@example.test' as email) p;

insert into logistics_order_searches (logistics_order_id, tenant_id, search_text)
select id, tenant_id, search_text from logistics_orders;

select recount_logistics_orders('logistics_orders', 1, null);

set session_replication_role = origin;
