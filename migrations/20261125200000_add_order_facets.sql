-- Facets: what an order is by all that lists are filtered by and has few values. Orders of one facet are alike to every
-- such filter, so a filter is a set of facets: counters are kept by facet, and each sorting has an index by facet, so
-- that the first page of any filter is put together from the first orders of each of its facets.

-- Both columns are made by the database of what the row tells. Lists compare keys as they are stored, since under row
-- security an index serves no condition that calls a function.
alter table logistics_orders
  add column facet bigint not null generated always as (hashtextextended(
    coalesce(status, E'\x1e') || E'\x1f' || coalesce(status_id::text, '') || E'\x1f'
    || coalesce(courier_service, E'\x1e') || E'\x1f' || coalesce(courier_service_id::text, '') || E'\x1f'
    || case when order_id is null then '0' else '1' end || E'\x1f' || tab || E'\x1f' || coalesce(attention, ''), 0)) stored,
  add column number_key text not null generated always as (lower(mintsoft_order_number)) stored;

comment on column logistics_orders.facet is 'Hash of status, courier service, whether a shop order is linked, tab and attention; see logistics_order_facets.';
comment on column logistics_orders.number_key is 'mintsoft_order_number in lower case, to sort by.';

drop index if exists logistics_orders_created, logistics_orders_ordered, logistics_orders_dispatched,
  logistics_orders_status, logistics_orders_tab;

create index logistics_orders_facet_updated on logistics_orders (tenant_id, facet, updated_at, id) where withheld_reason is null;
create index logistics_orders_facet_created on logistics_orders (tenant_id, facet, created_at, id) where withheld_reason is null;
create index logistics_orders_facet_ordered on logistics_orders (tenant_id, facet, ordered_at, id) where withheld_reason is null;
create index logistics_orders_facet_dispatched on logistics_orders (tenant_id, facet, dispatched_at, id) where withheld_reason is null;
create index logistics_orders_facet_number on logistics_orders (tenant_id, facet, number_key, id) where withheld_reason is null;
create index logistics_orders_facet_id on logistics_orders (tenant_id, facet, id) where withheld_reason is null;

create table logistics_order_facets (
  tenant_id          bigint  not null,
  facet              bigint  not null,
  status             text,
  status_id          int,
  courier_service    text,
  courier_service_id bigint,
  linked             boolean not null,
  tab                text    not null,
  attention          text,
  primary key (tenant_id, facet)
);

comment on table logistics_order_facets is 'What each facet stands for, for every facet that a tenant''s orders ever had.';
comment on column logistics_order_facets.tenant_id is 'Whose orders.';
comment on column logistics_order_facets.facet is 'The hash in logistics_orders.facet.';
comment on column logistics_order_facets.status is 'Mintsoft''s name of the status.';
comment on column logistics_order_facets.status_id is 'Mintsoft''s number of the status.';
comment on column logistics_order_facets.courier_service is 'Name of the courier''s service.';
comment on column logistics_order_facets.courier_service_id is 'Mintsoft''s number of that service.';
comment on column logistics_order_facets.linked is 'Whether a shop order is linked.';
comment on column logistics_order_facets.tab is 'The tab.';
comment on column logistics_order_facets.attention is 'Why such orders need attention; null where they do not.';

grant select, insert on logistics_order_facets to ledger_app;
grant select on logistics_order_facets to ledger_reader;
alter table logistics_order_facets enable row level security;
create policy service_sees_all on logistics_order_facets to ledger_app using (true) with check (true);
create policy reader_sees_its_tenant on logistics_order_facets for select to ledger_reader
  using (tenant_id = nullif(current_setting('ledger.tenant', true), '')::bigint);

-- A rebuild counts anew under the next generation while the present one goes on, and then makes it the present one.
create table logistics_order_generation (
  generation int not null
);
create unique index logistics_order_generation_one on logistics_order_generation ((true));

comment on table logistics_order_generation is 'One row: which generation of counters people read.';
comment on column logistics_order_generation.generation is 'The number in logistics_order_counts.generation.';

insert into logistics_order_generation (generation) values (1);
grant select on logistics_order_generation to ledger_app, ledger_reader;

create table logistics_order_counts (
  generation int    not null,
  tenant_id  bigint not null,
  field      text   not null,
  day        date   not null,
  facet      bigint not null,
  orders     bigint not null,
  primary key (generation, tenant_id, field, day, facet)
) with (
  -- The few rows of today change with every commit: room for their new versions beside them.
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05
);

comment on table logistics_order_counts is 'How many orders that are not withheld each facet has, in all and by day. It moves in the statement that moves the orders.';
comment on column logistics_order_counts.generation is 'Which table of orders is counted: the one that people read, or the one that a rebuild fills.';
comment on column logistics_order_counts.tenant_id is 'Whose orders.';
comment on column logistics_order_counts.field is 'all; or the instant whose day is meant: ordered_at, dispatched_at, created_at or updated_at.';
comment on column logistics_order_counts.day is 'The day in the tenant''s zone; -infinity where field is all.';
comment on column logistics_order_counts.facet is 'The facet.';
comment on column logistics_order_counts.orders is 'How many orders.';

grant select, insert, update on logistics_order_counts to ledger_app;
grant select on logistics_order_counts to ledger_reader;
alter table logistics_order_counts enable row level security;
create policy service_sees_all on logistics_order_counts to ledger_app using (true) with check (true);
create policy reader_sees_its_tenant on logistics_order_counts for select to ledger_reader
  using (tenant_id = nullif(current_setting('ledger.tenant', true), '')::bigint);

