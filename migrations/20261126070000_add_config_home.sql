-- The account whose id the streams of a tenant's orders are derived from: it stays when the tenant goes to another account
-- of the same Mintsoft, so that no order begins a second stream. See docs/adr/0020.
alter table logistics_config add column home_account_id uuid references mintsoft_accounts (id);
comment on column logistics_config.home_account_id is 'The account under which the tenant''s orders stand in the ledger, where that is not account_id: the one that it first had at the same Mintsoft.';
create index logistics_config_home on logistics_config (home_account_id) where home_account_id is not null;
grant select (home_account_id) on logistics_config to ledger_reader;
