-- What the sources of observations remember beside the history: cursors, runs, parked rows, links, upstream's lists.
-- None of it is history: a rebuild of the read tables touches nothing here.

create table sync_cursors (
  account_id uuid        not null references mintsoft_accounts (id),
  kind       text        not null check (kind in ('orders', 'tracking')),
  since      timestamptz not null,
  updated_at timestamptz not null,
  primary key (account_id, kind)
);
comment on table sync_cursors is 'Up to where each account has been read; moved only after all pages of a run are stored.';
comment on column sync_cursors.account_id is 'The Mintsoft account.';
comment on column sync_cursors.kind is 'orders (the list of orders) or tracking (the list of tracking events).';
comment on column sync_cursors.since is 'The next run asks for what changed since this instant (UTC), less the overlap.';
comment on column sync_cursors.updated_at is 'When the cursor was moved (UTC).';

create table sync_runs (
  id           uuid        primary key,
  account_id   uuid        not null references mintsoft_accounts (id),
  requested_by text        not null,
  state        text        not null check (state in ('queued', 'running', 'done', 'failed')),
  pages        int         not null default 0,
  seen         int         not null default 0,
  changed      int         not null default 0,
  parked       int         not null default 0,
  error        text,
  created_at   timestamptz not null,
  started_at   timestamptz,
  finished_at  timestamptz
);
create unique index sync_runs_one_at_a_time on sync_runs (account_id) where state in ('queued', 'running');
create index sync_runs_newest on sync_runs (account_id, created_at desc);
comment on table sync_runs is 'Each reading of an account: asked for by the schedule, a person or the command line.';
comment on column sync_runs.id is 'The run''s id.';
comment on column sync_runs.account_id is 'The account that is read; all its tenants are served by one run.';
comment on column sync_runs.requested_by is 'schedule, or who asked: key:<id>, operator.';
comment on column sync_runs.state is 'queued, running, done or failed; one unfinished run an account.';
comment on column sync_runs.pages is 'Pages read so far.';
comment on column sync_runs.seen is 'Rows read so far.';
comment on column sync_runs.changed is 'Orders that got at least one event.';
comment on column sync_runs.parked is 'Rows of doubtful owner or wrong shape.';
comment on column sync_runs.error is 'Why it failed, without personal data.';
comment on column sync_runs.created_at is 'When it was asked for (UTC).';
comment on column sync_runs.started_at is 'When a worker began (UTC).';
comment on column sync_runs.finished_at is 'When it ended, either way (UTC).';

create table parked_orders (
  account_id        uuid        not null references mintsoft_accounts (id),
  row_key           text        not null,
  mintsoft_order_id bigint,
  order_number      text,
  client_id         bigint,
  skus              text[]      not null default '{}',
  reason            text        not null,
  detail            text        not null,
  raw_sealed        bytea,
  first_seen_at     timestamptz not null,
  last_seen_at      timestamptz not null,
  resolved_at       timestamptz,
  primary key (account_id, row_key)
);
create index parked_orders_open on parked_orders (last_seen_at desc) where resolved_at is null;
comment on table parked_orders is 'Rows that belong to no tenant for certain. An operator sees them; no tenant does.';
comment on column parked_orders.account_id is 'The account the row was read from.';
comment on column parked_orders.row_key is 'order:<Mintsoft id>, or sha256:<hex> for a row whose id could not be read.';
comment on column parked_orders.mintsoft_order_id is 'Mintsoft''s id of the order, where it could be read.';
comment on column parked_orders.order_number is 'Its number, where it could be read.';
comment on column parked_orders.client_id is 'The client it is booked under.';
comment on column parked_orders.skus is 'The SKUs on its lines.';
comment on column parked_orders.reason is 'A stable code: unknown_prefix, ambiguous_prefix, sku_disagrees, no_sku, foreign_client, wrong_shape, owner_changed, not_taken.';
comment on column parked_orders.detail is 'The reason as a sentence, without personal data.';
comment on column parked_orders.raw_sealed is 'The row as received, sealed with the key ring; forgotten once the order has found its tenant.';
comment on column parked_orders.first_seen_at is 'When it was parked first (UTC).';
comment on column parked_orders.last_seen_at is 'When it was seen last (UTC).';
comment on column parked_orders.resolved_at is 'When the order found its tenant (UTC); null while it waits.';

