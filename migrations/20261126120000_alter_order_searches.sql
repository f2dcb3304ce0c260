-- Searches are made cheap. Most of what one cost was its preparation: the server's statistics were taken apart twice and the
-- statement was planned anew, 3 ms before anything was looked for. Now the common pieces stand in a table of their own, and the
-- statement is one that a connection plans once.
--
-- Both indexes are made anew, since numbers are cut into other pieces. Nobody reads meanwhile.

-- The pieces of a text as numbers, apart for each tenant, as before: three letters each. Of four digits in a row all four are one:
-- three are in one of a hundred long numbers, and all of those would be gone through for each search of a number.
-- What is immutable is planned once a connection in this language, and once a statement in the other.
create or replace function search_pieces(tenant bigint, content text) returns int[]
language plpgsql immutable strict parallel safe as $$
declare
  of_tenant constant text := tenant::text;
begin
  return array(
    select hashtext(of_tenant || case
        -- The first is asked since it is cheap, and false of most.
        when four collate "C" < ':' and translate(four, '123456789', '000000000') = '0000' then four
        else left(four, 3)
      end)
    from (select substr(content, start, 4) as four from generate_series(1, length(content) - 2) start offset 0) given);
end
$$;

-- A rebuild of the version before may be under way in another terminal, with indexes over the old pieces; it fails here.
drop table if exists logistics_orders_shadow, logistics_order_recipients_shadow, logistics_tracking_events_shadow;

reindex index logistics_order_searches_pieces;
reindex index logistics_order_recipients_pieces;
analyze logistics_order_searches;
analyze logistics_order_recipients;

create table logistics_common_pieces (
  piece         int  primary key,
  in_orders     real not null,
  in_recipients real not null
);

comment on table logistics_common_pieces is 'Pieces that many texts have, by the server''s statistics: a search looks for others first.';
comment on column logistics_common_pieces.piece is 'The piece, as search_pieces makes it; its tenant is in it.';
comment on column logistics_common_pieces.in_orders is 'About how many texts of orders have it.';
comment on column logistics_common_pieces.in_recipients is 'About how many texts of recipients have it.';

-- Pieces of fewer texts are no trouble to look up, and are left out: they might be put together to the name of a person who is
-- erased meanwhile.
--
-- Brings the table to what the statistics say now, and tells how many rows that changed. A search that comes before it is right
-- too, only slower.
create function note_common_pieces() returns bigint language plpgsql security definer set search_path from current as $$
declare
  changed bigint;
begin
  -- Two at once would wait for each other in a circle. Searches wait for neither.
  lock table logistics_common_pieces in share row exclusive mode;
  with told as (
    select given.piece,
           coalesce(max(given.texts) filter (where s.tablename = 'logistics_order_searches_pieces'), 0)::real as in_orders,
           coalesce(max(given.texts) filter (where s.tablename = 'logistics_order_recipients_pieces'), 0)::real as in_recipients
    from pg_stats s
    join pg_class c on c.oid = s.tablename::text::regclass
    cross join lateral (
      select piece, share * c.reltuples as texts
      from unnest(s.most_common_elems::text::int[], s.most_common_elem_freqs) shared(piece, share)
      where piece is not null and share * c.reltuples >= 500) given
    where s.schemaname = current_schema
      and s.tablename in ('logistics_order_searches_pieces', 'logistics_order_recipients_pieces')
    group by given.piece
  ), no_more as (
    delete from logistics_common_pieces held where not exists (select from told where told.piece = held.piece) returning held.piece
  ), as_told as (
    insert into logistics_common_pieces as held (piece, in_orders, in_recipients) select piece, in_orders, in_recipients from told
    on conflict (piece) do update set in_orders = excluded.in_orders, in_recipients = excluded.in_recipients
      where (held.in_orders, held.in_recipients) is distinct from (excluded.in_orders, excluded.in_recipients)
    returning held.piece
  )
  select (select count(*) from no_more) + (select count(*) from as_told) into changed;
  return changed;
