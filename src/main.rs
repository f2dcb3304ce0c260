//! The `ledger` command: parses its words and hands over to the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    logistics_ledger::cli::main()
}
