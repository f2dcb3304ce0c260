-- Dead letters that a person has looked at and wants to see no more.
create table dead_letter_dismissals (
  letter       text        primary key,
  reason       text        not null check (reason <> ''),
  actor        text        not null check (actor <> ''),
  dismissed_at timestamptz not null
);
comment on table dead_letter_dismissals is 'Dead letters that a person dismissed: kept, and hidden unless they die once more.';
comment on column dead_letter_dismissals.letter is 'delivery-<id of the inbox delivery> or job-<number of the job>.';
comment on column dead_letter_dismissals.reason is 'Why, in the person''s words.';
comment on column dead_letter_dismissals.actor is 'Who, as key:<id> or user:<id>.';
comment on column dead_letter_dismissals.dismissed_at is 'When (UTC); a letter that died after that is shown again.';
grant select, insert, update on dead_letter_dismissals to ledger_app;
