-- Bodies of deliveries that were done with long ago are erased; their hash and length stay.
alter table inbox_deliveries
  alter column body_sealed drop not null,
  add column body_erased_at timestamptz,
  add constraint inbox_deliveries_body_or_its_end check ((body_sealed is null) = (body_erased_at is not null)),
  add constraint inbox_deliveries_erased_when_settled check (body_sealed is not null or state in ('processed', 'ignored'));
create index inbox_deliveries_with_body on inbox_deliveries (processed_at)
  where body_sealed is not null and state in ('processed', 'ignored');
comment on column inbox_deliveries.body_sealed is 'The body as received, sealed by the key ring for inbox_deliveries/<id>, since it holds personal data; null once erased for its age.';
comment on column inbox_deliveries.body_erased_at is 'When the body was erased for its age (UTC); its hash and length stay. Null: it is here.';
