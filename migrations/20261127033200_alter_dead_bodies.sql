-- What nobody will try again is not kept for ever: the body of a dead delivery goes for its age once it was dismissed.
alter table inbox_deliveries
  drop constraint inbox_deliveries_erased_when_settled,
  add constraint inbox_deliveries_erased_when_settled check (body_sealed is not null or state in ('processed', 'ignored', 'dead'));
create index inbox_deliveries_dead_with_body on inbox_deliveries (processed_at) where body_sealed is not null and state = 'dead';
