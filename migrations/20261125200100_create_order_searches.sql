-- Search for any part of a text of three letters or more. PostgreSQL's own GIN index over arrays finds orders by the pieces
-- of three letters of their texts; no extension is needed, since not every server has one. The texts of orders stand in a
-- table of their own, so that an order that only moves on touches no such index.

-- The pieces of a text as numbers, apart for each tenant: a tenant's search then meets nobody else's orders. Two pieces
-- may share a number, so whoever searches compares the text itself too.
create function search_pieces(tenant bigint, content text) returns int[] language sql immutable strict parallel safe
return array(select hashtext(tenant::text || substr(content, start, 3)) from generate_series(1, length(content) - 2) start);

create table logistics_order_searches (
  logistics_order_id uuid   primary key,
  tenant_id          bigint not null,
  search_text        text   not null
);

comment on table logistics_order_searches is 'The text of each order that a search looks in. It moves with the order, when the text changes.';
comment on column logistics_order_searches.logistics_order_id is 'The order.';
comment on column logistics_order_searches.tenant_id is 'Whose order it is.';
comment on column logistics_order_searches.search_text is 'The column of that name in logistics_orders.';

grant select, insert, update on logistics_order_searches to ledger_app;

insert into logistics_order_searches (logistics_order_id, tenant_id, search_text)
select id, tenant_id, search_text from logistics_orders;

-- New pieces wait in a list that every search reads, so the list is kept short.
create index logistics_order_searches_pieces on logistics_order_searches
  using gin (search_pieces(tenant_id, search_text)) with (gin_pending_list_limit = 256);
create index logistics_order_recipients_pieces on logistics_order_recipients
  using gin (search_pieces(tenant_id, search_text)) with (gin_pending_list_limit = 256);

-- How common a piece is decides how a search is done.
alter index logistics_order_searches_pieces alter column 1 set statistics 1000;
alter index logistics_order_recipients_pieces alter column 1 set statistics 1000;

create function keep_order_searches() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into logistics_order_searches (logistics_order_id, tenant_id, search_text)
    select id, tenant_id, search_text from new_orders
    on conflict (logistics_order_id) do update set search_text = excluded.search_text;
  else
    insert into logistics_order_searches (logistics_order_id, tenant_id, search_text)
    values (new.id, new.tenant_id, new.search_text)
    on conflict (logistics_order_id) do update set search_text = excluded.search_text;
  end if;
  return null;
end
$$;

create trigger search_inserted after insert on logistics_orders referencing new table as new_orders
  for each statement execute function keep_order_searches();
-- Most changes of an order leave its text alone, and then nothing is called.
create trigger search_updated after update of search_text on logistics_orders
  for each row when (old.search_text is distinct from new.search_text) execute function keep_order_searches();

-- The tenant's orders whose text, or whose recipient's, holds the wanted text (lower case, three letters or more); null when
-- there are more than at_most, or are expected to be many times as many, so that walking the sorted list is cheaper.
-- It runs as the owner, since under row security no index would serve it; it therefore asks for the tenant itself.
create function find_orders_by_text(wanted_tenant bigint, wanted text, at_most int) returns uuid[]
language plpgsql security definer set search_path from current as $$
declare
  pieces constant int[] := search_pieces(wanted_tenant, wanted);
  pattern constant text := '%' || regexp_replace(wanted, '([\\%_])', '\\\1', 'g') || '%';
  plan json;
  found uuid[];
begin
  if coalesce(current_setting('ledger.tenant', true), '') <> wanted_tenant::text
     and current_setting('role') <> 'ledger_app' then
    raise insufficient_privilege using message = 'the tenant is not the one that is set';
  end if;
  execute 'explain (format json) select from logistics_order_searches where search_pieces(tenant_id, search_text) @> '
    || quote_literal(pieces::text) || '::int[]' into plan;
  if (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8 > 10 * at_most then
    return null;
  end if;
  execute 'explain (format json) select from logistics_order_recipients where search_pieces(tenant_id, search_text) @> '
    || quote_literal(pieces::text) || '::int[]' into plan;
  if (plan -> 0 -> 'Plan' ->> 'Plan Rows')::float8 > 10 * at_most then
    return null;
  end if;
  execute 'select array(select s.logistics_order_id from logistics_order_searches s
      where search_pieces(s.tenant_id, s.search_text) @> $1 and s.tenant_id = $2 and s.search_text like $3
      union
      select r.logistics_order_id from logistics_order_recipients r
      where search_pieces(r.tenant_id, r.search_text) @> $1 and r.tenant_id = $2 and r.search_text like $3
      limit $4)'
    into found using pieces, wanted_tenant, pattern, at_most + 1;
  return case when cardinality(found) <= at_most then found end;
end
$$;
revoke execute on function find_orders_by_text(bigint, text, int) from public;
grant execute on function find_orders_by_text(bigint, text, int) to ledger_app, ledger_reader;
