//! THE write path: the event store over postgres-es, the group commit, and the page of observations.
