-- When a call began says little of when upstream is done with it: it may wait for its slot first, and be on its way for as
-- long as calls may take. Who takes over from a worker that vanished has to know when it is over at the latest.

alter table order_requests add column call_over_at timestamptz;
comment on column order_requests.call_over_at is
  'When the last call was over (UTC); while it is under way, or where its worker vanished, when it is at the latest.';

-- Calls that are open now were begun by a version that did not say: two minutes and a half were the most, by its defaults.
update order_requests set call_over_at = called_at + interval '3 minutes' where call_open;
