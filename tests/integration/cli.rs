//! Integration tests of the command line: the real program, typed at as a user does.

mod erasing;
mod histories;
mod inboxes;
mod keys;
mod people;
mod restoring;
mod rotation;
mod setting_up;
mod syncing;
pub mod terminal;
mod words;
