//! What is stored for ever (golden payloads, the catalogue).

#![expect(clippy::unwrap_used, reason = "a test may stop at the first surprise, in its helpers too")]

mod event_docs;
mod golden;
mod samples;
