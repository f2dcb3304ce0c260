-- What hangs on an order upstream and is no part of its history: the last look at its comments and at its documents, and what
-- is known of the bytes of each document.

create table order_glimpses (
  stream_id   uuid        not null,
  what        text        not null check (what in ('comments', 'documents')),
  tenant_id   bigint      not null,
  sealed      bytea       not null,
  answered_at timestamptz not null,
  constraint order_glimpses_pkey primary key (stream_id, what)
);

comment on table order_glimpses is 'The last answers of upstream about comments and documents, shown when upstream is slow or down. Sealed with the order''s key, since people are written of there: whoever destroys the key erases these too.';
comment on column order_glimpses.stream_id is 'The order.';
comment on column order_glimpses.what is 'comments (the thread) or documents (the list).';
comment on column order_glimpses.tenant_id is 'Whose order.';
comment on column order_glimpses.sealed is 'What was read of the answer, as JSON, sealed with the order''s key.';
comment on column order_glimpses.answered_at is 'When the answer was complete (UTC).';

create table order_documents (
  stream_id        uuid        not null,
  document_id      bigint      not null,
  tenant_id        bigint      not null,
  sha256           bytea       not null check (octet_length(sha256) = 32),
  size_bytes       bigint      not null check (size_bytes >= 0),
  media_type       text        not null,
  first_fetched_at timestamptz not null,
  other_sha256     bytea       check (octet_length(other_sha256) = 32),
  differs_since    timestamptz,
  constraint order_documents_pkey primary key (stream_id, document_id),
  constraint order_documents_difference check ((other_sha256 is null) = (differs_since is null))
);

comment on table order_documents is 'The bytes of documents as they were first fetched, by their hash alone; the bytes stay upstream.';
comment on column order_documents.stream_id is 'The order.';
comment on column order_documents.document_id is 'Upstream''s number of the document.';
comment on column order_documents.tenant_id is 'Whose order.';
comment on column order_documents.sha256 is 'SHA-256 of the bytes as they were first fetched.';
comment on column order_documents.size_bytes is 'How many bytes they were.';
comment on column order_documents.media_type is 'What they are, by their first bytes.';
comment on column order_documents.first_fetched_at is 'When they were first fetched (UTC).';
comment on column order_documents.other_sha256 is 'SHA-256 of the last bytes fetched under the same number that were others; null where there were none.';
comment on column order_documents.differs_since is 'When other bytes were first seen (UTC).';

grant select, insert, update on order_glimpses, order_documents to ledger_app;
