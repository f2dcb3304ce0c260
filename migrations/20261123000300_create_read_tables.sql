-- What people read of orders. Every row is folded from the events of its order and written in the transaction
-- that appends them; a rebuild fills tables of the same shape from the log. There are no foreign keys: the
-- ledger is the only writer, and a check on every write would buy nothing that the fold does not give.

create table logistics_orders (
  id                    uuid          primary key,
  tenant_id             bigint        not null,
  account_id            uuid          not null,
  version               bigint        not null,
  order_id              bigint,
  shop_order_name       text,
  link_basis            text,
  mintsoft_order_id     bigint        not null,
  mintsoft_order_number text          not null,
  status                text,
  status_id             int,
  courier_service       text,
  courier_service_id    bigint,
  tracking_number       text,
  tracking_url          text,
  dispatched_at         timestamptz,
  estimated_delivery    timestamptz,
  delivered_at          timestamptz,
  num_parcels           int,
  weight                numeric(19,3),
  part                  int           not null,
  number_of_parts       int           not null,
  ordered_at            timestamptz,
  vanished_at           timestamptz,
  withheld_reason       text,
  cancellation          jsonb,
  order_data_json       jsonb         not null,
  search_text           text          not null,
  observed_at           timestamptz   not null,
  observed_via          text          not null,
  created_at            timestamptz   not null,
  updated_at            timestamptz   not null
) with (
  -- Room for new versions of a row beside the old ones: a scan or a comment then touches no index.
  fillfactor = 85,
  autovacuum_vacuum_scale_factor = 0.05,
  autovacuum_analyze_scale_factor = 0.05
);

comment on table logistics_orders is 'One row an order of a Mintsoft account, as its events tell it. It holds no personal data.';
comment on column logistics_orders.id is 'The stream of the order: UUID version 5 of account and Mintsoft order id.';
comment on column logistics_orders.tenant_id is 'Whose order it is.';
comment on column logistics_orders.account_id is 'The Mintsoft account it lives in.';
comment on column logistics_orders.version is 'Number of the last event of the stream that is folded into the row.';
comment on column logistics_orders.order_id is 'The shop order that it fulfils; null while none is linked.';
comment on column logistics_orders.shop_order_name is 'Name of that shop order, as #1001.';
comment on column logistics_orders.link_basis is 'By what the shop order was found: name, order_number, host or manual.';
comment on column logistics_orders.mintsoft_order_id is 'Mintsoft''s number of the order, unique in its account.';
comment on column logistics_orders.mintsoft_order_number is 'The number people know it by; the parts of a split order share it.';
comment on column logistics_orders.status is 'Mintsoft''s name of the status.';
comment on column logistics_orders.status_id is 'Mintsoft''s number of the status.';
comment on column logistics_orders.courier_service is 'Name of the courier''s service.';
comment on column logistics_orders.courier_service_id is 'Mintsoft''s number of that service.';
comment on column logistics_orders.tracking_number is 'The tracking number as Mintsoft has it; several parcels may be joined in it.';
comment on column logistics_orders.tracking_url is 'The courier''s page for the tracking number.';
comment on column logistics_orders.dispatched_at is 'When it left the warehouse (UTC).';
comment on column logistics_orders.estimated_delivery is 'When it should arrive (UTC).';
comment on column logistics_orders.delivered_at is 'When it was delivered (UTC), by a courier''s scan or by Mintsoft''s callback.';
comment on column logistics_orders.num_parcels is 'How many parcels.';
comment on column logistics_orders.weight is 'Weight of all parcels in kilograms.';
comment on column logistics_orders.part is 'Which part of a split order, from 1.';
comment on column logistics_orders.number_of_parts is 'How many parts the order has; 1 when it is whole.';
comment on column logistics_orders.ordered_at is 'When it was placed, by Mintsoft''s order date (UTC).';
comment on column logistics_orders.vanished_at is 'Since when Mintsoft no longer has it (UTC).';
comment on column logistics_orders.withheld_reason is 'Why the order is shown to no tenant; null when it is shown.';
comment on column logistics_orders.cancellation is 'The last cancellation asked for: request_id, state, message, requested_by, requested_at.';
comment on column logistics_orders.order_data_json is 'The rest: external_reference, client_id, items, shipments, details. No personal data.';
comment on column logistics_orders.search_text is 'What a search looks in, in lower case, one a line: numbers, shop order name, tracking number, SKUs.';
comment on column logistics_orders.observed_at is 'When Mintsoft gave the newest answer about the order that left an event (UTC).';
comment on column logistics_orders.observed_via is 'Which source asked for that answer.';
comment on column logistics_orders.created_at is 'When the order was first observed (UTC).';
comment on column logistics_orders.updated_at is 'When what the row shows last changed, by the instants of its events (UTC).';

