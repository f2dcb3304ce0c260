//! The hashes of subtrees that are stored, for whoever holds them against others.

use std::collections::HashMap;

use logistics_projections::TenantScope;
use logistics_projections::event_log::LeafHash;
use sqlx::PgExecutor;

use super::tree::{Hash, Node};

/// What is stored of these nodes.
pub(super) async fn stored_subtrees(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    nodes: &[(Node, Hash)],
) -> sqlx::Result<HashMap<(u32, u64), Hash>> {
    let levels: Vec<i16> = nodes.iter().filter_map(|(node, _)| node.level.try_into().ok()).collect();
    let numbers: Vec<i64> = nodes.iter().map(|(node, _)| node.index.cast_signed()).collect();
    let rows: Vec<(i16, i64, LeafHash)> = sqlx::query_as(
        "select s.level, s.index, s.hash \
         from unnest($2::smallint[], $3::bigint[]) as wanted(level, index) \
         join audit_subtrees s on s.tenant_id = $1 and s.level = wanted.level and s.index = wanted.index",
    )
    .bind(scope.tenant().0)
    .bind(levels)
    .bind(numbers)
    .fetch_all(executor)
    .await?;
    let keyed = |(level, index, hash): (i16, i64, Hash)| {
        ((u32::from(level.cast_unsigned()), index.cast_unsigned()), hash)
    };
    Ok(rows.into_iter().map(keyed).collect())
}
