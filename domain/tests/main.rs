//! What holds for every history (properties), and what is stored for ever (golden payloads, the catalogue).

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

mod event_docs;
mod golden;
mod properties;
mod samples;
mod status_docs;
mod status_rows;
mod timeline;
mod worlds;
