-- An account that is read from the beginning is read at least from where it had been read: the reach of a first poll may end
-- later than that, as after a failure or a rest that took longer, and what changed in between would never be asked for.
alter table mintsoft_accounts add column orders_read_to timestamptz;
alter table mintsoft_accounts add column scans_read_to timestamptz;
comment on column mintsoft_accounts.orders_read_to is 'Up to where its orders had been read, for every tenant that reads them, when it was last to be read from the beginning (UTC); null: they had not been. Without a cursor they are read from here on, or from further back.';
comment on column mintsoft_accounts.scans_read_to is 'The same of the couriers'' scans.';
