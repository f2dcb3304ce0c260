//! `/metrics`: how the service fares, in the text that Prometheus reads. Whoever has the token may read it; where none is
//! set, only this machine, and not through a proxy on it; and where the service has a public address, nobody. Besides what is counted as it happens, it looks up what only
//! the database knows: the backlog, the lag of polls, how far each ledger has come.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

use super::gate::Gate;
use super::limits::peer;
use super::problem::Problem;
use crate::inbox::dead_letters::waiting_letters;
use crate::telemetry::{self, Readings};
use crate::{jobs, ledger, sync};

/// What a proxy adds to a request that it passes on.
const PASSED_ON: [&str; 3] = ["forwarded", "x-forwarded-for", "x-real-ip"];

/// Who may read the metrics.
#[derive(Clone, Debug)]
pub enum MetricsAccess {
    /// Whoever asks from the machine that the service runs on, directly.
    ThisMachine,
    /// Nobody: there is a proxy before the service, which looks like this machine and need not say that it is one.
    Nobody,
    /// Whoever sends this token as `Authorization: Bearer …`.
    Bearer(Zeroizing<String>),
}

impl MetricsAccess {
    fn check(&self, request: &Request) -> Result<(), Problem> {
        match self {
            Self::ThisMachine => {
                let passed_on = PASSED_ON.iter().any(|name| request.headers().contains_key(*name));
                if !passed_on && peer(request.extensions()).is_some_and(|address| address.is_loopback()) {
                    return Ok(());
                }
                let told = "the metrics are read on this machine alone; set LEDGER_METRICS_TOKEN to read them from elsewhere";
                Err(Problem::of(StatusCode::FORBIDDEN, "metrics_local_only", told))
            }
            Self::Nobody => {
                let told = "a service with a public address shows its metrics to who has the token; set LEDGER_METRICS_TOKEN";
                Err(Problem::of(StatusCode::FORBIDDEN, "metrics_token_unset", told))
            }
            Self::Bearer(token) => {
                // Compared as digests, so that neither content nor length shows in the time it takes.
                let digest = |text: &str| Sha256::digest(text.as_bytes());
                let given = bearer(request.headers()).unwrap_or_default();
                if bool::from(digest(given).ct_eq(&digest(token))) {
                    return Ok(());
                }
                let told = "send the metrics token as `Authorization: Bearer`";
                Err(Problem::of(StatusCode::UNAUTHORIZED, "metrics_token_invalid", told)
                    .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer")))
            }
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// The page.
pub(super) fn router(gate: &Gate) -> Router {
    Router::new().route("/metrics", get(show)).with_state(gate.clone())
}

async fn show(State(gate): State<Gate>, request: Request) -> Result<Response, Problem> {
    gate.metrics.check(&request)?;
    let mut readings = Readings::default();
    pools(&gate, &mut readings);
    // What can be had without the database is told without it, too: that is when it is looked at.
    let up = match database(&gate, &mut readings).await {
        Ok(()) => 1.0,
        Err(error) => {
            tracing::warn!(%error, "the database could not be asked for its metrics");
            0.0
        }
    };
    readings.gauge("ledger_database_up", "Whether the database answers", [(vec![], up)]);
    let text = telemetry::measured() + &readings.into_text();
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(header::CONTENT_TYPE, kind)], text).into_response())
}

fn pools(gate: &Gate, readings: &mut Readings) {
    let mut values = Vec::new();
    for (name, usage) in [("service", crate::postgres::usage(&gate.pool)), ("reader", gate.reader.usage())] {
        for (state, count) in [("used", usage.used), ("idle", usage.idle), ("max", usage.max)] {
            values.push((vec![("pool", name.to_owned()), ("state", state.to_owned())], f64::from(count)));
        }
    }
    readings.gauge("ledger_pool_connections", "Connections to the database", values);
}

#[expect(clippy::cast_precision_loss, reason = "a metric is a number of some digits")]
async fn database(gate: &Gate, readings: &mut Readings) -> sqlx::Result<()> {
    let now = gate.clock.now();
    let backlog = jobs::workload(&gate.pool, now).await?;
    let of_kind = |kind: &str, state: &str| vec![("kind", kind.to_owned()), ("state", state.to_owned())];
    readings.gauge(
        "ledger_jobs",
        "Jobs that wait for their time, are due, run, or were given up, dismissed or not",
        backlog.iter().map(|one| (of_kind(&one.kind, &one.state), one.count as f64)),
    );
    readings.gauge(
        "ledger_jobs_overdue_seconds",
        "For how long the oldest due job has been due",
        backlog.iter().filter_map(|one| {
            Some((vec![("kind", one.kind.clone())], one.overdue_seconds.filter(|_| one.state == "due")?))
        }),
    );
    let letters = waiting_letters(&gate.pool).await?;
    readings.gauge(
        "ledger_dead_letters",
        "Deliveries and jobs that were given up and wait for a person",
        letters.into_iter().map(|(kind, count)| (vec![("kind", kind)], count as f64)),
    );
    let lags = sync::poll_lags(&gate.pool, now).await?;
    readings.gauge(
        "ledger_poll_lag_seconds",
        "How long ago a poll of the account last ended well; since it was configured where none has",
        lags.into_iter().map(|(account, seconds)| (vec![("account", account.to_string())], seconds)),
    );
    let heads = ledger::heads(&gate.pool).await?;
    readings.gauge(
        "ledger_events",
        "How many events a tenant's ledger holds",
        heads.into_iter().map(|(tenant, events)| (vec![("tenant", tenant.to_string())], events as f64)),
    );
    Ok(())
}

/// Notes how a request was answered.
pub(super) async fn observe(request: Request, next: axum::middleware::Next) -> Response {
    let begun = tokio::time::Instant::now();
    let route = request.extensions().get::<axum::extract::MatchedPath>().cloned();
    // Anybody may invent a method; only those that exist are counted by name.
    let method = match request.method().as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    };
    let response = next.run(request).await;
    let route = route.as_ref().map_or("none", axum::extract::MatchedPath::as_str);
    telemetry::meters::answered(route, method, response.status().as_u16(), begun.elapsed());
    response
}
