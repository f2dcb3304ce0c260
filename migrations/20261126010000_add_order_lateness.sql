-- Late orders come into the lists and counters by an event, which the ledger makes when it finds that a promise has ended.
-- What is left to be found is told by the row, so that each is found once. Old rows count as not noted: the first looks
-- after this note them.
alter table logistics_orders
  add column lateness_noted boolean not null default false;

comment on column logistics_orders.lateness_noted is 'Whether the history says that the promise that due_at is the end of was not kept.';

drop index if exists logistics_orders_due;
create index logistics_orders_due on logistics_orders (tenant_id, due_at, id)
  where withheld_reason is null and due_at is not null and not lateness_noted;
