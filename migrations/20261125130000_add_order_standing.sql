-- Where an order stands: the normalised status, read by a mapping with a version. The fold writes it from now on.
-- Rows that are there already are filled here as far as a status number and a date of delivery tell, under version 0;
-- `ledger rebuild` reads their scans and promises by the mapping in use. The defaults are for a service of the version
-- before, which may write on while this one is rolled out.

alter table logistics_orders
  add column warehouse_phase text        not null default 'unknown',
  add column carrier_phase   text        not null default 'none',
  add column must_act        text        not null default 'warehouse',
  add column attention       text,
  add column tab             text        not null default 'in_warehouse',
  add column due_at          timestamptz,
  add column mapping_version int         not null default 0;

comment on column logistics_orders.warehouse_phase is 'Where the order is in the warehouse: unknown, received, waiting, preparing, packed, stopped, dispatched or cancelled.';
comment on column logistics_orders.carrier_phase is 'Where the goods are with the carrier: none, unknown, pending, info_received, in_transit, out_for_delivery, attempt_failed, available_for_pickup, delivered, exception or expired.';
comment on column logistics_orders.must_act is 'Whose move it is: nobody, warehouse, brand, carrier, recipient or platform.';
comment on column logistics_orders.attention is 'Why the order needs attention, as a code of docs/status.md; null where it goes on by itself.';
comment on column logistics_orders.tab is 'The tab of a list that it stands under: in_warehouse, on_the_way, delivered or closed.';
comment on column logistics_orders.due_at is 'When the promise that is open ends (UTC): dispatch, delivery, or news of a scanned parcel. The order is late from then on.';
comment on column logistics_orders.mapping_version is 'Version of the mapping by which the columns of the standing were filled; 0 where a migration filled them.';

with standing as (
  select id,
         case when status_id = 3 then 'cancelled'
              when dispatched_at is not null or status_id in (4, 5, 6) then 'dispatched'
              when status_id = 1 then 'received'
              when status_id in (2, 15, 16, 17, 22, 23) then 'preparing'
              when status_id = 20 then 'packed'
              when status_id in (7, 10, 11, 12, 14) then 'waiting'
              when status_id in (8, 9, 13, 18, 19, 21) then 'stopped'
              else 'unknown' end as warehouse_phase
  from logistics_orders
)
update logistics_orders o
set warehouse_phase = s.warehouse_phase,
    carrier_phase = case when o.delivered_at is not null then 'delivered'
                         when s.warehouse_phase = 'dispatched' and o.tracking_number is not null then 'pending'
                         else 'none' end,
    tab = case when o.delivered_at is not null then 'delivered'
               when o.vanished_at is not null or s.warehouse_phase = 'cancelled' then 'closed'
               when s.warehouse_phase = 'dispatched' then 'on_the_way'
               else 'in_warehouse' end,
    must_act = case when o.delivered_at is not null or o.vanished_at is not null or s.warehouse_phase = 'cancelled'
                    then 'nobody'
                    when s.warehouse_phase = 'dispatched' then 'carrier'
                    when o.status_id = 8 then 'platform'
                    when o.status_id in (7, 9, 10, 11, 12, 13, 14, 18) then 'brand'
                    else 'warehouse' end,
    attention = case when o.delivered_at is not null or o.vanished_at is not null
                          or s.warehouse_phase not in ('waiting', 'stopped') then null
                     else case o.status_id when 7 then 'on_hold' when 8 then 'order_failed' when 9 then 'out_of_stock'
                                           when 10 then 'awaiting_confirmation' when 11 then 'awaiting_documents'
                                           when 12 then 'awaiting_payment' when 13 then 'query_raised'
                                           when 18 then 'fraud_risk' when 19 then 'picking_skipped'
                                           when 21 then 'awaiting_replenishment' end end
from standing s
where o.id = s.id;

-- The tabs, what needs attention, and what is late, each newest first or soonest first.
create index logistics_orders_tab on logistics_orders (tenant_id, tab, updated_at, id) where withheld_reason is null;
create index logistics_orders_attention on logistics_orders (tenant_id, updated_at, id)
  where withheld_reason is null and attention is not null;
create index logistics_orders_due on logistics_orders (tenant_id, due_at, id)
  where withheld_reason is null and due_at is not null;