create table shop_links (
  id         uuid        primary key,
  tenant_id  bigint      not null references tenants (id),
  order_id   bigint      not null,
  order_name text        not null,
  candidates jsonb       not null,
  from_host  boolean     not null,
  state      text        not null check (state in ('pending', 'linked', 'not_found')),
  attempts   int         not null default 0,
  reason     text,
  basis      text,
  requested_by text      not null,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  linked_at  timestamptz,
  foreign key (tenant_id, order_id) references orders (tenant_id, id),
  unique (tenant_id, order_id)
);
create index shop_links_unresolved on shop_links (tenant_id, updated_at desc) where state <> 'linked';
create index shop_links_candidates on shop_links using gin (candidates jsonb_path_ops) where state <> 'linked';
comment on table shop_links is 'Paid shop orders and the warehouse order each is looked for in; not_found is "paid, not in the warehouse".';
comment on column shop_links.id is 'The link request''s id.';
comment on column shop_links.tenant_id is 'The tenant.';
comment on column shop_links.order_id is 'The shop order, in the table orders.';
comment on column shop_links.order_name is 'The name the customer sees, such as #1001.';
comment on column shop_links.candidates is 'The warehouse numbers to look for, in order, lower case, each with its basis.';
comment on column shop_links.from_host is 'Whether the host asked for the link itself; its id wins over one the ledger made.';
comment on column shop_links.state is 'pending (being looked for), linked, or not_found (given up for now; a later poll still links it).';
comment on column shop_links.attempts is 'How often it was looked for.';
comment on column shop_links.reason is 'Why it is not linked, as a sentence.';
comment on column shop_links.basis is 'By what it was found: name, order_number, host, manual.';
comment on column shop_links.requested_by is 'The delivery or the caller that asked for it.';
comment on column shop_links.created_at is 'When the paid order was first heard of (UTC).';
comment on column shop_links.updated_at is 'When the row last changed (UTC).';
comment on column shop_links.linked_at is 'When it was linked (UTC).';

create table upstream_lists (
  account_id uuid        not null references mintsoft_accounts (id),
  kind       text        not null check (kind in ('order_statuses', 'tracking_statuses', 'courier_services')),
  names      jsonb       not null,
  fetched_at timestamptz not null,
  primary key (account_id, kind)
);
comment on table upstream_lists is 'Upstream''s lists that give numbers their names; the old list stays when a new one cannot be read.';
comment on column upstream_lists.account_id is 'The account.';
comment on column upstream_lists.kind is 'Which list.';
comment on column upstream_lists.names is 'The list as pairs of id and name (and external name).';
comment on column upstream_lists.fetched_at is 'When it was read (UTC).';

create table callback_registrations (
  stream_id         uuid        primary key,
  account_id        uuid        not null references mintsoft_accounts (id),
  mintsoft_order_id bigint      not null,
  registered_at     timestamptz not null
);
comment on table callback_registrations is 'Orders on which upstream holds our callback URLs.';
comment on column callback_registrations.stream_id is 'The order''s stream.';
comment on column callback_registrations.account_id is 'The account.';
comment on column callback_registrations.mintsoft_order_id is 'Mintsoft''s id of the order.';
comment on column callback_registrations.registered_at is 'When upstream took them, or was found to have them (UTC).';

create table known_shipments (
  account_id        uuid   not null references mintsoft_accounts (id),
  shipment_id       bigint not null,
  mintsoft_order_id bigint not null,
  primary key (account_id, shipment_id)
);
comment on table known_shipments is 'Which order a shipment belongs to, for tracking events that do not say it themselves.';
comment on column known_shipments.account_id is 'The account.';
comment on column known_shipments.shipment_id is 'Upstream''s id of the shipment.';
comment on column known_shipments.mintsoft_order_id is 'Mintsoft''s id of the order.';

grant select, insert, update, delete on
  sync_cursors, sync_runs, parked_orders, shop_links, upstream_lists, callback_registrations, known_shipments
  to ledger_app;

create table unplaced_scans (
  account_id  uuid        not null references mintsoft_accounts (id),
  scan_id     bigint      not null,
  shipment_id bigint,
  mintsoft_order_id bigint,
  scan        jsonb       not null,
  seen_at     timestamptz not null,
  primary key (account_id, scan_id)
);
create index unplaced_scans_shipment on unplaced_scans (account_id, shipment_id);
comment on table unplaced_scans is 'Courier scans of orders that have no owner yet, or whose shipment is not known to belong to any; they wait up to 90 days and are then recorded.';
comment on column unplaced_scans.account_id is 'The account.';
comment on column unplaced_scans.scan_id is 'Upstream''s id of the tracking event.';
comment on column unplaced_scans.shipment_id is 'Upstream''s id of the shipment it belongs to.';
comment on column unplaced_scans.mintsoft_order_id is 'The order it belongs to, where upstream said so and the order is parked.';
comment on column unplaced_scans.scan is 'The scan, translated.';
comment on column unplaced_scans.seen_at is 'When it was read (UTC).';

grant select, insert, update, delete on unplaced_scans to ledger_app;
