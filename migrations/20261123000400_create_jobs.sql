-- Durable jobs and the schedules that make them. A job is inserted in the transaction that causes it, leased by one
-- worker at a time, and retried until it is done or dead.

create table jobs (
  id           bigint generated always as identity primary key,
  kind         text        not null check (kind <> ''),
  payload      jsonb       not null default '{}',
  unique_key   text,
  state        text        not null default 'ready' check (state in ('ready', 'running', 'done', 'dead')),
  run_at       timestamptz not null default clock_timestamp(),
  attempts     int         not null default 0 check (attempts >= 0),
  max_attempts int         not null default 11 check (max_attempts > 0),
  retry_every  interval    not null default '30 s' check (retry_every >= '0 s'),
  retry_cap    interval             check (retry_cap >= '0 s'),
  tenant_id    bigint,
  lease_token  uuid,
  lease_until  timestamptz,
  last_error   text,
  created_at   timestamptz not null default clock_timestamp(),
  finished_at  timestamptz,
  constraint jobs_leased_while_running
    check ((state = 'running') = (lease_token is not null) and (state = 'running') = (lease_until is not null)),
  constraint jobs_finished_when_done_or_dead
    check ((state in ('done', 'dead')) = (finished_at is not null))
) with (
  -- Rows live for minutes and change state several times, so the table is cleaned early and often.
  autovacuum_vacuum_scale_factor = 0.01,
  autovacuum_vacuum_threshold = 500,
  autovacuum_analyze_scale_factor = 0.02
);

create unique index jobs_one_unfinished on jobs (unique_key) where state in ('ready', 'running');
create index jobs_due on jobs (kind, run_at, id) where state = 'ready';
create index jobs_leases on jobs (lease_until) where state = 'running';
create index jobs_finished on jobs (state, finished_at) where state in ('done', 'dead');

comment on table jobs is 'Durable jobs: one row a piece of work, kept for some days after it is done, and until a person decides when it is dead.';
comment on column jobs.id is 'Number of the job; it never comes again, so it makes idempotency keys for calls to the outside.';
comment on column jobs.kind is 'What is to be done, as verb_noun; a worker claims only the kinds it knows.';
comment on column jobs.payload is 'What the handler needs to know. It holds ids rather than personal data.';
comment on column jobs.unique_key is 'At most one unfinished job has this key; null where there may be many.';
comment on column jobs.state is 'ready (waits for run_at), running (leased), done, or dead (given up, a person decides).';
comment on column jobs.run_at is 'Not before this instant (UTC).';
comment on column jobs.attempts is 'How often a worker took the job, the present time included.';
comment on column jobs.max_attempts is 'After so many attempts without success the job is dead.';
comment on column jobs.retry_every is 'Wait after a failed attempt, unless the handler names another.';
comment on column jobs.retry_cap is 'Null: the wait stays retry_every. Else it doubles with each attempt up to this.';
comment on column jobs.tenant_id is 'The tenant the work is for; null where it is for none or for several.';
comment on column jobs.lease_token is 'Who holds the lease; only this token completes or fails the job.';
comment on column jobs.lease_until is 'The lease ends here (UTC) unless renewed; then another worker may take the job.';
comment on column jobs.last_error is 'Why the last attempt failed, without personal data.';
comment on column jobs.created_at is 'When the row was written (UTC, the database''s clock).';
comment on column jobs.finished_at is 'When the job became done or dead (UTC).';

create table schedules (
  name    text        primary key check (name <> ''),
  kind    text        not null check (kind <> ''),
  payload jsonb       not null default '{}' check (jsonb_typeof(payload) = 'object'),
  every   interval    not null check (every > '0 s'),
  next_at timestamptz not null
);

comment on table schedules is 'What is to be done again and again; each due slot becomes one job, missed slots become one together.';
comment on column schedules.name is 'The name of the schedule, as poll_account/<id>.';
comment on column schedules.kind is 'The kind of the jobs it makes.';
comment on column schedules.payload is 'The payload of the jobs it makes; the slot is added as "slot".';
comment on column schedules.every is 'The distance of the slots.';
comment on column schedules.next_at is 'The next slot (UTC).';

-- A hint that wakes the workers that know the kind; who misses it finds the job by looking every now and then.
create function wake_workers() returns trigger language plpgsql set search_path = pg_catalog, pg_temp as $$
begin
  perform pg_notify('jobs', kind) from (select distinct kind from inserted) as kinds;
  return null;
end
$$;

create trigger wake_workers after insert on jobs
  referencing new table as inserted
  for each statement execute function wake_workers();

grant select, insert, update, delete on jobs, schedules to ledger_app;
