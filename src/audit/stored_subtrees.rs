//! The hashes of subtrees that are stored, for whoever holds them against others.

use std::collections::HashMap;

use logistics_projections::TenantScope;
use sqlx::PgExecutor;

use super::tree::{Hash, Node, empty_root};

/// What is stored of these nodes. What is no hash is told as that of an empty log, which no subtree has.
pub(super) async fn stored_subtrees(
    executor: impl PgExecutor<'_>,
    scope: &TenantScope,
    nodes: &[(Node, Hash)],
) -> sqlx::Result<HashMap<(u32, u64), Hash>> {
    let levels: Vec<i16> = nodes.iter().filter_map(|(node, _)| node.level.try_into().ok()).collect();
    let numbers: Vec<i64> = nodes.iter().map(|(node, _)| node.index.cast_signed()).collect();
    let rows: Vec<(i16, i64, Vec<u8>)> = sqlx::query_as(
        "select s.level, s.index, coalesce(s.hash, '') \
         from unnest($2::smallint[], $3::bigint[]) as wanted(level, index) \
         join audit_subtrees s on s.tenant_id = $1 and s.level = wanted.level and s.index = wanted.index",
    )
    .bind(scope.tenant().0)
    .bind(levels)
    .bind(numbers)
    .fetch_all(executor)
    .await?;
    let keyed = |(level, index, hash): (i16, i64, Vec<u8>)| {
        let hash = hash.try_into().unwrap_or_else(|_| empty_root());
        ((u32::from(level.cast_unsigned()), index.cast_unsigned()), hash)
    };
    Ok(rows.into_iter().map(keyed).collect())
}
