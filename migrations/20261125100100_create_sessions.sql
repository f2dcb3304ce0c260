-- Who is signed in to the pages.

create table sessions (
  token_hash bytea       primary key check (octet_length(token_hash) = 32),
  sub        text        not null check (sub <> ''),
  tenant_id  bigint      references tenants,
  created_at timestamptz not null,
  seen_at    timestamptz not null,
  ends_at    timestamptz not null
);

create index sessions_by_end on sessions (ends_at);
create index sessions_by_person on sessions (sub, created_at);

comment on table sessions is 'Who is signed in to the pages: a row for each browser, gone when the person signs out or the time is over. What a person may do is looked up at every request, not kept here.';
comment on column sessions.token_hash is 'SHA-256 of the token in the browser''s cookie; the token itself is stored nowhere.';
comment on column sessions.sub is 'The person''s name at the OpenID provider.';
comment on column sessions.tenant_id is 'The tenant that the person chose to look at last; null: none was chosen yet.';
comment on column sessions.created_at is 'When the person signed in (UTC).';
comment on column sessions.seen_at is 'When the session was last used (UTC), to the minute; it ends when it was not used for long.';
comment on column sessions.ends_at is 'When it ends however much it is used (UTC).';

grant select, insert, update, delete on sessions to ledger_app;
