-- Counting, taken out of the triggers. The statement of a commit notes what it changed, one narrow row an order as it was and
-- one as it is, and whoever reads adds the notes to the counters; a task of the service takes them up, many at once. A commit then
-- pays for two rows in a table without an index, where it paid for a trigger and ten counters.
--
-- The texts that searches look in are written by the same statement. A service of the version before must be stopped first:
-- it knows nothing of notes.

drop trigger if exists count_inserted on logistics_orders;
drop trigger if exists count_updated on logistics_orders;
drop trigger if exists search_inserted on logistics_orders;
drop trigger if exists search_updated on logistics_orders;
drop function if exists keep_order_searches();

create table logistics_order_count_changes (
  tenant_id     bigint      not null,
  facet         bigint      not null,
  step          smallint    not null,
  ordered_at    timestamptz,
  dispatched_at timestamptz,
  created_at    timestamptz not null,
  updated_at    timestamptz not null
) with (
  -- Rows come and go all the time, and every count reads the whole table.
  autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_threshold = 2000,
  autovacuum_analyze_scale_factor = 0,
  autovacuum_analyze_threshold = 50000
);

comment on table logistics_order_count_changes is 'What logistics_order_counts does not hold yet: orders as they were before a commit, and as they are after it.';
comment on column logistics_order_count_changes.tenant_id is 'Whose order.';
comment on column logistics_order_count_changes.facet is 'The facet.';
comment on column logistics_order_count_changes.step is '-1 for the order as it was, 1 as it is.';
comment on column logistics_order_count_changes.ordered_at is 'The column of that name in logistics_orders.';
comment on column logistics_order_count_changes.dispatched_at is 'The column of that name in logistics_orders.';
comment on column logistics_order_count_changes.created_at is 'The column of that name in logistics_orders.';
comment on column logistics_order_count_changes.updated_at is 'The column of that name in logistics_orders.';
comment on table logistics_order_counts is 'How many orders that are not withheld each facet has, in all and by day; with logistics_order_count_changes, up to the last commit.';

grant select, insert, delete on logistics_order_count_changes to ledger_app;
grant select on logistics_order_count_changes to ledger_reader;
alter table logistics_order_count_changes enable row level security;
create policy service_sees_all on logistics_order_count_changes to ledger_app using (true) with check (true);
create policy reader_sees_its_tenant on logistics_order_count_changes for select to ledger_reader
  using (tenant_id = nullif(current_setting('ledger.tenant', true), '')::bigint);

-- Instants become days of the tenant's zone when they are read: a commit that waited behind a change of the zone knows nothing
-- of it yet.
create view logistics_order_counted with (security_invoker = true) as
select c.tenant_id, c.field, c.day, c.facet, c.orders
from logistics_order_counts c
where c.generation = (select generation from logistics_order_generation)
union all
select c.tenant_id, v.field, v.day, c.facet, c.step::bigint
from logistics_order_count_changes c
left join tenants t on t.id = c.tenant_id
cross join lateral (values
  ('all'::text, '-infinity'::date),
  ('ordered_at', (c.ordered_at at time zone coalesce(t.timezone, 'UTC'))::date),
  ('dispatched_at', (c.dispatched_at at time zone coalesce(t.timezone, 'UTC'))::date),
  ('created_at', (c.created_at at time zone coalesce(t.timezone, 'UTC'))::date),
  ('updated_at', (c.updated_at at time zone coalesce(t.timezone, 'UTC'))::date)) v(field, day)
where v.day is not null;

comment on view logistics_order_counted is 'How many orders each facet has, up to the last commit: to be summed by facet.';
comment on column logistics_order_counted.tenant_id is 'Whose orders.';
comment on column logistics_order_counted.field is 'The column of that name in logistics_order_counts.';
comment on column logistics_order_counted.day is 'The column of that name in logistics_order_counts.';
comment on column logistics_order_counted.facet is 'The facet.';
comment on column logistics_order_counted.orders is 'How many orders more, or fewer where negative.';

grant select on logistics_order_counted to ledger_app, ledger_reader;

create or replace function recount_tenant_of_other_zone() returns trigger language plpgsql security definer
set search_path from current as $$
begin
  perform from ledger_heads where tenant_id = new.id for update;
  delete from logistics_order_count_changes where tenant_id = new.id;
  perform recount_logistics_orders('logistics_orders', (select generation from logistics_order_generation), new.id);
  return null;
end
$$;

-- Every event touches every index. The one was superseded by those by facet; what the other holds unique, order_streams does, and
-- an order's id is made of the same.
drop index if exists logistics_orders_attention, logistics_orders_mintsoft_id;
