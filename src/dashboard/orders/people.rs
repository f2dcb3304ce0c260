//! Who stands behind `user:<id>` and `key:<id>` in histories, by the names that others read.

use std::collections::HashMap;

use sqlx::PgPool;
use uuid::Uuid;

use crate::words::Words;

/// Names by what events call them.
pub(super) struct People {
    names: HashMap<String, String>,
    words: Words,
}

impl People {
    /// The people and programs among these; whoever is not found is told as such.
    pub(super) async fn among(pool: &PgPool, words: Words, actors: Vec<&str>) -> sqlx::Result<Self> {
        let ids: Vec<Uuid> =
            actors.iter().filter_map(|actor| actor.split_once(':')?.1.parse().ok()).collect();
        if ids.is_empty() {
            return Ok(Self { names: HashMap::new(), words });
        }
        let found: Vec<(String, String)> = sqlx::query_as(
            "select 'user:' || id, coalesce(nullif(name, ''), email) from people where id = any($1)
             union all select 'key:' || id, label from api_keys where id = any($1) and label <> ''",
        )
        .bind(&ids)
        .fetch_all(pool)
        .await?;
        Ok(Self { names: found.into_iter().collect(), words })
    }

    /// What an actor is called.
    pub(super) fn name(&self, actor: &str) -> String {
        if let Some(name) = self.names.get(actor) {
            return name.clone();
        }
        match actor.split_once(':') {
            Some(("user", _)) => self.words.actor_person(),
            Some(("key", _)) => self.words.actor_program(),
            _ => self.words.actor_ledger(),
        }
    }
}
