-- A search by the rarest pieces of a text alone, and a warning before a search of what is common: walking the sorted list is
-- cheaper there. Statistics of fewer pieces suffice for both, and are read faster.

alter index logistics_order_searches_pieces alter column 1 set statistics 200;
alter index logistics_order_recipients_pieces alter column 1 set statistics 200;

drop function find_orders_by_text(bigint, text, int);
-- The pieces of a text that fewest texts of an index have, at most three, by the server's statistics; and of the rarest,
-- in how many. A common piece would be looked up at the price of all that have it, and tells little.
create function rarest_pieces(content_pieces int[], index_name text, out rarest int[], out expected float8)
language sql stable set search_path from current as $$
  with common as (
    select unnest(most_common_elems::text::int[]) as piece, unnest(most_common_elem_freqs) as share
    from pg_stats where schemaname = current_schema and tablename = index_name
  ), ranked as (
    select given.piece, coalesce(c.share, 0) as share
    from (select distinct unnest(content_pieces) as piece) given left join common c using (piece)
    order by 2 limit 3
  )
  select array_agg(piece), min(share) * (select greatest(reltuples, 0) from pg_class where oid = index_name::regclass)
  from ranked
$$;
-- The tenant's orders whose text, or whose recipient's, holds the wanted text (lower case, three letters or more); null when
-- there are more than at_most, or, unless it is to be done thoroughly, when its rarest piece is many times as common.
-- It runs as the owner, since under row security no index would serve it; it therefore asks for the tenant itself.
create function find_orders_by_text(wanted_tenant bigint, wanted text, at_most int, thoroughly boolean) returns uuid[]
language plpgsql security definer set search_path from current
set jit = off set max_parallel_workers_per_gather = 0 as $$
declare
  pieces constant int[] := search_pieces(wanted_tenant, wanted);
  pattern constant text := '%' || regexp_replace(wanted, '([\\%_])', '\\\1', 'g') || '%';
  of_orders record;
  of_recipients record;
  found uuid[];
begin
  if coalesce(current_setting('ledger.tenant', true), '') <> wanted_tenant::text
     and current_setting('role') <> 'ledger_app' then
    raise insufficient_privilege using message = 'the tenant is not the one that is set';
  end if;
  select * into of_orders from rarest_pieces(pieces, 'logistics_order_searches_pieces');
  select * into of_recipients from rarest_pieces(pieces, 'logistics_order_recipients_pieces');
  if not thoroughly and greatest(of_orders.expected, of_recipients.expected) > 4 * at_most then
    return null;
  end if;
  execute 'select array(
      (select s.logistics_order_id from logistics_order_searches s
       where search_pieces(s.tenant_id, s.search_text) @> $1 and s.tenant_id = $3 and s.search_text like $4 limit $5)
      union
      (select r.logistics_order_id from logistics_order_recipients r
       where search_pieces(r.tenant_id, r.search_text) @> $2 and r.tenant_id = $3 and r.search_text like $4 limit $5))'
    into found using of_orders.rarest, of_recipients.rarest, wanted_tenant, pattern, at_most + 1;
  return case when cardinality(found) <= at_most then found end;
end
$$;

revoke execute on function find_orders_by_text(bigint, text, int, boolean), rarest_pieces(int[], text) from public;
grant execute on function find_orders_by_text(bigint, text, int, boolean) to ledger_app, ledger_reader;
