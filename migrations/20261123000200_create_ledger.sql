-- The ledger: every fact of every order, in one dense list a tenant. Append-only by privilege and by trigger.

-- The list of postgres-es, and what makes it a ledger: whose it is, its place, when it was recorded, its hash.
create table events (
  aggregate_type text        not null,
  aggregate_id   text        not null,
  sequence       bigint      not null check (sequence > 0),
  event_type     text        not null,
  event_version  text        not null,
  payload        json        not null,
  metadata       json        not null,
  tenant_id      bigint      not null,
  position       bigint      not null check (position >= 0),
  recorded_at    timestamptz not null default clock_timestamp(),
  leaf_hash      bytea       not null check (octet_length(leaf_hash) = 32),
  constraint events_pkey primary key (aggregate_type, aggregate_id, sequence),
  constraint events_position unique (tenant_id, position)
) with (
  -- Nothing here is ever updated or deleted; vacuum is only wanted for freezing and for index-only reads.
  fillfactor = 100,
  autovacuum_vacuum_insert_scale_factor = 0.05
);

comment on table events is 'What happened, for ever: one row a fact. Read a tenant by position; it misses nothing, since positions are given in commit order under the lock of the tenant''s head.';
comment on column events.aggregate_type is 'The kind of stream: logistics_order.';
comment on column events.aggregate_id is 'The stream: a UUID as text, version 5 of (account, Mintsoft order id).';
comment on column events.sequence is 'Place in its stream, from 1, without gaps.';
comment on column events.event_type is 'Name of the fact, as OrderDispatched.';
comment on column events.event_version is 'Version of the payload''s shape; older ones are upcast when read, never rewritten.';
comment on column events.payload is 'The fact, as canonical JSON (RFC 8785). Personal data in it is sealed with the order''s key.';
comment on column events.metadata is 'Where it came from, as canonical JSON: source, actor, correlation_id, cause, observed_at.';
comment on column events.tenant_id is 'Whose ledger it stands in.';
comment on column events.position is 'Place in the tenant''s ledger, from 0, without gaps, in the order of commits.';
comment on column events.recorded_at is 'When it was appended (UTC, the database''s clock, read after the head was locked).';
comment on column events.leaf_hash is 'SHA-256 over all other columns, the leaf of the tenant''s Merkle log.';

create function refuse_change_of_events() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'events are append-only: % is refused', lower(tg_op)
    using errcode = 'insufficient_privilege', hint = 'Record what changed as a new event.';
end
$$;

create trigger events_are_append_only
  before update or delete or truncate on events
  for each statement execute function refuse_change_of_events();

-- One row a tenant, rewritten with every append: room in the page keeps the rewriting inside it.
create table ledger_heads (
  tenant_id     bigint primary key,
  next_position bigint not null check (next_position >= 0)
) with (
  fillfactor = 10,
  autovacuum_vacuum_threshold = 200,
  autovacuum_vacuum_scale_factor = 0
);

comment on table ledger_heads is 'The end of each tenant''s ledger. Its row is locked by the append that moves it, so positions are given in the order of commits.';
comment on column ledger_heads.tenant_id is 'Whose ledger.';
comment on column ledger_heads.next_position is 'The position that the next event gets; also how many events there are.';

create table order_streams (
  stream_id         uuid        primary key,
  tenant_id         bigint      not null,
  account_id        uuid        not null,
  mintsoft_order_id bigint      not null,
  sealed_key        bytea,
  key_destroyed_at  timestamptz,
  created_at        timestamptz not null,
  constraint order_streams_of_account unique (account_id, mintsoft_order_id),
  constraint order_streams_key_or_its_end check ((sealed_key is null) = (key_destroyed_at is not null))
);

comment on table order_streams is 'One row an order known: whose it is, for ever, and the key that its personal data is sealed with.';
comment on column order_streams.stream_id is 'The stream, as in events.aggregate_id.';
comment on column order_streams.tenant_id is 'Whose ledger the stream stands in; it never changes.';
comment on column order_streams.account_id is 'The Mintsoft account that the order lives in.';
comment on column order_streams.mintsoft_order_id is 'Mintsoft''s number of the order, unique within the account.';
comment on column order_streams.sealed_key is 'The order''s key, sealed with the key ring; null once destroyed, and then nothing personal can be read again.';
comment on column order_streams.key_destroyed_at is 'When the key was destroyed (UTC).';
comment on column order_streams.created_at is 'When the stream began (UTC).';

create table raw_payloads (
  stream_id   uuid        not null,
  sha256      bytea       not null check (octet_length(sha256) = 32),
  tenant_id   bigint      not null,
  sealed      bytea       not null,
  received_at timestamptz not null,
  constraint raw_payloads_pkey primary key (stream_id, sha256)
);

comment on table raw_payloads is 'What upstream sent for each change, byte for byte, once a content and sealed with the order''s key: a better translation can be run over it later.';
comment on column raw_payloads.stream_id is 'The order it was about.';
comment on column raw_payloads.sha256 is 'SHA-256 of the bytes as received; events name it in hex.';
comment on column raw_payloads.tenant_id is 'Whose order.';
comment on column raw_payloads.sealed is 'The bytes, sealed with the order''s key.';
comment on column raw_payloads.received_at is 'When the whole answer was here (UTC).';

-- Rewritten at every re-read; no index but the key, so that rewriting stays inside the page.
create table order_checks (
  stream_id           uuid        primary key,
  tenant_id           bigint      not null,
  via                 text        not null check (via <> ''),
  asked_at            timestamptz not null,
  answered_at         timestamptz not null,
  upstream_updated_at timestamptz,
  raw_sha256          text,
  describes_at        timestamptz not null
) with (
  fillfactor = 70,
  autovacuum_vacuum_scale_factor = 0.05
);

comment on table order_checks is 'The newest answer about each order that changed nothing and so left no event. It is not history: freshness is shown from it, and an older answer that arrives late is known by it.';
comment on column order_checks.stream_id is 'The order.';
comment on column order_checks.tenant_id is 'Whose order.';
comment on column order_checks.via is 'The source that asked: poll, recheck, refresh, connect_action, ….';
comment on column order_checks.asked_at is 'When the question was sent (UTC).';
comment on column order_checks.answered_at is 'When the whole answer was here (UTC).';
comment on column order_checks.upstream_updated_at is 'Upstream''s LastUpdated in that answer (UTC).';
comment on column order_checks.raw_sha256 is 'SHA-256 (hex) of the answer''s bytes, which are not kept.';
comment on column order_checks.describes_at is 'The instant as of which the answer describes the order (UTC); the newest check wins by it.';

grant select, insert on events to ledger_app;
grant select, insert, update on ledger_heads, order_checks to ledger_app;
grant select, insert on order_streams, raw_payloads to ledger_app;
grant update (sealed_key, key_destroyed_at) on order_streams to ledger_app;
