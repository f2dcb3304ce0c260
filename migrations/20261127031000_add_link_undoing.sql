-- A person may undo a link. What was put on its way before then must not make it again.

alter table shop_links add column undone_at_job bigint;
comment on column shop_links.undone_at_job is 'The newest job that there was when a person last undid the link: what the jobs up to it would do for the link is void. Null while nobody did.';
