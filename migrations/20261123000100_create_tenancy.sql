-- Tenants, their shop orders, who may call, the Mintsoft accounts, and which tenant's orders come from which account.

create table tenants (
  id         bigint      primary key check (id > 0),
  name       text        not null check (name <> ''),
  slug       text        not null unique check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
  is_active  boolean     not null default true,
  timezone   text        not null default 'America/Lima',
  created_at timestamptz not null
);

comment on table tenants is 'The brands. A host platform''s own table is mirrored here under its integer ids.';
comment on column tenants.id is 'The host''s number of the tenant.';
comment on column tenants.name is 'The name that people read.';
comment on column tenants.slug is 'The name in addresses: lower-case letters, digits and single hyphens.';
comment on column tenants.is_active is 'False: its keys are refused and its orders are neither polled nor rechecked.';
comment on column tenants.timezone is 'IANA zone in which its days begin and end.';
comment on column tenants.created_at is 'When the tenant was added (UTC).';

-- A host's ids and the ledger's own never meet, since the ledger counts from a number that hosts do not reach.
create sequence ledger_order_ids as bigint start with 1000000000;

create table orders (
  id           bigint      not null default nextval('ledger_order_ids') check (id > 0),
  tenant_id    bigint      not null references tenants,
  platform     text        not null check (platform in ('shopify', 'woocommerce', 'host')),
  external_id  text        not null check (external_id <> ''),
  name         text        not null check (name <> ''),
  order_number text,
  created_at   timestamptz not null,
  primary key (tenant_id, id),
  unique (tenant_id, platform, external_id)
);

comment on table orders is 'Shop orders, as little of each as finding it in the warehouse needs. No personal data.';
comment on column orders.id is 'The host''s number of the order, or the ledger''s own (from 1000000000) while the host has not said one. Unique within the tenant, so that no tenant can take another''s number.';
comment on column orders.tenant_id is 'Whose order it is.';
comment on column orders.platform is 'Who told of it: shopify, woocommerce, or host (by an API call).';
comment on column orders.external_id is 'The platform''s own id of the order, as text; for host the order''s id.';
comment on column orders.name is 'What the customer sees, as #1001.';
comment on column orders.order_number is 'The shop''s own running number where it has one besides the name.';
comment on column orders.created_at is 'When the ledger first heard of it (UTC).';

create table api_keys (
  id         uuid        primary key,
  tenant_id  bigint      references tenants,
  role       text        not null check (role in ('SUPERADMIN', 'ADMIN', 'LOGISTICA', 'VENTAS', 'VIEWER', 'AUDITOR')),
  key_hash   bytea       not null unique check (octet_length(key_hash) = 32),
  label      text        not null default '',
  created_at timestamptz not null,
  expires_at timestamptz,
  revoked_at timestamptz,
  constraint api_keys_tenant_unless_superadmin check ((role = 'SUPERADMIN') = (tenant_id is null))
);

comment on table api_keys is 'Keys of programs. The key itself is shown once, when it is made, and stored nowhere.';
comment on column api_keys.id is 'Names the key in logs and in the actor of events.';
comment on column api_keys.tenant_id is 'The one tenant that the key works for; null for SUPERADMIN, which works for all.';
comment on column api_keys.role is 'What the key may do.';
comment on column api_keys.key_hash is 'SHA-256 of the whole key.';
comment on column api_keys.label is 'What the key is for, in its maker''s words.';
comment on column api_keys.created_at is 'When it was made (UTC).';
comment on column api_keys.expires_at is 'Refused from here on (UTC); null: it does not expire.';
comment on column api_keys.revoked_at is 'Refused since it was revoked (UTC); null: it was not.';

create table mintsoft_accounts (
  id                 uuid        primary key,
  api_url            text        not null,
  credentials_kind   text        not null check (credentials_kind in ('login', 'api_key')),
  identity           text        not null check (identity <> ''),
  client_id          bigint,
  timezone           text        not null default 'Europe/London',
  credentials_sealed bytea       not null,
  credentials_set_at timestamptz not null,
  last_polled_at     timestamptz,
  read_anew_at       timestamptz,
  created_at         timestamptz not null,
  constraint mintsoft_accounts_one_each unique nulls not distinct (api_url, credentials_kind, identity, client_id)
);

