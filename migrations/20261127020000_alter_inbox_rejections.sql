-- Bodies that arrive too slowly are counted among what was turned away.

alter table inbox_rejections
  drop constraint inbox_rejections_reason_check,
  add constraint inbox_rejections_reason_check
    check (reason in ('missing_signature', 'bad_signature', 'bad_token', 'body_slow'));

comment on table inbox_rejections is
  'How many requests were turned away since they proved nothing, or since their bodies took too long. Nothing else of them is kept.';
comment on column inbox_rejections.tenant_id is 'The tenant whose address was used; null for callbacks, and for what may be the ping of a webhook.';
comment on column inbox_rejections.reason is 'missing_signature, bad_signature, bad_token or body_slow.';
