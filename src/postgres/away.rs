//! Which failures tell that the database is not there just now, and nothing of what was asked.

/// Whether the database is out of reach, or shutting down, rather than refusing what was asked.
pub(crate) fn is_away(error: &sqlx::Error) -> bool {
    /// SQLSTATE classes: connection, resources, operator's intervention, and a lock not had in time.
    const PASSING: [&str; 4] = ["08", "53", "57", "55P03"];
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed
        | sqlx::Error::Protocol(_) => true,
        sqlx::Error::Database(told) => {
            told.code().is_some_and(|code| PASSING.iter().any(|class| code.starts_with(class)))
        }
        _ => false,
    }
}
