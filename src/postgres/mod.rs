//! The database: the pool, the migrations, and a private PostgreSQL server where none is given.
