//! Who follows what in this process: a feed for each tenant that is followed, seats up to the limits, and one listener
//! that rings the feeds when their ledger grows.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError};

use logistics_domain::TenantId;
use logistics_projections::TenantScope;
use sqlx::postgres::PgListener;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::LiveSettings;
use super::feed::Feed;
use crate::api::Gate;
use crate::telemetry::meters::Follower;

/// The channel that the ledger notifies of each commit, with the tenant's number.
const CHANNEL: &str = "ledger";

/// What followers are served with. Cloning shares it.
#[derive(Clone)]
pub struct Live {
    pub(super) gate: Gate,
    pub(super) settings: LiveSettings,
    pub(super) stopping: CancellationToken,
    pub(super) tasks: TaskTracker,
    followed: Arc<Followed>,
    listening: Arc<Once>,
}

/// The tenants that are followed.
#[derive(Default)]
struct Followed(Mutex<HashMap<TenantId, Tenant>>);

struct Tenant {
    feed: Arc<Feed>,
    followers: usize,
    reading: CancellationToken,
}

/// Why there is no seat.
#[derive(Debug)]
pub(super) enum NoSeat {
    /// The tenant's followers, or all of them together, are as many as may be.
    Full,
    /// The log cannot be read.
    Database(sqlx::Error),
}

/// A follower's place; the last one that leaves a tenant ends the reading of its log.
pub(super) struct Seat {
    feed: Arc<Feed>,
    /// Taken before anything is sent.
    replaced: CancellationToken,
    tenant: TenantId,
    followed: Arc<Followed>,
    _counted: Follower,
}

impl Live {
    /// Followers are let go once `stopping` is cancelled; `tasks` ends when all are gone. Nothing listens before the first
    /// of them comes.
    pub fn over(
        gate: &Gate,
        settings: LiveSettings,
        stopping: CancellationToken,
        tasks: TaskTracker,
    ) -> Self {
        let (followed, listening) = (Arc::default(), Arc::new(Once::new()));
        Self { gate: gate.clone(), settings, stopping, tasks, followed, listening }
    }

    /// Takes a seat among a tenant's followers.
    pub(super) async fn seat(&self, scope: TenantScope) -> Result<Seat, NoSeat> {
        self.listening.call_once(|| drop(self.tasks.spawn(listen(self.clone()))));
        if let Some(seat) = self.take(scope.tenant(), None)? {
            return Ok(seat);
        }
        let feed = Feed::open(self.gate.reader.clone(), scope).await.map_err(NoSeat::Database)?;
        self.take(scope.tenant(), Some(feed))?.ok_or(NoSeat::Full)
    }

    /// A seat at the feed that is there already, else at this one; none where there is neither.
    fn take(&self, tenant: TenantId, opened: Option<Feed>) -> Result<Option<Seat>, NoSeat> {
        let mut tenants = self.followed.lock();
        let all: usize = tenants.values().map(|tenant| tenant.followers).sum();
        if all >= self.settings.followers_max {
            return Err(NoSeat::Full);
        }
        if let Some(feed) = opened.filter(|_| !tenants.contains_key(&tenant)) {
            let (feed, reading) = (Arc::new(feed), self.stopping.child_token());
            let (read, tick, stopped) = (Arc::clone(&feed), self.settings.tick, reading.clone());
            self.tasks.spawn(async move { read.keep_reading(tick, stopped).await });
            tenants.insert(tenant, Tenant { feed, followers: 0, reading });
        }
        let Some(followed) = tenants.get_mut(&tenant) else { return Ok(None) };
        if followed.followers >= self.settings.followers_per_tenant_max {
            return Err(NoSeat::Full);
        }
        followed.followers += 1;
        Ok(Some(Seat {
            feed: Arc::clone(&followed.feed),
            replaced: followed.feed.replaced(),
            tenant,
            followed: Arc::clone(&self.followed),
            _counted: Follower::begin(),
        }))
    }

    fn ring(&self, tenant: &str) {
        if let Ok(id) = tenant.parse()
            && let Some(followed) = self.followed.lock().get(&TenantId(id))
        {
            followed.feed.ring();
        }
    }

    fn ring_all(&self) {
        self.followed.lock().values().for_each(|followed| followed.feed.ring());
    }
}

impl Followed {
    fn lock(&self) -> MutexGuard<'_, HashMap<TenantId, Tenant>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seat {
    pub(super) const fn feed(&self) -> &Arc<Feed> {
        &self.feed
    }

    /// Cancelled once it turns out that the tenant's ledger is another one than when the seat was taken.
    pub(super) const fn replaced(&self) -> &CancellationToken {
        &self.replaced
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut tenants = self.followed.lock();
        let Some(followed) = tenants.get_mut(&self.tenant) else { return };
        followed.followers -= 1;
        if followed.followers == 0 {
            followed.reading.cancel();
            tenants.remove(&self.tenant);
        }
    }
}

/// Listens until the end, anew when the database went away.
async fn listen(live: Live) {
    let mut is_away = false;
    while !live.stopping.is_cancelled() {
        let error = tokio::select! {
            error = pass_on(&live, &mut is_away) => error,
            () = live.stopping.cancelled() => return,
        };
        if !std::mem::replace(&mut is_away, true) {
            tracing::warn!(%error, "commits are not heard of for now; followers are served by the slow tick");
        }
        tokio::select! {
            () = sleep(live.settings.tick) => {}
            () = live.stopping.cancelled() => {}
        }
    }
}

/// Rings feeds until the connection fails for good.
async fn pass_on(live: &Live, is_away: &mut bool) -> sqlx::Error {
    let mut listener = match PgListener::connect_with(&live.gate.pool).await {
        Ok(listener) => listener,
        Err(error) => return error,
    };
    if let Err(error) = listener.listen(CHANNEL).await {
        return error;
    }
    loop {
        // Whatever was committed before this moment was not heard.
        *is_away = false;
        live.ring_all();
        loop {
            match listener.try_recv().await {
                Ok(Some(told)) => live.ring(told.payload()),
                Ok(None) => break,
                Err(error) => return error,
            }
        }
    }
}
