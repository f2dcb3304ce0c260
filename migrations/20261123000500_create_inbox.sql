-- What arrived from shops and from the warehouse, kept before it is understood; and a count of what was turned away.

create table inbox_deliveries (
  id                uuid        primary key,
  source            text        not null check (source in ('shopify', 'woocommerce', 'mintsoft')),
  tenant_id         bigint      references tenants,
  account_id        uuid,
  topic             text        not null,
  mintsoft_order_id bigint,
  dedupe_key        text        not null unique,
  headers           jsonb       not null default '{}' check (jsonb_typeof(headers) = 'object'),
  body_sealed       bytea       not null,
  body_sha256       bytea       not null check (octet_length(body_sha256) = 32),
  body_bytes        int         not null check (body_bytes >= 0),
  received_at       timestamptz not null,
  state             text        not null default 'received'
                                check (state in ('received', 'processed', 'ignored', 'dead')),
  reason            text,
  processed_at      timestamptz,
  attempts          int         not null default 0 check (attempts >= 0),
  constraint inbox_deliveries_of_a_shop_or_an_order check (
    case source
      when 'mintsoft' then tenant_id is null and account_id is not null and mintsoft_order_id is not null
      else tenant_id is not null and account_id is null and mintsoft_order_id is null
    end),
  constraint inbox_deliveries_settled_at check ((state = 'received') = (processed_at is null)),
  constraint inbox_deliveries_say_why check (state not in ('ignored', 'dead') or reason is not null)
);

create index inbox_deliveries_newest on inbox_deliveries (state, received_at desc, id);
create index inbox_deliveries_of_tenant on inbox_deliveries (tenant_id, received_at desc) where tenant_id is not null;

comment on table inbox_deliveries is 'Every proven delivery, byte for byte. A sender is answered only after its row is committed; what cannot be read stays as a dead letter until a person decides.';
comment on column inbox_deliveries.id is 'The delivery''s id, named as the cause of what it sets off.';
comment on column inbox_deliveries.source is 'shopify or woocommerce (a shop''s webhook), or mintsoft (the warehouse''s callback).';
comment on column inbox_deliveries.tenant_id is 'The tenant whose shop sent it; null for a callback.';
comment on column inbox_deliveries.account_id is 'The Mintsoft account a callback was registered for; null for a shop. No reference: what a valid token names is kept even where the account is not known.';
comment on column inbox_deliveries.topic is 'The shop''s topic, as orders/paid, empty where it named none; or the callback''s event: despatched, cancelled, delivered, split.';
comment on column inbox_deliveries.mintsoft_order_id is 'Mintsoft''s id of the order a callback is about; null for a shop.';
comment on column inbox_deliveries.dedupe_key is 'What makes a delivery the same as another; a second one with the same key adds nothing, for ever.';
comment on column inbox_deliveries.headers is 'Headers that help to trace a delivery, from a fixed list; never a signature, an address or a cookie.';
comment on column inbox_deliveries.body_sealed is 'The body as received, sealed by the key ring for inbox_deliveries/<id>, since it holds personal data.';
comment on column inbox_deliveries.body_sha256 is 'SHA-256 of the body as received.';
comment on column inbox_deliveries.body_bytes is 'Length of the body as received, in bytes.';
comment on column inbox_deliveries.received_at is 'When it arrived (UTC).';
comment on column inbox_deliveries.state is 'received (not worked on yet), processed, ignored (nothing to do, the reason says why), or dead (unreadable or given up).';
comment on column inbox_deliveries.reason is 'Why it was ignored or is dead, as a sentence without personal data.';
comment on column inbox_deliveries.processed_at is 'When it left the state received (UTC).';
comment on column inbox_deliveries.attempts is 'How often it was worked on, over all retries.';

create table inbox_rejections (
  source    text        not null check (source in ('shopify', 'woocommerce', 'mintsoft')),
  tenant_id bigint      references tenants,
  reason    text        not null check (reason in ('missing_signature', 'bad_signature', 'bad_token')),
  day       date        not null,
  count     bigint      not null check (count > 0),
  last_at   timestamptz not null,
  constraint inbox_rejections_one_a_day unique nulls not distinct (source, tenant_id, reason, day)
);

comment on table inbox_rejections is 'How many requests were turned away since they proved nothing. Nothing else of them is kept.';
comment on column inbox_rejections.source is 'The door they came to: shopify, woocommerce or mintsoft.';
comment on column inbox_rejections.tenant_id is 'The tenant whose address was used; null for callbacks.';
comment on column inbox_rejections.reason is 'missing_signature, bad_signature or bad_token.';
comment on column inbox_rejections.day is 'The day they came (UTC).';
comment on column inbox_rejections.count is 'How many.';
comment on column inbox_rejections.last_at is 'When the last of them was counted (UTC).';

-- A delivery and a host's call that mean the same shop order meet by its name, or by the number beside it.
create index orders_by_name on orders (tenant_id, lower(btrim(regexp_replace(btrim(name), '^#', ''))));
create index orders_by_number on orders (tenant_id, lower(btrim(order_number))) where order_number is not null;

grant select, insert, update on inbox_deliveries, inbox_rejections to ledger_app;
