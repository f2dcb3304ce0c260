//! A faithful simulator of Mintsoft (and of a shop), used by the demo, the tests and the benchmarks.
