-- Who changed a tenant, how its orders are found, or its shops' secrets last, as people and keys have it.

alter table tenants add column updated_by text;
comment on column tenants.updated_by is 'Who added or changed it last: user:<id>, key:<id>, or operator for the command line; null: nobody did since this column is there.';

alter table logistics_config add column updated_by text;
comment on column logistics_config.updated_by is 'Who gave or changed it last, named in the same way; null: nobody did since this column is there.';

alter table shops add column updated_by text;
comment on column shops.updated_by is 'Who gave the newest secret, or ended older ones, last, named in the same way; null: nobody did since this column is there.';

grant select (updated_by) on logistics_config to ledger_reader;
