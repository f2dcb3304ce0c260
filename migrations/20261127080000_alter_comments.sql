-- What these tables and columns hold is told as it is done today.
comment on column schedules.name is 'The name of the schedule: poll/<account>, recheck/<account>, or overdue.';
comment on column sync_runs.requested_by is 'schedule, or who asked: key:<id>, user:<id>, operator.';
comment on column logistics_orders.delivered_at is 'When it was delivered (UTC), by a courier''s scan or by Mintsoft''s callback; null where a later scan refutes that.';
comment on table unplaced_scans is 'Courier scans of orders that have no owner yet, whose shipment is not known to belong to any, or that their order would not take; recorded once that is settled, forgotten after 90 days.';
