//! The command line: its words, and what each one runs.
