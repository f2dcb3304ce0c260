-- A page that is chosen of facets at hand tells in the same statement whether the ledger stands where it stood when they were counted: else
-- an order that just became something new would be missing in it. So a tenant's reader sees how far the tenant's ledger reaches, and
-- no other's.
alter table ledger_heads enable row level security;
create policy service_sees_all on ledger_heads to ledger_app using (true) with check (true);
create policy reader_sees_its_tenant on ledger_heads for select to ledger_reader
  using (tenant_id = (select nullif(current_setting('ledger.tenant', true), '')::bigint));
grant select on ledger_heads to ledger_reader;
