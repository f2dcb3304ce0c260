-- What an account's user may not see was remembered by each instance for itself, where nobody could look and new credentials
-- could not end it.
alter table mintsoft_accounts add column shipments_refused_until timestamptz;
alter table mintsoft_accounts add column scans_refused_until timestamptz;
comment on column mintsoft_accounts.shipments_refused_until is 'Until when the shipments of its orders are not asked for, since its user may not see them (UTC); null: it was not refused.';
comment on column mintsoft_accounts.scans_refused_until is 'Until when the list of the couriers'' scans is not asked for, since its user may not see it (UTC); null: it was not refused.';
