-- Who gave access and who took it away stands beside it; the log of requests has it too, but is not kept for ever.

alter table api_keys add column created_by text, add column revoked_by text;
comment on column api_keys.created_by is 'Who made it: user:<id>, key:<id>, or operator for the command line; null: it is older than this column.';
comment on column api_keys.revoked_by is 'Who revoked it, named in the same way; null: nobody did, or before this column was.';

alter table people add column updated_by text;
comment on column people.updated_by is 'Who changed it last: user:<id>, key:<id>, or operator; null: nobody did, or before this column was.';
