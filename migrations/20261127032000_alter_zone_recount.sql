-- A change of a tenant's zone counted all its orders anew while it held the tenant's head, and commits of every tenant that were to be
-- written together with one of its waited for as long. Now it holds none: orders and notes are those of one statement's snapshot, the
-- notes that it sees are in what it counts, and those of commits that come meanwhile are left to be taken up, by the new zone.
create or replace function recount_tenant_of_other_zone() returns trigger language plpgsql security definer
set search_path from current set work_mem = '64MB' as $$
begin
  -- A rebuild that puts its tables in place waits, as does this for it. Commits take no lock that this one keeps out.
  lock table ledger_heads in row share mode;
  -- Nobody takes up notes before this is committed. Who reads is not kept out.
  lock table logistics_order_counts in share row exclusive mode;
  -- One statement, since the next one would see what was committed in between.
  with told as materialized (
    select v.field, v.day, o.facet, count(*) as orders
    from logistics_orders o
    cross join lateral (values
      ('all'::text, '-infinity'::date),
      ('ordered_at', (o.ordered_at at time zone new.timezone)::date),
      ('dispatched_at', (o.dispatched_at at time zone new.timezone)::date),
      ('created_at', (o.created_at at time zone new.timezone)::date),
      ('updated_at', (o.updated_at at time zone new.timezone)::date)) v(field, day)
    where o.tenant_id = new.id and o.withheld_reason is null and v.day is not null
    group by 1, 2, 3),
  noted as (
    delete from logistics_order_count_changes where tenant_id = new.id),
  gone as (
    delete from logistics_order_counts c using logistics_order_generation g
    where c.generation = g.generation and c.tenant_id = new.id
      and not exists (select from told where (told.field, told.day, told.facet) = (c.field, c.day, c.facet)))
  insert into logistics_order_counts as held (generation, tenant_id, field, day, facet, orders)
  select g.generation, new.id, told.field, told.day, told.facet, told.orders
  from told cross join logistics_order_generation g
  order by 1, 2, 3, 4, 5
  on conflict (generation, tenant_id, field, day, facet) do update set orders = excluded.orders
    where held.orders <> excluded.orders;
  return null;
end
$$;
