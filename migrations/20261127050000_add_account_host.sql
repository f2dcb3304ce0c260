-- Mintsoft numbers the orders and the shipments of one host once, so whichever of its accounts shows a number, it is the same one.
-- Addresses are normalised: scheme and name in small letters, the usual port left out.
alter table mintsoft_accounts add column host text generated always as (substring(api_url from '^[^/]+//[^/]+')) stored;
comment on column mintsoft_accounts.host is 'Scheme, name and port of api_url: accounts of one host show the same orders under the same numbers.';
