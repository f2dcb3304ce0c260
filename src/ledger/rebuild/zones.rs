//! The zones by which the shadow is counted, and which of them moved on meanwhile. A zone that changes and changes back
//! leaves orders among another zone's days, so every look counts, not the last one alone.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;

/// What was seen of the tenants' zones since the shadow was counted.
#[derive(Clone, Default)]
pub(super) struct Zones {
    counted_by: HashMap<i64, String>,
    /// As they were at the last look.
    seen: HashMap<i64, String>,
    changed: BTreeSet<i64>,
}

impl Zones {
    /// Those by which the shadow is counted in this snapshot.
    pub(super) async fn of(connection: &mut PgConnection) -> sqlx::Result<Self> {
        let seen = zones(connection).await?;
        Ok(Self { counted_by: seen.clone(), seen, changed: BTreeSet::new() })
    }

    /// Notes whose zone is another now. Asked in every snapshot in which the shadow is written.
    pub(super) async fn look(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        self.seen = zones(connection).await?;
        let changed = self.seen.iter().filter(|(tenant, zone)| self.counted_by.get(tenant) != Some(zone));
        self.changed.extend(changed.map(|(tenant, _)| *tenant));
        Ok(())
    }

    /// The tenants whose zone was another at any look since they were counted.
    pub(super) const fn changed(&self) -> &BTreeSet<i64> {
        &self.changed
    }

    /// Notes that these are counted by the zones of the last look, in the snapshot that it was made in.
    pub(super) fn counted(&mut self) {
        self.changed.clear();
        self.counted_by.clone_from(&self.seen);
    }
}

async fn zones(connection: &mut PgConnection) -> sqlx::Result<HashMap<i64, String>> {
    let zones: Vec<(i64, String)> =
        sqlx::query_as("select id, timezone from tenants").fetch_all(connection).await?;
    Ok(zones.into_iter().collect())
}
