-- A person may undo a link, or choose another order for it. What was put on its way before then must not have its way.

alter table shop_links
  add column settled_at_job bigint,
  add column chosen_orders uuid[];
comment on column shop_links.settled_at_job is 'The newest job that there was when a person last undid the link or chose an order for it: what the jobs up to it would do for the link is void. Null while nobody did.';
comment on column shop_links.chosen_orders is 'The ids of the warehouse orders that a person chose last. Null while nobody did, and since a person undid the link.';
