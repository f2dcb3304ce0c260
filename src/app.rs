//! The one place where the parts are joined into a running service.
