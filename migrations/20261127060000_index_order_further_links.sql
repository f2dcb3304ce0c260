-- Undoing a link, choosing another order for it, and renaming its shop order ask for all orders that fulfil it. Few orders fulfil more
-- than one, as survivors of merges do, and without this index each of those questions read all orders of the tenant.
create index logistics_orders_also_fulfil on logistics_orders (tenant_id)
  where order_data_json::text like '%"also_fulfils"%';
