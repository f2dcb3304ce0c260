-- What people ask to be done upstream: the key under which each request is repeated, and how often upstream was called
-- for it. The request itself, who made it and what came of it are events; this is what must survive a kill besides.

create table order_requests (
  request_id      uuid        primary key,
  tenant_id       bigint      not null,
  stream_id       uuid        not null,
  kind            text        not null check (kind in ('cancel', 'comment')),
  key_sha256      bytea       check (octet_length(key_sha256) = 32),
  fingerprint     text        not null,
  requested_by    text        not null,
  created_at      timestamptz not null,
  refused_code    text,
  refused_message text,
  calls_begun     int         not null default 0 check (calls_begun between 0 and 2),
  call_open       boolean     not null default false,
  called_at       timestamptz,
  last_comment_id bigint,
  left_to_person  text,
  constraint order_requests_refused_with_words check ((refused_code is null) = (refused_message is null))
);

comment on table order_requests is 'Requests of people to cancel an order or to comment on it. A row stays for ever, and with it the promise of its idempotency key.';
comment on column order_requests.request_id is 'The id of the request, as in the order''s events; UUID version 5 of tenant, kind and key where a key was given.';
comment on column order_requests.tenant_id is 'Whose order.';
comment on column order_requests.stream_id is 'The order.';
comment on column order_requests.kind is 'cancel or comment: the route that the key was given to.';
comment on column order_requests.key_sha256 is 'SHA-256 of the Idempotency-Key; null where none was given.';
comment on column order_requests.fingerprint is 'Tells whether a repetition asks for the same: HMAC under the order''s key, so it proves nothing once that is destroyed.';
comment on column order_requests.requested_by is 'Who asked: user:<id> or key:<id>.';
comment on column order_requests.created_at is 'When it was asked (UTC).';
comment on column order_requests.refused_code is 'The code of the answer where the order''s status forbade the request at once; a repetition gets it again.';
comment on column order_requests.refused_message is 'The words of that answer.';
comment on column order_requests.calls_begun is 'How often upstream was called for it, counted before each call; calls that surely did nothing are taken off again.';
comment on column order_requests.call_open is 'Whether a call is under way or its answer was lost and is not settled yet.';
comment on column order_requests.called_at is 'When the last call was begun (UTC).';
comment on column order_requests.last_comment_id is 'For a comment: upstream''s highest number in the thread before the first call; what is above may be ours.';
comment on column order_requests.left_to_person is 'Why it was left to a person, if it was; its outcome is not known then.';

create unique index order_requests_key on order_requests (tenant_id, kind, key_sha256) where key_sha256 is not null;
-- One call of a kind at a time on an order: of two equal comments whose answers are lost, each must find its own.
create unique index order_requests_one_call on order_requests (stream_id, kind) where call_open;
create index order_requests_of_order on order_requests (stream_id, created_at);

grant select, insert, update on order_requests to ledger_app;
