//! The zones by which the shadow is counted, and which of them moved on meanwhile. A zone that changes and changes back
//! leaves orders among another zone's days, so every look counts, not the last one alone.

use std::collections::{BTreeSet, HashMap};

use sqlx::PgConnection;

/// What was seen of the tenants' zones since the shadow was counted.
#[derive(Default)]
pub(super) struct Zones {
    counted_by: HashMap<i64, String>,
    changed: BTreeSet<i64>,
}

impl Zones {
    /// Those by which the shadow is counted in this snapshot.
    pub(super) async fn of(connection: &mut PgConnection) -> sqlx::Result<Self> {
        Ok(Self { counted_by: zones(connection).await?, changed: BTreeSet::new() })
    }

    /// Notes whose zone is another now. Asked in every snapshot in which the shadow is written.
    pub(super) async fn look(&mut self, connection: &mut PgConnection) -> sqlx::Result<()> {
        let now = zones(connection).await?;
        let changed = now.into_iter().filter(|(tenant, zone)| self.counted_by.get(tenant) != Some(zone));
        self.changed.extend(changed.map(|(tenant, _)| tenant));
        Ok(())
    }

    /// The tenants whose zone was another at any look.
    pub(super) const fn changed(&self) -> &BTreeSet<i64> {
        &self.changed
    }
}

async fn zones(connection: &mut PgConnection) -> sqlx::Result<HashMap<i64, String>> {
    let zones: Vec<(i64, String)> =
        sqlx::query_as("select id, timezone from tenants").fetch_all(connection).await?;
    Ok(zones.into_iter().collect())
}
