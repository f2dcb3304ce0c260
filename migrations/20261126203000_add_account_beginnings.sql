-- A change of configuration that waits for its turn bears an older instant than a poll that begins meanwhile with what the change
-- is about to replace, so instants do not tell whether a poll's cursor may be kept. A number that only grows does.
alter table mintsoft_accounts add column times_read_anew bigint not null default 0;
comment on column mintsoft_accounts.times_read_anew is 'How often its configurations changed so that it is to be read from the beginning; a run that began with a smaller number moves no cursor.';
comment on column mintsoft_accounts.read_anew_at is 'When its configurations last changed so that it is to be read from the beginning (UTC).';
