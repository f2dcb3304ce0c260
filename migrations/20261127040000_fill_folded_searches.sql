-- Searches compare letters without their accents since this version. What was kept before, in lower case, is made alike; numbers and
-- most names have nothing but ASCII, and are left alone. The service makes new texts itself (projections, orders/search/folded.rs).

create function pg_temp.folded(content text) returns text language sql immutable as $$
  select translate(regexp_replace(normalize(content, NFKD), '[\u0300-\u036f]', '', 'g'), 'ς', 'σ')
$$;

update logistics_orders set search_text = pg_temp.folded(search_text)
where search_text ~ '[^\u0001-\u007f]' and search_text <> pg_temp.folded(search_text);
update logistics_order_searches set search_text = pg_temp.folded(search_text)
where search_text ~ '[^\u0001-\u007f]' and search_text <> pg_temp.folded(search_text);
update logistics_order_recipients set search_text = pg_temp.folded(search_text)
where search_text ~ '[^\u0001-\u007f]' and search_text <> pg_temp.folded(search_text);

drop function pg_temp.folded(text);

comment on column logistics_orders.search_text is 'What a search looks in, as searches compare letters (small, without accents), one a line: numbers, shop order name, tracking number, SKUs.';
comment on column logistics_order_recipients.search_text is 'What a search looks in, as searches compare letters (small, without accents), one a line: name and e-mail address.';
