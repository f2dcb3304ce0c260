-- What all instances must agree on about a login at Mintsoft: its one key, and when it may call next. Mintsoft keeps one key
-- per user, so what was kept per account is kept per login from here on: accounts that differ in their client only share it.
-- A row appears with the first call and holds nothing that cannot be had anew, so nothing is brought over.
create table mintsoft_logins (
    login_id        uuid primary key,
    key_sealed      bytea,
    key_obtained_at timestamptz,
    lease_token     uuid,
    lease_until     timestamptz,
    refused_sealed  bytea,
    refused_until   timestamptz,
    next_call_at    timestamptz,
    blocked_until   timestamptz,
    check ((lease_token is null) = (lease_until is null)),
    check ((key_sealed is null) = (key_obtained_at is null)),
    check ((refused_sealed is null) = (refused_until is null))
);

comment on table mintsoft_logins is
    'Per login at Mintsoft: its key and its budget of calls, shared by all its accounts and all instances';
comment on column mintsoft_logins.login_id is
    'Derived (UUID v5) from the address of the service and the user name in small letters, or the digest of a fixed key; never from a password';
comment on column mintsoft_logins.key_sealed is
    'The current key with a digest of the login it came from, sealed; a login kills the key before it';
comment on column mintsoft_logins.key_obtained_at is
    'When the key was asked for (UTC); it lives 24 hours and is renewed after 23';
comment on column mintsoft_logins.lease_token is 'Who is logging in now; one at a time';
comment on column mintsoft_logins.lease_until is
    'When that login counts as abandoned (UTC) and another may try';
comment on column mintsoft_logins.refused_sealed is
    'A digest of the login that was refused, sealed; another password may be tried at once';
comment on column mintsoft_logins.refused_until is
    'Until when the refused login is not tried again (UTC)';
comment on column mintsoft_logins.next_call_at is
    'The earliest instant for the next call (UTC); each call moves it on by the pace';
comment on column mintsoft_logins.blocked_until is
    'Until when Mintsoft asked everybody to wait (UTC)';

grant select, insert, update, delete on mintsoft_logins to ledger_app;

drop table mintsoft_account_state;

comment on table mintsoft_accounts is 'What configurations with the same address, login (or key) and client id share: one poll. Never deleted, since the streams of its orders are derived from its id.';