-- Counts what a statement did, as a whole: two fixed costs a statement, and one row a counter that changed. Appends of a
-- tenant are in line by the lock on its head, so no two meet on a counter.
create function count_logistics_orders() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    if not exists (select from new_orders) then
      return null;
    end if;
  elsif not exists (select from new_orders) then
    return null;
  end if;

  insert into logistics_order_facets (tenant_id, facet, status, status_id, courier_service, courier_service_id, linked,
    tab, attention)
  select distinct n.tenant_id, n.facet, n.status, n.status_id, n.courier_service, n.courier_service_id,
         n.order_id is not null, n.tab, n.attention
  from new_orders n
  where not exists (select from logistics_order_facets f where f.tenant_id = n.tenant_id and f.facet = n.facet)
  on conflict do nothing;

  if tg_op = 'INSERT' then
    insert into logistics_order_counts as held (generation, tenant_id, field, day, facet, orders)
    select tg_argv[0]::int, n.tenant_id, v.field, v.day, n.facet, count(*)
    from new_orders n
    left join tenants t on t.id = n.tenant_id
    cross join lateral (values
      ('all', '-infinity'::date),
      ('ordered_at', (n.ordered_at at time zone coalesce(t.timezone, 'UTC'))::date),
      ('dispatched_at', (n.dispatched_at at time zone coalesce(t.timezone, 'UTC'))::date),
      ('created_at', (n.created_at at time zone coalesce(t.timezone, 'UTC'))::date),
      ('updated_at', (n.updated_at at time zone coalesce(t.timezone, 'UTC'))::date)) v(field, day)
    where n.withheld_reason is null and v.day is not null
    group by 2, 3, 4, 5 order by 2, 3, 4, 5
    on conflict (generation, tenant_id, field, day, facet) do update set orders = held.orders + excluded.orders;
  else
    insert into logistics_order_counts as held (generation, tenant_id, field, day, facet, orders)
    select tg_argv[0]::int, m.tenant_id, v.field, v.day, m.facet, sum(m.step)
    from (
      select tenant_id, facet, ordered_at, dispatched_at, created_at, updated_at, -1 as step
      from old_orders where withheld_reason is null
      union all
      select tenant_id, facet, ordered_at, dispatched_at, created_at, updated_at, 1
      from new_orders where withheld_reason is null) m
    left join tenants t on t.id = m.tenant_id
    cross join lateral (values
      ('all', '-infinity'::date),
      ('ordered_at', (m.ordered_at at time zone coalesce(t.timezone, 'UTC'))::date),
      ('dispatched_at', (m.dispatched_at at time zone coalesce(t.timezone, 'UTC'))::date),
      ('created_at', (m.created_at at time zone coalesce(t.timezone, 'UTC'))::date),
      ('updated_at', (m.updated_at at time zone coalesce(t.timezone, 'UTC'))::date)) v(field, day)
    where v.day is not null
    group by 2, 3, 4, 5 having sum(m.step) <> 0 order by 2, 3, 4, 5
    on conflict (generation, tenant_id, field, day, facet) do update set orders = held.orders + excluded.orders;
  end if;
  return null;
end
$$;

-- Counts a whole table of orders, of one tenant or of all, under a generation, in place of what stands there.
create function recount_logistics_orders(orders regclass, counted_generation int, counted_tenant bigint)
returns void language plpgsql as $$
begin
  delete from logistics_order_counts
  where generation = counted_generation and (counted_tenant is null or tenant_id = counted_tenant);
  execute format('
    insert into logistics_order_facets (tenant_id, facet, status, status_id, courier_service, courier_service_id, linked,
    tab, attention)
    select distinct on (tenant_id, facet) tenant_id, facet, status, status_id, courier_service, courier_service_id,
           order_id is not null, tab, attention
    from %s where $1 is null or tenant_id = $1
    on conflict do nothing', orders) using counted_tenant;
  execute format('
    insert into logistics_order_counts (generation, tenant_id, field, day, facet, orders)
    select $2, o.tenant_id, v.field, v.day, o.facet, count(*)
    from %s o left join tenants t on t.id = o.tenant_id
    cross join lateral (values
      (''all'', ''-infinity''::date),
      (''ordered_at'', (o.ordered_at at time zone coalesce(t.timezone, ''UTC''))::date),
      (''dispatched_at'', (o.dispatched_at at time zone coalesce(t.timezone, ''UTC''))::date),
      (''created_at'', (o.created_at at time zone coalesce(t.timezone, ''UTC''))::date),
      (''updated_at'', (o.updated_at at time zone coalesce(t.timezone, ''UTC''))::date)) v(field, day)
    where o.withheld_reason is null and v.day is not null and ($1 is null or o.tenant_id = $1)
    group by 2, 3, 4, 5', orders) using counted_tenant, counted_generation;
end
$$;
revoke execute on function recount_logistics_orders(regclass, int, bigint) from public;

create trigger count_inserted after insert on logistics_orders referencing new table as new_orders
  for each statement execute function count_logistics_orders('1');
create trigger count_updated after update on logistics_orders referencing old table as old_orders new table as new_orders
  for each statement execute function count_logistics_orders('1');

-- Days are days of the tenant's zone, so another zone makes other days. The lock on the head keeps appends out meanwhile.
create function recount_tenant_of_other_zone() returns trigger language plpgsql security definer set search_path from current as $$
begin
  perform from ledger_heads where tenant_id = new.id for update;
  perform recount_logistics_orders('logistics_orders', (select generation from logistics_order_generation), new.id);
  return null;
end
$$;
revoke execute on function recount_tenant_of_other_zone() from public;
create trigger recount_orders after update of timezone on tenants
  for each row when (old.timezone is distinct from new.timezone) execute function recount_tenant_of_other_zone();

select recount_logistics_orders('logistics_orders', 1, null);
