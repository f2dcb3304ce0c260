-- How many orders of all facets there are, in all and by day: the sums of the counters by facet. To sum the counters of a year took
-- a list of it longer than the rest of its page. They move with the counters, in whatever statement moves those, so that the two
-- cannot come apart; and nobody else may write them.
create table logistics_order_totals (
  generation int    not null,
  tenant_id  bigint not null,
  field      text   not null,
  day        date   not null,
  orders     bigint not null,
  primary key (generation, tenant_id, field, day)
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.02,
  autovacuum_analyze_scale_factor = 0.05
);

comment on table logistics_order_totals is 'The sums of logistics_order_counts over all facets.';
comment on column logistics_order_totals.generation is 'The column of that name in logistics_order_counts.';
comment on column logistics_order_totals.tenant_id is 'Whose orders.';
comment on column logistics_order_totals.field is 'The column of that name in logistics_order_counts.';
comment on column logistics_order_totals.day is 'The column of that name in logistics_order_counts.';
comment on column logistics_order_totals.orders is 'How many orders.';

grant select on logistics_order_totals to ledger_app, ledger_reader;
alter table logistics_order_totals enable row level security;
create policy service_sees_all on logistics_order_totals to ledger_app using (true) with check (true);
create policy reader_sees_its_tenant on logistics_order_totals for select to ledger_reader
  using (tenant_id = nullif(current_setting('ledger.tenant', true), '')::bigint);

create function total_logistics_orders() returns trigger language plpgsql security definer set search_path from current as $$
begin
  if tg_op = 'INSERT' then
    insert into logistics_order_totals as held (generation, tenant_id, field, day, orders)
    select generation, tenant_id, field, day, sum(orders)
    from new_counts group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (generation, tenant_id, field, day) do update set orders = held.orders + excluded.orders;
  elsif tg_op = 'UPDATE' then
    insert into logistics_order_totals as held (generation, tenant_id, field, day, orders)
    select generation, tenant_id, field, day, sum(orders)
    from (select generation, tenant_id, field, day, orders from new_counts
          union all
          select generation, tenant_id, field, day, -orders from old_counts) moved
    group by 1, 2, 3, 4 having sum(orders) <> 0 order by 1, 2, 3, 4
    on conflict (generation, tenant_id, field, day) do update set orders = held.orders + excluded.orders;
  else
    insert into logistics_order_totals as held (generation, tenant_id, field, day, orders)
    select generation, tenant_id, field, day, -sum(orders)
    from old_counts group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict (generation, tenant_id, field, day) do update set orders = held.orders + excluded.orders;
    -- A generation that is over leaves nothing behind.
    delete from logistics_order_totals t
    using (select distinct generation, tenant_id, field, day from old_counts) gone
    where (t.generation, t.tenant_id, t.field, t.day) = (gone.generation, gone.tenant_id, gone.field, gone.day)
      and t.orders = 0;
  end if;
  return null;
end
$$;
revoke execute on function total_logistics_orders() from public;

create trigger total_inserted after insert on logistics_order_counts referencing new table as new_counts
  for each statement execute function total_logistics_orders();
create trigger total_updated after update on logistics_order_counts referencing old table as old_counts new table as new_counts
  for each statement execute function total_logistics_orders();
create trigger total_deleted after delete on logistics_order_counts referencing old table as old_counts
  for each statement execute function total_logistics_orders();

insert into logistics_order_totals (generation, tenant_id, field, day, orders)
select generation, tenant_id, field, day, sum(orders) from logistics_order_counts group by 1, 2, 3, 4;

create view logistics_order_totalled with (security_invoker = true) as
select t.tenant_id, t.field, t.day, t.orders
from logistics_order_totals t
where t.generation = (select generation from logistics_order_generation)
union all
select c.tenant_id, v.field, v.day, c.step::bigint
from logistics_order_count_changes c
left join tenants t on t.id = c.tenant_id
cross join lateral (values
  ('all'::text, '-infinity'::date),
  ('ordered_at', (c.ordered_at at time zone coalesce(t.timezone, 'UTC'))::date),
  ('dispatched_at', (c.dispatched_at at time zone coalesce(t.timezone, 'UTC'))::date),
  ('created_at', (c.created_at at time zone coalesce(t.timezone, 'UTC'))::date),
  ('updated_at', (c.updated_at at time zone coalesce(t.timezone, 'UTC'))::date)) v(field, day)
where v.day is not null;

comment on view logistics_order_totalled is 'How many orders there are of all facets, up to the last commit: to be summed.';
comment on column logistics_order_totalled.tenant_id is 'Whose orders.';
comment on column logistics_order_totalled.field is 'The column of that name in logistics_order_counts.';
comment on column logistics_order_totalled.day is 'The column of that name in logistics_order_counts.';
comment on column logistics_order_totalled.orders is 'How many orders more, or fewer where negative.';

grant select on logistics_order_totalled to ledger_app, ledger_reader;
