-- The indexes by facet hold the other instants too: a list of some days that is sorted by something else passes over orders of
-- other days in the index alone, and a year of a million orders takes no longer than a moment.

drop index if exists logistics_orders_facet_updated, logistics_orders_facet_created, logistics_orders_facet_ordered,
  logistics_orders_facet_dispatched, logistics_orders_facet_number;

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
