-- People who sign in at the OpenID provider: what each may do, for which tenant.

create table people (
  id         uuid        primary key,
  sub        text        not null check (sub <> '' and octet_length(sub) <= 255),
  email      text        not null check (email <> ''),
  name       text        not null default '',
  tenant_id  bigint      references tenants,
  role       text        not null check (role in ('SUPERADMIN', 'ADMIN', 'LOGISTICA', 'VENTAS', 'VIEWER', 'AUDITOR')),
  is_active  boolean     not null default true,
  created_at timestamptz not null,
  created_by text        not null,
  updated_at timestamptz not null,
  constraint people_one_each unique nulls not distinct (sub, tenant_id),
  constraint people_tenant_unless_superadmin check ((role = 'SUPERADMIN') = (tenant_id is null))
);

create index people_by_tenant on people (tenant_id, email);

comment on table people is 'Who may sign in: a row for each person and tenant, so that one person may work for several brands, in another role for each.';
comment on column people.id is 'Names the person, in this tenant, in logs and in the actor of events.';
comment on column people.sub is 'The person''s name at the OpenID provider, as its tokens say it; letters'' case matters.';
comment on column people.email is 'Where the person is reached; shown, never used to recognise anybody.';
comment on column people.name is 'The name that others read; may be empty.';
comment on column people.tenant_id is 'The tenant that this row is for; null for SUPERADMIN, who works for all.';
comment on column people.role is 'What the person may do there.';
comment on column people.is_active is 'False: the person is refused there, from the next request on.';
comment on column people.created_at is 'When the row was made (UTC).';
comment on column people.created_by is 'Who made it: user:<id>, key:<id>, or operator for the command line.';
comment on column people.updated_at is 'When it was last changed (UTC).';

grant select, insert, update on people to ledger_app;
