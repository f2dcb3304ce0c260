-- A dismissal takes an assignment back by which nothing was taken in yet.
comment on column parked_orders.assigned_tenant_id is 'The tenant that an operator gave the order to; holds against every later reading, and is not changed once the order is taken in. Null: nobody decided, or the decision was taken back.';
