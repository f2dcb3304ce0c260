-- Orders that a re-read could not take in leave no trace in their history, and would be the longest waiting for ever.
create table recheck_attempts (
  account_id        uuid        not null references mintsoft_accounts (id),
  mintsoft_order_id bigint      not null,
  attempted_at      timestamptz not null,
  primary key (account_id, mintsoft_order_id)
);
comment on table recheck_attempts is 'When an open order was last re-read to no avail, so that others come before it.';
comment on column recheck_attempts.account_id is 'The account.';
comment on column recheck_attempts.mintsoft_order_id is 'Mintsoft''s id of the order.';
comment on column recheck_attempts.attempted_at is 'When the re-read failed, or its answer could not be taken in (UTC).';
grant select, insert, update, delete on recheck_attempts to ledger_app;
