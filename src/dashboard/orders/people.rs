//! Who stands behind `user:<id>` and `key:<id>` in histories, by the names that others read.

use std::collections::HashMap;

use sqlx::PgPool;
use uuid::Uuid;

use crate::access::names_of;
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
        Ok(Self { names: names_of(pool, &ids).await?, words })
    }

    /// What an actor is called inside a sentence: names as they are, the words for whoever has none in small letters.
    pub(super) fn name_inside(&self, actor: &str) -> String {
        if let Some(name) = self.names.get(actor) {
            return name.clone();
        }
        let told = self.name(actor);
        let mut letters = told.chars();
        letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::Language;

    #[test]
    fn inside_a_sentence_words_begin_small_and_names_stay() {
        let names = HashMap::from([("user:1".to_owned(), "Rosa Quispe".to_owned())]);
        let people = People { names, words: Words::of(Language::Spanish) };
        assert_eq!(people.name_inside("user:1"), "Rosa Quispe");
        assert_eq!(people.name_inside("user:2"), "una persona");
        assert_eq!(people.name_inside("key:1"), "un programa con clave");
        assert_eq!(people.name("key:1"), "Un programa con clave");
    }
}
