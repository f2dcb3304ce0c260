-- A tenant without a single event had no head to lock, so its first commit could come between the notes and the count, and was
-- counted twice. The head is made first, as that commit makes it: one waits for the other.
create or replace function recount_tenant_of_other_zone() returns trigger language plpgsql security definer
set search_path from current as $$
begin
  insert into ledger_heads (tenant_id, next_position) values (new.id, 0) on conflict do nothing;
  perform from ledger_heads where tenant_id = new.id for update;
  delete from logistics_order_count_changes where tenant_id = new.id;
  perform recount_logistics_orders('logistics_orders', (select generation from logistics_order_generation), new.id);
  return null;
end
$$;
