//! The catalogue of events: what each means, when it is made and by which sources, field by field. The page
//! `docs/events.md` is made from it, and tests hold it against the events themselves. Nothing is decided here.

mod acted;
mod beside;
mod observed;
mod shapes;

pub use beside::{METADATA, REFUSALS};
pub use shapes::SHAPES;

use crate::provenance::Source;

/// One event of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The name under which it is stored.
    pub name: &'static str,
    /// The version that is written today.
    pub version: &'static str,
    /// What it means, in one sentence.
    pub meaning: &'static str,
    /// When it is made.
    pub when: &'static str,
    /// Which sources make it.
    pub sources: &'static [Source],
    /// Its fields.
    pub fields: &'static [Field],
}

/// One field, of an event or of a shape within events.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Its name in JSON.
    pub name: &'static str,
    /// Its type: a JSON type, or a [`Shape`] by name. A trailing `?` means that it may be null.
    pub kind: &'static str,
    /// What it means, with its unit.
    pub meaning: &'static str,
}

/// A structure that several events carry.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    /// Its name.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// Its fields.
    pub fields: &'static [Field],
}

/// Every event, in the order of an order's life.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    observed::ENTRIES.iter().chain(acted::ENTRIES)
}

const fn field(name: &'static str, kind: &'static str, meaning: &'static str) -> Field {
    Field { name, kind, meaning }
}

/// Whoever has the order read upstream. A person does by asking for a cancellation, whose end is read, and by a link, whose
/// order is looked for.
const READERS: &[Source] = &[
    Source::ShopWebhook,
    Source::ConnectAction,
    Source::Poll,
    Source::Recheck,
    Source::Refresh,
    Source::User,
    Source::Operator,
];
