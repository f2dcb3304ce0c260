//! The `ledger` command: parses its words and hands over to the library.

fn main() {}
