-- What all instances must agree on about an account at Mintsoft: its one login key, and when it may be called next.
-- A row appears with the first call and holds nothing that cannot be had anew, so no foreign key ties it down.
create table mintsoft_account_state (
    account_id            uuid primary key,
    login_key_sealed      bytea,
    login_key_obtained_at timestamptz,
    login_lease_token     uuid,
    login_lease_until     timestamptz,
    login_refused_sealed  bytea,
    login_refused_until   timestamptz,
    next_call_at          timestamptz,
    blocked_until         timestamptz,
    check ((login_lease_token is null) = (login_lease_until is null)),
    check ((login_key_sealed is null) = (login_key_obtained_at is null)),
    check ((login_refused_sealed is null) = (login_refused_until is null))
);

comment on table mintsoft_account_state is
    'Per account at Mintsoft: the login key and the budget of calls, shared by all instances';
comment on column mintsoft_account_state.account_id is 'The account, as in mintsoft_accounts';
comment on column mintsoft_account_state.login_key_sealed is
    'The current login key with a digest of the login it came from, sealed; a login kills the key before it';
comment on column mintsoft_account_state.login_key_obtained_at is
    'When the key was asked for (UTC); it lives 24 hours and is renewed after 23';
comment on column mintsoft_account_state.login_lease_token is 'Who is logging in now; one at a time';
comment on column mintsoft_account_state.login_lease_until is
    'When that login counts as abandoned (UTC) and another may try';
comment on column mintsoft_account_state.login_refused_sealed is
    'A digest of the login that was refused, sealed; another login may be tried at once';
comment on column mintsoft_account_state.login_refused_until is
    'Until when the refused login is not tried again (UTC)';
comment on column mintsoft_account_state.next_call_at is
    'The earliest instant for the next call (UTC); each call moves it on by the pace';
comment on column mintsoft_account_state.blocked_until is
    'Until when Mintsoft asked everybody to wait (UTC)';

grant select, insert, update on mintsoft_account_state to ledger_app;
