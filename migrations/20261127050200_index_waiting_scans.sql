-- Scans that waited too long are found by their age, and those of a person that is erased by the order, or by its shipments.
create index unplaced_scans_seen on unplaced_scans (seen_at);
create index unplaced_scans_order on unplaced_scans (account_id, mintsoft_order_id) where mintsoft_order_id is not null;
create index known_shipments_order on known_shipments (account_id, mintsoft_order_id);
