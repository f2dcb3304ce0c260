//! Integration tests of the room `sync`: the sources against a sandbox that plays Mintsoft.

mod backlog;
mod beginnings;
mod callbacks;
mod chosen;
mod clocks;
mod doubts;
mod erasures;
mod failing;
mod forgotten;
mod joining;
mod links;
mod moving;
mod names;
mod narrowed;
mod overdue;
mod overruled;
mod parts;
mod polling;
mod quirks;
mod reasons;
mod rereads;
mod runs;
mod searches;
mod shipments;
mod undone;
mod vanished;