comment on table mintsoft_accounts is 'What configurations with the same address, login (or key) and client id share: one poll, one budget, one login key. Never deleted, since the streams of its orders are derived from its id.';
comment on column mintsoft_accounts.id is 'Random; stays the same when the credentials are replaced.';
comment on column mintsoft_accounts.api_url is 'Root of the service, normalised, without /api.';
comment on column mintsoft_accounts.credentials_kind is 'login (user name and password) or api_key (a fixed key).';
comment on column mintsoft_accounts.identity is 'The user name in lower case, or a SHA-256 of the key in hex: what tells accounts apart without opening the seal.';
comment on column mintsoft_accounts.client_id is 'The warehouse''s client whose orders are asked for; null asks for all that the user may see.';
comment on column mintsoft_accounts.timezone is 'IANA zone of upstream''s wall clock.';
comment on column mintsoft_accounts.credentials_sealed is 'The credentials, sealed by the key ring for mintsoft_accounts/<id>.';
comment on column mintsoft_accounts.credentials_set_at is 'When the credentials were given last (UTC).';
comment on column mintsoft_accounts.read_anew_at is 'When its configurations last changed so that it is to be read from the beginning (UTC); a run that began before moves no cursor.';
comment on column mintsoft_accounts.last_polled_at is 'When a poll of the account last ended well (UTC); null before the first.';
comment on column mintsoft_accounts.created_at is 'When the account was first configured (UTC).';

create table logistics_config (
  tenant_id         bigint      primary key references tenants,
  provider          text        not null default 'mintsoft' check (provider = 'mintsoft'),
  account_type      text        not null check (account_type in ('shared', 'dedicated')),
  api_url           text        not null,
  api_key_encrypted bytea       not null,
  sku_prefix        text        check (sku_prefix <> ''),
  shared_client_id  bigint,
  sync_enabled      boolean     not null default true,
  last_synced_at    timestamptz,
  account_id        uuid        not null references mintsoft_accounts,
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  constraint logistics_config_prefix_on_shared_accounts check (account_type = 'dedicated' or sku_prefix is not null)
);

create unique index logistics_config_one_prefix on logistics_config (account_id, lower(sku_prefix))
  where account_type = 'shared';
create unique index logistics_config_one_dedicated on logistics_config (account_id) where account_type = 'dedicated';
create index logistics_config_members on logistics_config (account_id);

comment on table logistics_config is 'How a tenant''s orders are found in the warehouse; one row a tenant.';
comment on column logistics_config.tenant_id is 'Whose configuration it is.';
comment on column logistics_config.provider is 'The warehouse system; mintsoft is the only one.';
comment on column logistics_config.account_type is 'shared: the account holds several tenants'' orders, told apart by prefix and SKUs; dedicated: every order is this tenant''s.';
comment on column logistics_config.api_url is 'Root of the service, normalised, without /api; the same as the account''s.';
comment on column logistics_config.api_key_encrypted is 'The account''s credentials (login or key), sealed by the key ring for logistics_config/<tenant>.';
comment on column logistics_config.sku_prefix is 'What the tenant''s SKUs and order numbers begin with, as LADORE; case does not matter.';
comment on column logistics_config.shared_client_id is 'The warehouse''s client whose orders are asked for; the same as the account''s.';
comment on column logistics_config.sync_enabled is 'False: the tenant''s orders are neither polled nor rechecked.';
comment on column logistics_config.last_synced_at is 'When a poll last ended well while the tenant took part in it (UTC).';
comment on column logistics_config.account_id is 'The account that the orders come from.';
comment on column logistics_config.created_at is 'When it was first configured (UTC).';
comment on column logistics_config.updated_at is 'When it was last changed by a person (UTC).';

create table shops (
  tenant_id              bigint      not null references tenants,
  platform               text        not null check (platform in ('shopify', 'woocommerce')),
  webhook_secrets_sealed bytea       not null,
  set_at                 timestamptz not null,
  primary key (tenant_id, platform)
);

comment on table shops is 'The shops that may send webhooks.';
comment on column shops.tenant_id is 'Whose shop it is.';
comment on column shops.platform is 'shopify or woocommerce.';
comment on column shops.webhook_secrets_sealed is 'The secrets that sign its webhooks, newest first, older ones with the instant they end, as JSON, sealed by the key ring for shops/<tenant>/<platform>.';
comment on column shops.set_at is 'When the newest secret was given (UTC).';

grant select, insert, update on tenants, orders, api_keys, mintsoft_accounts, logistics_config, shops to ledger_app;
grant usage on sequence ledger_order_ids to ledger_app;

-- The service tells whether its tables are those of its build, so it may look at the migrations that were run.
grant select on _sqlx_migrations to ledger_app;
