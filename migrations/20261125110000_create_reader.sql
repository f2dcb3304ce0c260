-- The second wall between tenants. What is answered to a tenant is read under the role `ledger_reader`, which sees the
-- rows of the one tenant that its session names in `ledger.tenant`, whatever a query forgets to ask for; without a
-- name it sees none. The service's own role goes on seeing all, since the writer and the background work serve every
-- tenant. The owner of the tables is not bound either: migrations and rebuilds are its work.
--
-- A later table with rows of tenants that a reader may select needs the same; a test over the catalogue says so.

-- Roles belong to the whole server, so two databases of one server may run this at the same moment: whoever comes
-- second finds the work done.
do $$
declare
    may_take_the_role boolean;
begin
    if not exists (select from pg_catalog.pg_roles where rolname = 'ledger_reader') then
        begin
            create role ledger_reader nologin;
            comment on role ledger_reader is
                'What a tenant''s rows are read under: no log-in, no writing, and one tenant at a time.';
        exception
            when duplicate_object or unique_violation then
                null;
            when insufficient_privilege then
                raise exception 'the role ledger_reader is missing and % may not create roles', current_user
                    using hint = format(
                        'Run as an administrator: create role ledger_reader nologin; grant ledger_reader to %I;',
                        current_user);
        end;
    end if;

    -- From 16 on a role may be held without the right to take it; before, to be a member was enough.
    if current_setting('server_version_num')::int >= 160000 then
        may_take_the_role := pg_has_role(current_user, 'ledger_reader', 'SET');
    else
        may_take_the_role := pg_has_role(current_user, 'ledger_reader', 'MEMBER');
    end if;

    if not may_take_the_role then
        begin
            execute format('grant ledger_reader to %I', current_user);
        exception
            when unique_violation then
                null;
            when insufficient_privilege then
                raise exception '% may not take the role ledger_reader', current_user
                    using hint = format('Run as an administrator: grant ledger_reader to %I;', current_user);
        end;
    end if;
end
$$;

grant usage on schema public to ledger_reader;

-- Whose row it is stands in the row itself.
do $$
declare
    walled record;
begin
    for walled in
        select * from (values
            ('tenants', 'id'),
            ('orders', 'tenant_id'),
            ('shops', 'tenant_id'),
            ('logistics_config', 'tenant_id'),
            ('shop_links', 'tenant_id'),
            ('events', 'tenant_id'),
            ('order_checks', 'tenant_id'),
            ('logistics_orders', 'tenant_id'),
            ('logistics_order_recipients', 'tenant_id'),
            ('logistics_tracking_events', 'tenant_id')
        ) as tables (name, tenant)
    loop
        execute format('alter table %I enable row level security', walled.name);
        execute format('create policy service_sees_all on %I to ledger_app using (true) with check (true)', walled.name);
        execute format(
            'create policy reader_sees_its_tenant on %I for select to ledger_reader
             using (%I = nullif(current_setting(''ledger.tenant'', true), '''')::bigint)',
            walled.name, walled.tenant);
    end loop;

    -- Accounts belong to no tenant, but to those that are configured on them.
    for walled in
        select * from (values ('mintsoft_accounts', 'id'), ('sync_runs', 'account_id')) as tables (name, account)
    loop
        execute format('alter table %I enable row level security', walled.name);
        execute format('create policy service_sees_all on %I to ledger_app using (true) with check (true)', walled.name);
        -- The configurations that this looks at are the reader's own, by their policy.
        execute format(
            'create policy reader_sees_its_tenant on %I for select to ledger_reader
             using (exists (select from logistics_config c where c.account_id = %I.%I))',
            walled.name, walled.name, walled.account);
    end loop;
end
$$;

-- What answers to tenants are made of, and no sealed thing besides.
grant select on tenants, orders, shop_links, events, order_checks, sync_runs,
  logistics_orders, logistics_order_recipients, logistics_tracking_events to ledger_reader;
grant select (tenant_id, platform, set_at) on shops to ledger_reader;
grant select (tenant_id, provider, account_type, api_url, sku_prefix, shared_client_id, sync_enabled, last_synced_at,
  account_id, created_at, updated_at) on logistics_config to ledger_reader;
grant select (id, timezone, credentials_kind, credentials_set_at, last_polled_at) on mintsoft_accounts to ledger_reader;