end
$$;
select note_common_pieces();

-- The tenant's orders whose text, or whose recipient's, holds the wanted text (lower case, three letters or more); null when
-- there are more than at_most, or, unless it is to be done thoroughly, when its rarest piece is many times as common.
--
-- It runs as the owner, since under row security no index would serve it; it therefore asks for the tenant itself. Its
-- statements are planned once a connection, for any text and however large the tables have grown since: so the plan is told
-- to use the indexes of pieces, and the other conditions are kept away from it.
create or replace function find_orders_by_text(wanted_tenant bigint, wanted text, at_most int, thoroughly boolean) returns uuid[]
language plpgsql security definer set search_path from current
set jit = off set max_parallel_workers_per_gather = 0 set plan_cache_mode = force_generic_plan set enable_seqscan = off set work_mem = '32MB' as $$
declare
  pieces int[] := search_pieces(wanted_tenant, wanted);
  ends_in_digits constant boolean := translate(right(wanted, 3), '123456789', '000000000') = '000';
  no_fourth constant boolean := translate(right(wanted, 4), '123456789', '000000000') <> '0000';
  of_orders int[] := '{}';
  of_recipients int[] := '{}';
  -- Where it ends in three digits and no more, what a text may have there: a fourth may follow.
  one_of int[];
  expected real := 'infinity';
  found uuid[];
begin
  if coalesce(current_setting('ledger.tenant', true), '') <> wanted_tenant::text
     and current_setting('role') <> 'ledger_app' then
    raise insufficient_privilege using message = 'the tenant is not the one that is set';
  end if;
  if cardinality(pieces) = 0 then
    return null;
  end if;
  if ends_in_digits then
    pieces := trim_array(pieces, 1);
  end if;
  if ends_in_digits and no_fourth then
    one_of := array(select (search_pieces(wanted_tenant, right(wanted, 3) || fourth))[1]
      from unnest(array['', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']) fourth);
    select coalesce(greatest(sum(in_orders), sum(in_recipients)), 0) into expected
    from logistics_common_pieces where piece = any(one_of);
  end if;
  if cardinality(pieces) > 0 then
    -- The three that fewest have. A common piece would be looked up at the price of all that have it, and tells little.
    select (array_agg(given.piece order by coalesce(common.in_orders, 0)))[:3],
           (array_agg(given.piece order by coalesce(common.in_recipients, 0)))[:3],
           least(expected, greatest(min(coalesce(common.in_orders, 0)), min(coalesce(common.in_recipients, 0))))
      into of_orders, of_recipients, expected
    from (select distinct unnest(pieces) as piece) given
    left join lateral (select c.in_orders, c.in_recipients from logistics_common_pieces c where c.piece = given.piece limit 1) common
      on true;
  end if;
  if not thoroughly and expected > 4 * at_most then
    return null;
  end if;
  found := array(
    (select s.logistics_order_id from (
       select logistics_order_id, tenant_id, search_text from logistics_order_searches
       where search_pieces(tenant_id, search_text) @> of_orders
         and search_pieces(tenant_id, search_text) && coalesce(one_of, of_orders) offset 0) s
     where s.tenant_id = wanted_tenant and strpos(s.search_text, wanted) > 0 limit at_most + 1)
    union
    (select r.logistics_order_id from (
       select logistics_order_id, tenant_id, search_text from logistics_order_recipients
       where search_pieces(tenant_id, search_text) @> of_recipients
         and search_pieces(tenant_id, search_text) && coalesce(one_of, of_recipients) offset 0) r
     where r.tenant_id = wanted_tenant and strpos(r.search_text, wanted) > 0 limit at_most + 1));
  return case when cardinality(found) <= at_most then found end;
end
$$;

drop function rarest_pieces(int[], text);
revoke execute on function note_common_pieces() from public;
grant execute on function note_common_pieces() to ledger_app;
