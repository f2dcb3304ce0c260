//! The names behind `user:<id>` and `key:<id>`, as others read them in histories.

use std::collections::HashMap;

use sqlx::PgPool;
use uuid::Uuid;

/// The names of people and programs among these ids, each by what events call it. Whoever has no name is left out: an
/// address is for those who look after access.
pub async fn names_of(pool: &PgPool, ids: &[Uuid]) -> sqlx::Result<HashMap<String, String>> {
    let found: Vec<(String, String)> = sqlx::query_as(
        "select 'user:' || id, name from people where id = any($1) and name <> ''
         union all select 'key:' || id, label from api_keys where id = any($1) and label <> ''",
    )
    .bind(ids)
    .fetch_all(pool)
    .await?;
    Ok(found.into_iter().collect())
}
