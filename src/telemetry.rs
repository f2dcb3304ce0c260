//! Tracing set-up: what is logged, in which form, and what never is.
