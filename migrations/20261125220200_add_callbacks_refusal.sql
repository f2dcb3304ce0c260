-- A user that may not edit orders may not register callbacks either, and is told so at the price of a login each time.
alter table mintsoft_accounts add column callbacks_refused_until timestamptz;
comment on column mintsoft_accounts.callbacks_refused_until is 'Until when no callbacks are registered, as Mintsoft did not permit it (UTC); null again once other credentials are given.';
