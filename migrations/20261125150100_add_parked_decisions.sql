-- What operators decide of parked rows: whose an order is, or that it is nobody's business.
alter table parked_orders
  add column assigned_tenant_id bigint references tenants,
  add column dismissed_at timestamptz;
comment on column parked_orders.assigned_tenant_id is 'The tenant that an operator gave the order to; holds against every later reading, and is never changed. Null: nobody decided.';
comment on column parked_orders.dismissed_at is 'When an operator hid the row (UTC); null again once its reason, number, client or SKUs change. Null: not hidden.';
create index parked_orders_assigned on parked_orders (account_id, mintsoft_order_id) where assigned_tenant_id is not null;

create table parked_decisions (
  id         uuid        primary key,
  account_id uuid        not null,
  row_key    text        not null,
  decision   text        not null check (decision in ('assigned', 'dismissed', 'restored')),
  tenant_id  bigint      references tenants,
  reason     text        not null check (reason <> ''),
  actor      text        not null check (actor <> ''),
  decided_at timestamptz not null,
  foreign key (account_id, row_key) references parked_orders (account_id, row_key),
  constraint parked_decisions_assign_to_somebody check ((decision = 'assigned') = (tenant_id is not null))
);
create index parked_decisions_newest on parked_decisions (account_id, row_key, decided_at desc);
comment on table parked_decisions is 'Each decision of an operator over a parked row; only added to.';
comment on column parked_decisions.id is 'Names the decision, as the cause of the events that follow from it.';
comment on column parked_decisions.account_id is 'The account of the row.';
comment on column parked_decisions.row_key is 'The row''s key within the account.';
comment on column parked_decisions.decision is 'assigned (to a tenant), dismissed (hidden) or restored (shown again).';
comment on column parked_decisions.tenant_id is 'To whom the order was assigned; null for the others.';
comment on column parked_decisions.reason is 'Why, in the operator''s words.';
comment on column parked_decisions.actor is 'Who decided, as key:<id> or user:<id>.';
comment on column parked_decisions.decided_at is 'When (UTC).';
grant select, insert on parked_decisions to ledger_app;