-- Finding an order by what upstream and people call it.
create unique index logistics_orders_mintsoft_id on logistics_orders (account_id, mintsoft_order_id);
create index logistics_orders_number on logistics_orders (tenant_id, lower(mintsoft_order_number), id);
create index logistics_orders_shop_order on logistics_orders (tenant_id, order_id) where order_id is not null;

-- The list, in each order that it can be sorted by, read forward or backward; what is withheld is in none of them.
create index logistics_orders_updated on logistics_orders (tenant_id, updated_at, id) where withheld_reason is null;
create index logistics_orders_created on logistics_orders (tenant_id, created_at, id) where withheld_reason is null;
create index logistics_orders_ordered on logistics_orders (tenant_id, ordered_at, id) where withheld_reason is null;
create index logistics_orders_dispatched on logistics_orders (tenant_id, dispatched_at, id) where withheld_reason is null;
create index logistics_orders_status on logistics_orders (tenant_id, status, status_id, id) where withheld_reason is null;

create table logistics_order_recipients (
  logistics_order_id uuid   primary key,
  tenant_id          bigint not null,
  version            bigint not null,
  name               text,
  company            text,
  address_lines      text[] not null,
  town               text,
  county             text,
  post_code          text,
  country            text,
  phone              text,
  mobile             text,
  email              text,
  delivery_notes     text,
  comments           text,
  search_text        text   not null
);

comment on table logistics_order_recipients is 'Whom an order goes to: all its personal data, and the only place where it stands open. Erasing a person deletes the row.';
comment on column logistics_order_recipients.logistics_order_id is 'The order.';
comment on column logistics_order_recipients.tenant_id is 'Whose order it is.';
comment on column logistics_order_recipients.version is 'Number of the event that told of this recipient.';
comment on column logistics_order_recipients.name is 'Name of the person.';
comment on column logistics_order_recipients.company is 'The company.';
comment on column logistics_order_recipients.address_lines is 'Street lines, without the empty ones.';
comment on column logistics_order_recipients.town is 'Town or city.';
comment on column logistics_order_recipients.county is 'County, state or department.';
comment on column logistics_order_recipients.post_code is 'Postal code.';
comment on column logistics_order_recipients.country is 'The country, as Mintsoft names it.';
comment on column logistics_order_recipients.phone is 'Telephone number.';
comment on column logistics_order_recipients.mobile is 'Mobile telephone number.';
comment on column logistics_order_recipients.email is 'E-mail address.';
comment on column logistics_order_recipients.delivery_notes is 'What the courier is told.';
comment on column logistics_order_recipients.comments is 'What was written beside the order.';
comment on column logistics_order_recipients.search_text is 'What a search looks in, in lower case, one a line: name and e-mail address.';

create index logistics_order_recipients_tenant on logistics_order_recipients (tenant_id);

create table logistics_tracking_events (
  id                 uuid        primary key,
  tenant_id          bigint      not null,
  logistics_order_id uuid        not null,
  event_status       text,
  event_description  text,
  event_date         timestamptz,
  location           text,
  raw_data_json      jsonb       not null,
  created_at         timestamptz not null
);

comment on table logistics_tracking_events is 'One row a scan by a courier; a row never changes.';
comment on column logistics_tracking_events.id is 'UUID version 5 of the order''s stream and Mintsoft''s number of the event.';
comment on column logistics_tracking_events.tenant_id is 'Whose order it is.';
comment on column logistics_tracking_events.logistics_order_id is 'The order.';
comment on column logistics_tracking_events.event_status is 'Mintsoft''s name of the tracking status.';
comment on column logistics_tracking_events.event_description is 'The courier''s text.';
comment on column logistics_tracking_events.event_date is 'When the courier scanned it (UTC).';
comment on column logistics_tracking_events.location is 'Where it was scanned; Mintsoft tells no place today.';
comment on column logistics_tracking_events.raw_data_json is 'Everything that the scan told.';
comment on column logistics_tracking_events.created_at is 'When Mintsoft gave the answer it was read from (UTC).';

create index logistics_tracking_events_order on logistics_tracking_events (logistics_order_id, event_date);

grant select, insert, update on logistics_orders to ledger_app;
grant select, insert, update, delete on logistics_order_recipients to ledger_app;
grant select, insert on logistics_tracking_events to ledger_app;
