//! The text of an upsert that takes a column as an array, so that one statement writes many rows, and the binding of columns.

use std::fmt::Write as _;

use serde::Serialize;
use sqlx::postgres::{PgArguments, PgHasArrayType};
use sqlx::query::Query;
use sqlx::{Encode, Postgres, Type};

/// A statement that columns of rows are bound to.
pub struct Binder<'q> {
    query: Query<'q, Postgres, PgArguments>,
    as_values: bool,
}

impl<'q> Binder<'q> {
    /// For a statement that takes each column as an array.
    pub const fn of_arrays(query: Query<'q, Postgres, PgArguments>) -> Self {
        Self { query, as_values: false }
    }

    /// For a statement that takes one row, and of each column its only value as it is.
    pub const fn of_one_row(query: Query<'q, Postgres, PgArguments>) -> Self {
        Self { query, as_values: true }
    }

    /// Binds the next column.
    #[must_use]
    pub fn bind<T>(mut self, column: &'q [T]) -> Self
    where
        T: Encode<'q, Postgres> + Type<Postgres> + PgHasArrayType,
    {
        self.query = match column {
            [value] if self.as_values => self.query.bind(value),
            values => self.query.bind(values),
        };
        self
    }

    /// The statement, once all is bound.
    pub fn done(self) -> Query<'q, Postgres, PgArguments> {
        self.query
    }
}

/// A column of a read table as it arrives in an upsert.
pub(crate) struct Column {
    name: &'static str,
    array_type: &'static str,
    /// What is inserted, where that is not the array's element itself.
    expression: Option<&'static str>,
}

impl Column {
    /// A column whose array holds its values.
    pub(crate) const fn plain(name: &'static str, array_type: &'static str) -> Self {
        Self { name, array_type, expression: None }
    }

    /// A column that is computed from the element of its array.
    pub(crate) const fn computed(
        name: &'static str,
        array_type: &'static str,
        expression: &'static str,
    ) -> Self {
        Self { name, array_type, expression: Some(expression) }
    }
}

/// What happens to a row that is there already.
pub(crate) enum Held {
    /// It stays, but for columns that give way where this holds of the two.
    Yields {
        /// The columns.
        columns: &'static [&'static str],
        /// When, of the row that is `held` and the one that is `excluded`.
        condition: &'static str,
    },
    /// It gives way to a row of a later version.
    YieldsToLater,
}

/// `insert into table … select … from unnest(…)`, its parameters numbered from `first_param`, one a column.
/// The first column is the key.
pub(crate) fn upsert(table: &str, columns: &[Column], first_param: usize, held: &Held) -> String {
    let names = listed(columns, |column| column.name.to_owned());
    let selected = listed(columns, |column| {
        column.expression.map_or_else(|| format!("given.{}", column.name), Into::into)
    });
    let mut param = first_param..;
    let arrays =
        listed(columns, |column| format!("${}::{}[]", param.next().unwrap_or_default(), column.array_type));
    let key = columns[0].name;
    let mut sql = format!(
        "insert into {table} as held ({names}) select {selected} from unnest({arrays}) as given({names}) \
         on conflict ({key}) do "
    );
    match held {
        Held::Yields { columns, condition } => {
            let replaced: Vec<String> =
                columns.iter().map(|name| format!("{name} = excluded.{name}")).collect();
            let _infallible = write!(sql, "update set {} where {condition}", replaced.join(", "));
        }
        Held::YieldsToLater => {
            let replaced = listed(&columns[1..], |column| format!("{0} = excluded.{0}", column.name));
            let _infallible = write!(sql, "update set {replaced} where held.version < excluded.version");
        }
    }
    sql
}

fn listed(columns: &[Column], text: impl FnMut(&Column) -> String) -> String {
    columns.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// The JSON of a value of this crate or the domain.
pub(crate) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("plain structs of text and numbers always have a JSON form")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_numbered_from_where_the_statement_has_room() {
        let columns = [Column::plain("id", "uuid"), Column::computed("mass", "bigint", "given.mass / 2")];
        assert_eq!(
            upsert("things", &columns, 7, &Held::YieldsToLater),
            "insert into things as held (id, mass) select given.id, given.mass / 2 \
             from unnest($7::uuid[], $8::bigint[]) as given(id, mass) \
             on conflict (id) do update set mass = excluded.mass where held.version < excluded.version"
        );
    }
}
