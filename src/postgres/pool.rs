//! Pools of connections: the service's, under the role `ledger_app`, the reader's, under `ledger_reader`, and the
//! owner's, for migrations.

use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::{Connection, Executor as _, PgPool};

use super::DatabaseError;
use super::silence::in_time;

/// A connection that lay idle this long is asked for a sign of life before it is used again. A busy pool
/// thereby saves a round trip a statement, and a server that was restarted is still noticed.
pub(super) const DOUBTFUL_AFTER: Duration = Duration::from_secs(5);

/// How long [`ping`] waits for its answer.
const PING_TIMEOUT: Duration = Duration::from_secs(2);

/// The bounds of a pool and of what its connections may do.
#[derive(Clone, Debug)]
pub struct PoolSettings {
    /// The most connections that the pool opens.
    pub max_connections: u32,
    /// How long a caller waits for a free connection before it is told that the database is away.
    pub acquire_timeout: Duration,
    /// The longest that one statement may run under `ledger_app`.
    pub statement_timeout: Duration,
    /// The longest that a statement may wait for a lock under `ledger_app`.
    pub lock_timeout: Duration,
    /// The longest that an open transaction may lie idle under `ledger_app`.
    pub idle_in_transaction_timeout: Duration,
    /// The name that the server shows for these connections.
    pub application_name: String,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            max_connections: 24,
            acquire_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(30),
            lock_timeout: Duration::from_secs(10),
            idle_in_transaction_timeout: Duration::from_mins(1),
            application_name: "logistics-ledger".to_owned(),
        }
    }
}

/// Opens the service's pool: every connection works under the role `ledger_app`, with its time limits.
pub async fn connect(url: &str, settings: &PoolSettings) -> Result<PgPool, DatabaseError> {
    under(SessionRole::Service, settings)
        .connect_with(options(url, settings)?)
        .await
        .map_err(DatabaseError::Connect)
}

/// A pool on the same database as another, with as many connections and the same patience, under a role of its own. It
/// opens its connections when they are asked for.
pub(super) fn beside(pool: &PgPool, role: SessionRole, limits: &PoolSettings) -> PgPool {
    let settings = PoolSettings {
        max_connections: pool.options().get_max_connections(),
        acquire_timeout: pool.options().get_acquire_timeout(),
        ..limits.clone()
    };
    under(role, &settings).connect_lazy_with(pool.connect_options().as_ref().clone())
}

/// What a session works as.
#[derive(Clone, Copy, Debug)]
pub(super) enum SessionRole {
    /// The service: every tenant's rows.
    Service,
    /// A reader: nothing but reading, and one tenant at a time.
    Reader,
}

impl SessionRole {
    const fn name(self) -> &'static str {
        match self {
            Self::Service => "ledger_app",
            Self::Reader => "ledger_reader",
        }
    }

    const fn read_only(self) -> &'static str {
        match self {
            Self::Service => "off",
            Self::Reader => "on",
        }
    }

    const fn plan_cache_mode(self) -> &'static str {
        match self {
            Self::Service => "auto",
            Self::Reader => "force_generic_plan",
        }
    }
}

/// Ends a transaction of whose beginning nobody waited for the answer, so that nobody knows of it; else it does nothing, and warns of
/// nothing.
const END_UNKNOWN_TRANSACTION: &str = "begin; rollback";

/// A pool whose every session takes the role and its limits before anything else is done with it.
fn under(role: SessionRole, settings: &PoolSettings) -> PgPoolOptions {
    let limits = SessionLimits {
        statement: milliseconds(settings.statement_timeout),
        lock: milliseconds(settings.lock_timeout),
        idle_in_transaction: milliseconds(settings.idle_in_transaction_timeout),
    };
    let bounded = match role {
        SessionRole::Service => bounded(settings),
        // Seldom more than a connection whose reader broke off comes back here: the others are kept at hand.
        SessionRole::Reader => bounded(settings).after_release(|connection, _| {
            Box::pin(async move { connection.execute(END_UNKNOWN_TRANSACTION).await.map(|_| true) })
        }),
    };
    bounded.after_connect(move |connection, _| {
        let limits = limits.clone();
        Box::pin(async move {
            sqlx::query(
                "select set_config('role', $1, false), \
                        set_config('default_transaction_read_only', $2, false), \
                        set_config('statement_timeout', $3, false), \
                        set_config('lock_timeout', $4, false), \
                        set_config('idle_in_transaction_session_timeout', $5, false), \
                        set_config('plan_cache_mode', $6, false), \
                        set_config('jit', 'off', false), \
                        set_config('max_parallel_workers_per_gather', '0', false)",
            )
            .bind(role.name())
            .bind(role.read_only())
            .bind(limits.statement)
            .bind(limits.lock)
            .bind(limits.idle_in_transaction)
            // A reader's statements are put together so that one plan is right for all values; to plan costs more than
            // most of them. None is worth a compiler or more processes.
            .bind(role.plan_cache_mode())
            .execute(connection)
            .await
            .map(drop)
        })
    })
}

