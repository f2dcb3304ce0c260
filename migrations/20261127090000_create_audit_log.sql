-- Proof that nothing of a ledger was altered or left out. Each tenant's events are the leaves of a Merkle log (RFC 6962): their
-- hashes stand in `events`. Here stand the checkpoints of each log, signed, the hashes of every eighth height of its tree, so that
-- a proof reads a few hundred hashes and not all of them, and the keys that sign.

-- Readers see these tables by tenant; keys are the service's alone, and whoever verifies has the public half from a checkpoint.
create table audit_checkpoints (
  tenant_id    bigint      not null,
  size         bigint      not null check (size > 0),
  root         bytea       not null check (octet_length(root) = 32),
  note         text        not null,
  verifier_key text        not null,
  sealed_at    timestamptz not null,
  primary key (tenant_id, size)
);

comment on table audit_checkpoints is 'How far each ledger was sealed: that its first events have a root. Signed, and never changed.';
comment on column audit_checkpoints.tenant_id is 'Whose ledger.';
comment on column audit_checkpoints.size is 'How many events it is over: those at the positions before it.';
comment on column audit_checkpoints.root is 'The Merkle root (RFC 6962) over the leaf hashes of those events.';
comment on column audit_checkpoints.note is 'The checkpoint as it was signed: a signed note (C2SP tlog-checkpoint).';
comment on column audit_checkpoints.verifier_key is 'The public key that verifies the note, as name+hash+key.';
comment on column audit_checkpoints.sealed_at is 'When it was signed (UTC).';

create table audit_subtrees (
  tenant_id bigint   not null,
  level     smallint not null check (level > 0 and level % 8 = 0),
  index     bigint   not null check (index >= 0),
  hash      bytea    not null check (octet_length(hash) = 32),
  primary key (tenant_id, level, index)
);

comment on table audit_subtrees is 'Hashes of complete subtrees of each Merkle log, at every eighth height. They follow from the leaf hashes.';
comment on column audit_subtrees.tenant_id is 'Whose ledger.';
comment on column audit_subtrees.level is 'The height: the subtree has 2^level events.';
comment on column audit_subtrees.index is 'Its number at that height, from 0: it begins at the event index * 2^level.';
comment on column audit_subtrees.hash is 'Its Merkle root.';

create table audit_signing_keys (
  id             uuid        primary key,
  name           text        not null check (name <> '' and name !~ '[\s+]'),
  private_sealed bytea       not null,
  created_at     timestamptz not null,
  retired_at     timestamptz
);

-- One signs at a time, however many instances begin at once.
create unique index audit_signing_keys_current on audit_signing_keys ((true)) where retired_at is null;

comment on table audit_signing_keys is 'The keys that checkpoints are signed with; the one that is not retired signs.';
comment on column audit_signing_keys.id is 'Its id.';
comment on column audit_signing_keys.name is 'What the names of logs begin with, as it was when the key was made: the host of the service''s public address.';
comment on column audit_signing_keys.private_sealed is 'The seed of the Ed25519 key, sealed with the key ring.';
comment on column audit_signing_keys.created_at is 'When it was made (UTC).';
comment on column audit_signing_keys.retired_at is 'Since when it signs no more (UTC); null while it does.';

create function refuse_change_of_audit() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  raise exception 'what was sealed stays: % of % is refused', lower(tg_op), tg_table_name
    using errcode = 'insufficient_privilege';
end
$$;

create trigger audit_checkpoints_stay before update or delete or truncate on audit_checkpoints
  for each statement execute function refuse_change_of_audit();
create trigger audit_subtrees_stay before update or delete or truncate on audit_subtrees
  for each statement execute function refuse_change_of_audit();

grant select, insert on audit_checkpoints, audit_subtrees to ledger_app;
grant select, insert on audit_signing_keys to ledger_app;
grant update (private_sealed, retired_at) on audit_signing_keys to ledger_app;
grant select on audit_checkpoints, audit_subtrees to ledger_reader;

alter table audit_checkpoints enable row level security;
create policy service_sees_all on audit_checkpoints to ledger_app using (true) with check (true);
create policy reader_sees_its_tenant on audit_checkpoints for select to ledger_reader
  using (tenant_id = nullif(current_setting('ledger.tenant', true), '')::bigint);

alter table audit_subtrees enable row level security;
create policy service_sees_all on audit_subtrees to ledger_app using (true) with check (true);
create policy reader_sees_its_tenant on audit_subtrees for select to ledger_reader
  using (tenant_id = nullif(current_setting('ledger.tenant', true), '')::bigint);
