-- Facet and number_key are told by the service, which knows them before the row is written: made by the database they cost
-- every statement the reading of a long expression, and the insert of each row a look at whether the facet is known. Here every
-- facet gets the hash that the service computes. Rewrites the table and its indexes by facet; nobody reads meanwhile.

create function logistics_facet(
  status text, status_id int, courier_service text, courier_service_id bigint, linked boolean, tab text, attention text
) returns bigint language sql immutable parallel safe as $$
  select ('x' || left(encode(sha256(convert_to(
      coalesce(status, E'\x1e') || E'\x1f' || coalesce(status_id::text, '') || E'\x1f'
      || coalesce(courier_service, E'\x1e') || E'\x1f' || coalesce(courier_service_id::text, '') || E'\x1f'
      || case when linked then '1' else '0' end || E'\x1f' || tab || E'\x1f' || coalesce(attention, ''),
    'UTF8')), 'hex'), 16))::bit(64)::bigint
$$;

comment on function logistics_facet is 'The facet of orders that are alike in all this: the first eight bytes of the SHA-256 of it.';

drop index if exists logistics_orders_facet_updated, logistics_orders_facet_created, logistics_orders_facet_ordered,
  logistics_orders_facet_dispatched, logistics_orders_facet_number, logistics_orders_facet_id, logistics_orders_number;

alter table logistics_orders alter column facet drop expression, alter column number_key drop expression;

comment on column logistics_orders.facet is 'What logistics_facet makes of status, courier service, whether a shop order is linked, tab and attention; see logistics_order_facets.';
comment on column logistics_order_facets.facet is 'As in logistics_orders.facet.';

create temporary table renamed_facets on commit drop as
  select tenant_id, facet as former,
         logistics_facet(status, status_id, courier_service, courier_service_id, linked, tab, attention) as facet
  from logistics_order_facets;

update logistics_orders o set facet = r.facet from renamed_facets r
  where r.tenant_id = o.tenant_id and r.former = o.facet;
update logistics_order_counts c set facet = r.facet from renamed_facets r
  where r.tenant_id = c.tenant_id and r.former = c.facet;
update logistics_order_count_changes c set facet = r.facet from renamed_facets r
  where r.tenant_id = c.tenant_id and r.former = c.facet;
update logistics_order_facets f set facet = r.facet from renamed_facets r
  where r.tenant_id = f.tenant_id and r.former = f.facet;

create index logistics_orders_facet_updated on logistics_orders (tenant_id, facet, updated_at, id)
  include (created_at, ordered_at, dispatched_at) where withheld_reason is null;
create index logistics_orders_facet_created on logistics_orders (tenant_id, facet, created_at, id)
  include (updated_at, ordered_at, dispatched_at) where withheld_reason is null;
create index logistics_orders_facet_ordered on logistics_orders (tenant_id, facet, ordered_at, id)
  include (updated_at, created_at, dispatched_at) where withheld_reason is null;
create index logistics_orders_facet_dispatched on logistics_orders (tenant_id, facet, dispatched_at, id)
  include (updated_at, created_at, ordered_at) where withheld_reason is null;
create index logistics_orders_facet_number on logistics_orders (tenant_id, facet, number_key, id)
  include (updated_at, created_at, ordered_at, dispatched_at) where withheld_reason is null;
create index logistics_orders_facet_id on logistics_orders (tenant_id, facet, id) where withheld_reason is null;

-- An index of an expression computes it once more for every write.
create index logistics_orders_number on logistics_orders (tenant_id, number_key, id);
