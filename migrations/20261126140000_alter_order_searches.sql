-- Searches look less up. A piece is left out where going through the list of all the texts that have it costs more than it spares;
-- three digits at the end are looked up one piece after the other, since to merge eleven such lists costs several times what it
-- costs to read them.

create or replace function find_orders_by_text(wanted_tenant bigint, wanted text, at_most int, thoroughly boolean) returns uuid[]
language plpgsql security definer set search_path from current
set jit = off set max_parallel_workers_per_gather = 0 set plan_cache_mode = force_generic_plan set enable_seqscan = off set work_mem = '32MB' as $$
declare
  -- A piece of fewer texts is not known to be common, and counts as one of so many.
  rare constant real := 500;
  pieces int[] := search_pieces(wanted_tenant, wanted);
  ends_in_digits constant boolean := translate(right(wanted, 3), '123456789', '000000000') = '000';
  no_fourth constant boolean := translate(right(wanted, 4), '123456789', '000000000') <> '0000';
  of_orders int[] := '{}';
  of_recipients int[] := '{}';
  -- How many texts have each of these, fewest first.
  in_orders real[];
  in_recipients real[];
  -- Where it ends in three digits and no more, what a text may have there: a fourth may follow.
  one_of int[];
  one int;
  expected real := 'infinity';
  found uuid[] := '{}';
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
    select coalesce(greatest(sum(common.in_orders), sum(common.in_recipients)), 0) into expected
    from logistics_common_pieces common where common.piece = any(one_of);
  end if;
  if cardinality(pieces) > 0 then
    select array_agg(given.piece order by texts.of_orders), array_agg(texts.of_orders order by texts.of_orders),
           array_agg(given.piece order by texts.of_recipients), array_agg(texts.of_recipients order by texts.of_recipients)
      into of_orders, in_orders, of_recipients, in_recipients
    from (select distinct unnest(pieces) as piece) given
    left join lateral (select c.in_orders, c.in_recipients from logistics_common_pieces c where c.piece = given.piece limit 1) common
      on true
    cross join lateral (
      select greatest(common.in_orders, rare) as of_orders, greatest(common.in_recipients, rare) as of_recipients) texts;
    expected := least(expected, greatest(in_orders[1], in_recipients[1]));
    -- The rarest, and up to two more. A piece spares looks at texts that have the rarest and not it, and each look takes as long
    -- as going over a hundred texts in the list of those that have it.
    of_orders := of_orders[:case when in_orders[2] > 100 * in_orders[1] or one_of is not null then 1
                                 when in_orders[3] > 30 * in_orders[1] then 2 else 3 end];
    of_recipients := of_recipients[:case when in_recipients[2] > 100 * in_recipients[1] or one_of is not null then 1
                                         when in_recipients[3] > 30 * in_recipients[1] then 2 else 3 end];
  end if;
  if not thoroughly and expected > greatest(2 * at_most, 20000) then
    return null;
  end if;
  if one_of is null then
    found := array(
      (select s.logistics_order_id from (
         select logistics_order_id, tenant_id, search_text from logistics_order_searches
         where search_pieces(tenant_id, search_text) @> of_orders offset 0) s
       where s.tenant_id = wanted_tenant and strpos(s.search_text, wanted) > 0 limit at_most + 1)
      union
      (select r.logistics_order_id from (
         select logistics_order_id, tenant_id, search_text from logistics_order_recipients
         where search_pieces(tenant_id, search_text) @> of_recipients offset 0) r
       where r.tenant_id = wanted_tenant and strpos(r.search_text, wanted) > 0 limit at_most + 1));
    return case when cardinality(found) <= at_most then found end;
  end if;
  foreach one in array one_of loop
    found := found || array(
      (select s.logistics_order_id from (
         select logistics_order_id, tenant_id, search_text from logistics_order_searches
         where search_pieces(tenant_id, search_text) @> (of_orders || one) offset 0) s
       where s.tenant_id = wanted_tenant and strpos(s.search_text, wanted) > 0 limit at_most + 1)
      union all
      (select r.logistics_order_id from (
         select logistics_order_id, tenant_id, search_text from logistics_order_recipients
         where search_pieces(tenant_id, search_text) @> (of_recipients || one) offset 0) r
       where r.tenant_id = wanted_tenant and strpos(r.search_text, wanted) > 0 limit at_most + 1));
    if cardinality(found) > at_most then
      found := array(select distinct unnest(found));
      if cardinality(found) > at_most then
        return null;
      end if;
    end if;
  end loop;
  return array(select distinct unnest(found));
end
$$;

-- Of thousands that are found by a text, those that are not shown are told by this, which holds hardly any.
create index logistics_orders_withheld on logistics_orders (tenant_id, id) where withheld_reason is not null;