/// Opens a small pool as the connecting user, the owner of the tables: for migrations and nothing else.
/// Its statements have no time limit, whatever the server gives others, since a migration may take as long as it must.
pub async fn connect_as_owner(url: &str, settings: &PoolSettings) -> Result<PgPool, DatabaseError> {
    bounded(settings)
        .max_connections(settings.max_connections.min(2))
        .after_connect(|connection, _| {
            // By name from what the server knows: not every version has all of them.
            let unlimited = "select set_config(name, '0', false) from pg_settings where name in ('statement_timeout', \
                             'lock_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout')";
            Box::pin(async move { sqlx::query(unlimited).execute(connection).await.map(drop) })
        })
        .connect_with(options(url, settings)?)
        .await
        .map_err(DatabaseError::Connect)
}

/// Asks the database for a sign of life, for readiness: an answer within two seconds or an error.
pub async fn ping(pool: &PgPool) -> Result<(), DatabaseError> {
    answered(async { sqlx::query("select 1").execute(pool).await.map(drop) }).await
}

/// The answer to a question for a sign of life, if it comes in time.
pub(super) async fn answered(asked: impl Future<Output = sqlx::Result<()>>) -> Result<(), DatabaseError> {
    match tokio::time::timeout(PING_TIMEOUT, asked).await {
        Ok(answer) => answer.map_err(DatabaseError::Connect),
        Err(_) => Err(DatabaseError::Silent { seconds: PING_TIMEOUT.as_secs() }),
    }
}

/// How many connections of a pool there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Usage {
    /// At work, or being opened.
    pub used: u32,
    /// Open and free.
    pub idle: u32,
    /// The most that there may be.
    pub max: u32,
}

/// How many connections of the pool there are now.
pub fn usage(pool: &PgPool) -> Usage {
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    Usage { used: pool.size().saturating_sub(idle), idle, max: pool.options().get_max_connections() }
}

#[derive(Clone)]
struct SessionLimits {
    statement: String,
    lock: String,
    idle_in_transaction: String,
}

fn milliseconds(limit: Duration) -> String {
    format!("{}ms", limit.as_millis())
}

fn bounded(settings: &PoolSettings) -> PgPoolOptions {
    PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for >= DOUBTFUL_AFTER {
                    // One that is dead may not take all the time that there is for another.
                    in_time(PING_TIMEOUT, connection.ping()).await?;
                }
                Ok(true)
            })
        })
}

fn options(url: &str, settings: &PoolSettings) -> Result<PgConnectOptions, DatabaseError> {
    let scheme = url.split_once("://").map(|(scheme, _)| scheme.to_ascii_lowercase());
    if !matches!(scheme.as_deref(), Some("postgres" | "postgresql")) {
        let why = "it does not begin with postgres://";
        return Err(DatabaseError::BadUrl(sqlx::Error::Configuration(why.into())));
    }
    let options: PgConnectOptions = url.parse().map_err(DatabaseError::BadUrl)?;
    Ok(options.application_name(&settings.application_name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_another_kind_of_database_is_refused() {
        let settings = PoolSettings::default();
        for good in ["postgres://db/ledger", "postgresql://db/ledger", "POSTGRES://db/ledger"] {
            assert!(options(good, &settings).is_ok(), "{good}");
        }
        for bad in ["", "ledger", "mysql://db/ledger", "db:5432/ledger"] {
            assert!(matches!(options(bad, &settings), Err(DatabaseError::BadUrl(_))), "{bad}");
        }
    }

    #[tokio::test]
    async fn an_unreadable_url_is_told_without_its_password() {
        let refusal = connect("postgres://ledger:hunter2@host:notaport/x", &PoolSettings::default()).await;
        let told = format!("{:#}", anyhow::Error::from(refusal.unwrap_err()));
        assert!(told.contains("DATABASE_URL"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}
