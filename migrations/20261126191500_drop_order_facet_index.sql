-- Only lists by the status walked it, since orders of one status stood by their ids. They stand by when they were first observed now,
-- along logistics_orders_facet_created, so that a commit has one index less to write. Lists by status of a former release that still
-- runs are right without it, and slower.
drop index logistics_orders_facet_id;
